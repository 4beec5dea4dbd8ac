"""What is measured of scoring large files."""

from ops.bench.measure import ResourceUsage
from ops.bench.scoring import MODELS, measure_scoring


def test_each_model_scores_the_small_table_and_one_the_large_one(played, rows_of, write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write("clone/params.yaml", "ingest:\n  source: small.csv\n")
    usage = ResourceUsage(2.0, 3.0, 400, "")
    command = f"python -m ops.score {tmp_path}/large.csv -o {tmp_path}/decisions.parquet --model models/{{}}.joblib"
    usages = {command.format(model): usage for model in MODELS}
    project = played({"source": ResourceUsage(1.0, 1.0, 1, ""), **usages}, rows=[1_000, 4_000])

    def run(command: str, times: int = 1) -> ResourceUsage:
        write("large.csv", "x")  # which the command before the scoring makes
        return type(project).run(project, command, times)

    rows = rows_of(measure_scoring(_Making(project, run)))
    for model in MODELS:
        assert f"{model} 1,000 2.0 3.0 500 400".split() in rows
    assert "scorecard 4,000 2.0 3.0 2,000 400".split() in rows


class _Making:
    """A bench whose commands make the large table."""

    def __init__(self, bench, run) -> None:
        self._bench, self.run = bench, run

    def __getattr__(self, name: str):
        return getattr(self._bench, name)
