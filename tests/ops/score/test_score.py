"""`python -m ops.score`: a row for each row, the PDs of the model, and nothing of a model that nobody recorded."""

import hashlib
import io
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import yaml

from credit.core.columns import LINE
from credit.io.files import read_model, read_parquet
from ops.score.__main__ import main

pytestmark = pytest.mark.slow
MODEL, TRAIN, TEST = "models/best.joblib", "data/processed/train.parquet", "data/processed/test.parquet"


@pytest.fixture
def project(graph, tmp_path, monkeypatch) -> Path:
    """Give a copy of what scoring reads of the small graph, with a dvc.lock that records its model."""
    root = graph.until("select_best").root
    for name in ("params.yaml", "data/dictionary.yaml", MODEL, TRAIN, TEST):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, tmp_path / name)
    shutil.copyfile(root / "applications.csv", tmp_path / "applications.csv")
    md5 = hashlib.md5((tmp_path / MODEL).read_bytes(), usedforsecurity=False).hexdigest()
    lock = {"stages": {"select_best": {"outs": [{"path": MODEL, "md5": md5}]}}}
    (tmp_path / "dvc.lock").write_text(yaml.safe_dump(lock), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_row_gets_the_decision_of_the_model_whatever_is_written(project, capsys):
    for output in ("d.parquet", "d.csv", "d.jsonl"):
        main(["applications.csv", "-o", output])
    of_parquet, of_csv = pd.read_parquet("d.parquet"), pd.read_csv("d.csv", dtype=str)
    of_json = pd.DataFrame(map(json.loads, Path("d.jsonl").read_text(encoding="utf-8").splitlines()))
    assert of_parquet["pd"].tolist() == of_csv["pd"].map(float).tolist() == of_json["pd"].tolist()
    assert of_parquet["line"].tolist() == list(range(2, 252))
    applicants = pd.concat(map(read_parquet, (TRAIN, TEST)))
    model = read_model(MODEL)
    expected = model.predict_proba(applicants[list(model.feature_names_in_)])[:, 1]
    found = of_parquet.set_index("line").loc[applicants[LINE].astype(int)]
    assert found["pd"].to_numpy() == pytest.approx(expected, abs=1e-12)
    assert (found["proposal"] == "reject").tolist() == (expected >= model.threshold).tolist()
    said = capsys.readouterr().out
    assert "250 rows: 250 scored, 0 cannot be scored" in said
    assert "PSI" in said


def test_rows_that_cannot_be_scored_keep_their_place_and_say_why(project):
    table = pd.read_csv("applications.csv", dtype=str).head(3)
    table.loc[1] = "?"
    table.loc[2, "laufzeit"] = "999"
    table.to_csv("some.csv", index=False)
    main(["some.csv", "-o", "d.csv", "--reasons", "all"])
    decisions = pd.read_csv("d.csv", keep_default_na=False)
    assert decisions["line"].tolist() == [2, 3, 4]
    assert decisions["cannot_be_scored"].tolist() == ["", "no value in it is known", ""]
    assert decisions.loc[1, ["proposal", "pd", "reason_1"]].tolist() == ["", "", ""]
    assert decisions["not_valid"].tolist() == ["", "", "duration"]
    assert decisions.loc[[0, 2], "reason_1"].str.endswith(" points)").all()


def test_standard_input_and_output_give_what_files_give(project, monkeypatch, capsysbinary):
    main(["applications.csv", "-o", "d.csv", "--reasons", "none"])
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(Path("applications.csv").read_bytes())))
    capsysbinary.readouterr()
    main(["-", "-o", "-"])
    printed = capsysbinary.readouterr()
    assert printed.out == Path("d.csv").read_bytes()
    assert b"250 rows" in printed.err


def test_a_folder_is_scored_part_by_part_and_only_what_is_new(project, capsys):
    table = pd.read_csv("applications.csv", dtype=str)
    Path("parts").mkdir()
    table[:100].to_csv("parts/a.csv", index=False)
    table[100:].to_csv("parts/b.csv", index=False)
    main(["parts", "-o", "out", "--format", "csv"])
    main(["applications.csv", "-o", "whole.csv"])
    capsys.readouterr()
    parts = [pd.read_csv(f"out/{name}.csv.csv") for name in "ab"]
    assert pd.concat(parts)["pd"].tolist() == pd.read_csv("whole.csv")["pd"].tolist()
    before = {name: Path(f"out/{name}.csv.csv").stat().st_mtime_ns for name in "ab"}
    table[100:150].to_csv("parts/b.csv", index=False)
    main(["parts", "-o", "out", "--format", "csv"])
    after = {name: Path(f"out/{name}.csv.csv").stat().st_mtime_ns for name in "ab"}
    assert (after["a"] == before["a"], after["b"] == before["b"]) == (True, False)
    assert "150 rows: 150 scored" in capsys.readouterr().out


def test_a_file_that_cannot_be_read_to_its_end_leaves_no_decisions(project):
    text = Path("applications.csv").read_text(encoding="utf-8")
    Path("cut.csv").write_text(text + "1,2\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"cut.csv, line 252: expected 21 cells"):
        main(["cut.csv", "-o", "d.csv"])
    assert not list(project.glob("*d.csv*"))


def test_a_table_without_a_required_column_is_refused(project):
    pd.read_csv("applications.csv", dtype=str).drop(columns="laufzeit").to_csv("less.csv", index=False)
    with pytest.raises(SystemExit, match=r"less.csv, line 1: expected the required column 'laufzeit' \(duration\)"):
        main(["less.csv", "-o", "d.csv"])


@pytest.mark.parametrize("change", ["tampered", "absent", "unrecorded"])
def test_a_model_that_the_graph_did_not_record_is_not_unpickled(project, capsys, monkeypatch, change):
    match change:
        case "tampered":
            Path(MODEL).write_bytes(Path(MODEL).read_bytes() + b"x")
        case "absent":
            Path(MODEL).unlink()
        case "unrecorded":
            Path("dvc.lock").unlink()
    monkeypatch.setattr("joblib.load", lambda _: pytest.fail("a byte of it was unpickled"))
    with pytest.raises(SystemExit) as ended:
        main(["applications.csv", "-o", "d.csv"])
    assert ended.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
