"""The same queries give the same rows on SQLite and on PostgreSQL."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import NullPool, create_engine, text

if TYPE_CHECKING:
    from mlflow import MlflowClient

pytestmark = [
    pytest.mark.slow,
    # mlflow 3.17.2 opens its tables in ways that SQLAlchemy 2.1 and alembic 1.20 have deprecated
    pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:No path_separator found in configuration:DeprecationWarning"),
]

HEADLINE = "auc gini ks accuracy precision recall f1 brier cost threshold".split()
DATA, OTHER_DATA = "3f" * 16, "77" * 16
Query = Callable[..., list[dict]]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def uri(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('queries') / 'mlflow.db'}"
    return request.getfixturevalue("postgres").create_database("queries")


@pytest.fixture(scope="module")
def runs(uri: str) -> dict[str, str]:
    """Write what the mirror writes, and what is not to be found; give the run of each name."""
    from mlflow import MlflowClient

    client = MlflowClient(uri, registry_uri=uri)
    experiment = client.create_experiment("credit-risk", artifact_location="/nowhere")
    elsewhere = client.create_experiment("another", artifact_location="/nowhere")
    found = {
        "first": revision(client, experiment, 1, commit="c1", auc=0.79, family="rf"),
        "sweep": revision(client, experiment, 2, commit="c2", auc=0.80, family="xgb", experiment="spicy-cony"),
        "other data": revision(client, experiment, 3, commit="c3", auc=0.81, family="xgb", data_digest=OTHER_DATA),
        "deleted": revision(client, experiment, 4, commit="c4", auc=0.99, family="xgb"),
        "elsewhere": revision(client, elsewhere, 5, commit="c5", auc=0.98, family="xgb"),
        "bare": client.create_run(experiment, 6, {"credit.kind": "revision", "credit.commit": "c6"}).info.run_id,
    }
    client.log_metric(found["bare"], "auc", float("nan"), step=0)
    for parent, name, auc, brier in [
        ("first", "rf", 0.781, 0.164),
        ("first", "xgb", 0.784, 0.163),
        ("sweep", "xgb", 0.784, 0.162),  # as good, and better calibrated
        ("sweep", "rf", 0.780, 0.160),
        ("deleted", "rf", 0.999, 0.001),
        ("elsewhere", "rf", 0.998, 0.002),
    ]:
        found[f"{name} of {parent}"] = family(client, found[parent], name, auc, brier)
    unmeasured = {"credit.kind": "family", "credit.family": "svc", "mlflow.parentRunId": found["first"]}
    client.create_run(experiment, tags=unmeasured)
    family(client, found["first"], "rf", 0.99, 0.01, judged_on="earlier folds", time=1)
    gone = family(client, found["first"], "rf", 0.997, 0.003)
    client.delete_run(gone)
    client.delete_run(found["deleted"])
    return found


def revision(client: "MlflowClient", where: str, time: int, *, commit: str, auc: float, **tags: str) -> str:
    own = {"kind": "revision", "commit": commit, "baseline": "main", "digest": commit * 32, "data_digest": DATA, **tags}
    run = client.create_run(where, time, {f"credit.{name}": value for name, value in own.items()}).info.run_id
    for place, metric in enumerate(HEADLINE):
        client.log_metric(run, metric, auc if metric == "auc" else place / 100, timestamp=0, step=0)
    for name, value in {"model": "best", "seed": 7, "train.xgb.max_depth": "[2, 3, 4]"}.items():
        client.log_param(run, name, value)
    return run


def family(
    client: "MlflowClient", parent: str, name: str, auc: float, brier: float, judged_on: str = "folds", time: int = 2
) -> str:
    tags = {"credit.kind": "family", "credit.family": name, "mlflow.parentRunId": parent, "credit.judged_on": judged_on}
    run = client.create_run(client.get_run(parent).info.experiment_id, time, tags).info.run_id
    for metric, value in {"oof_auc": auc, "oof_brier": brier, "oof_cost": 0.55, "cutoff": 0.18}.items():
        client.log_metric(run, metric, value, step=0)
    return run


@pytest.fixture
def query(uri: str, runs: dict[str, str], repository: Path) -> Query:
    """Run a query of the file by its name."""
    parts = (repository / "ops/mlflow_server/queries.sql").read_text(encoding="utf-8").split("\n-- name: ")[1:]
    statements = {name: statement for name, _, statement in (part.partition("\n") for part in parts)}

    def ask(name: str, **parameters: str) -> list[dict]:
        with create_engine(uri, poolclass=NullPool).connect() as connection:
            return [dict(row) for row in connection.execute(text(statements[name]), parameters).mappings()]

    return ask


def test_a_revision_is_one_row_with_lineage_metrics_and_params(query: Query, runs):
    rows = query("runs")
    assert [row["run_id"] for row in rows] == [runs[name] for name in ("first", "sweep", "other data", "bare")]
    assert rows[0] == {
        **{metric: 0.79 if metric == "auc" else place / 100 for place, metric in enumerate(HEADLINE)},
        "run_id": runs["first"],
        "git_commit": "c1",
        "experiment": None,
        "baseline": "main",
        "digest": "c1" * 32,
        "data_digest": DATA,
        "family": "rf",
        "params": "model=best; seed=7; train.xgb.max_depth=[2, 3, 4]",
    }
    assert rows[1]["experiment"] == "spicy-cony"
    assert [rows[-1][name] for name in ("git_commit", "auc", "params")] == ["c6", None, None]  # it has no results


def test_the_best_of_a_family_is_found_out_of_fold_among_those_judged_alike(query: Query, runs):
    columns = ("family", "run_id", "oof_auc", "oof_brier", "oof_cost", "cutoff", "git_commit")
    assert [tuple(row[column] for column in columns) for row in query("best_of_each_family")] == [
        ("xgb", runs["xgb of sweep"], 0.784, 0.162, 0.55, 0.18, "c2"),
        ("rf", runs["rf of first"], 0.781, 0.164, 0.55, 0.18, "c1"),
    ]


def test_the_runs_of_some_data_are_found(query: Query, runs):
    found = query("runs_of_data", data_digest=DATA)
    assert [(row["run_id"], row["git_commit"], row["experiment"], row["auc"]) for row in found] == [
        (runs["first"], "c1", None, 0.79),
        (runs["sweep"], "c2", "spicy-cony", 0.80),
    ]
    assert [row["git_commit"] for row in query("runs_of_data", data_digest=OTHER_DATA)] == ["c3"]
    assert query("runs_of_data", data_digest="none") == []
