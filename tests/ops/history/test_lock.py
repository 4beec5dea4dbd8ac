"""What dvc.lock says."""

import subprocess

import pytest

from credit.core.errors import InputError
from ops.history.lock import families, inputs, is_complete, md5_of, other_deps, outputs, read_yaml, sources, training

CODE = [{"path": "code.py", "md5": "7"}, {"path": "rooms/core", "md5": "8.dir"}]
LOCK = {
    "schema": "2.0",
    "stages": {
        "ingest": {"deps": [{"path": "raw.csv", "md5": "1"}], "outs": [{"path": "data.parquet", "md5": "2"}]},
        "train@lr": {
            "deps": [{"path": "data.parquet", "md5": "2"}, *CODE],
            "params": {"params.yaml": {"train.lr": {"C": [0.1]}, "seed": 3}},
            "outs": [{"path": "lr.joblib", "md5": "3"}],
        },
        "evaluate": {"deps": [{"path": "lr.joblib", "md5": "3"}, *CODE]},
    },
}
PARAMS = {"seed": 3, "train": {"lr": {"C": [0.1]}, "dt": {}}}
FILES = ("dvc.lock", "params.yaml", "dvc.yaml")
STAGES = ("ingest", "train", "evaluate")


def with_stages(**stages: dict) -> dict:
    """Give the lock with more stages."""
    return {**LOCK, "stages": {**LOCK["stages"], **stages}}


def changed(stage: str, kind: str, path: str) -> dict:
    """Give the lock with another digest in one place."""
    entry = LOCK["stages"][stage]
    return with_stages(
        **{stage: {**entry, kind: [{**file, "md5": "new"} if file["path"] == path else file for file in entry[kind]]}}
    )


def test_files_have_their_digests_and_sources_are_what_no_stage_wrote():
    assert outputs({}) == inputs({}) == {}
    code = {"code.py": "7", "rooms/core": "8.dir"}
    assert inputs(LOCK) == {"raw.csv": "1", "data.parquet": "2", **code, "lr.joblib": "3"}
    assert outputs(LOCK) == {"data.parquet": "2", "lr.joblib": "3"}
    of_folder = [{"path": "data/oof", "md5": "0.dir"}, {"path": "https://host/a", "etag": "x"}]
    report = {"deps": [*of_folder, {"path": "s3://b", "checksum": "y"}]}
    report["outs"] = [{"path": "data/oof/lr.parquet", "md5": "9"}]
    assert sources(with_stages(report=report)) == {"raw.csv": "1", **code, "https://host/a": "x", "s3://b": "y"}


def test_a_training_the_blends_too_is_identified_by_all_that_went_in_and_came_out():
    blend = {"deps": [{"path": "lr.json", "md5": "4"}], "outs": [{"path": "blend.joblib", "md5": "5"}]}
    lock = with_stages(blend=blend, blender=blend)
    assert families(lock) == ["lr", "blend"]
    known = training(LOCK, "lr")
    assert known == training(changed("evaluate", "deps", "code.py"), "lr") == training(lock, "lr")
    assert known != training(changed("train@lr", "deps", "code.py"), "lr")
    assert known != training(changed("train@lr", "outs", "lr.joblib"), "lr")
    assert training(lock, "blend") != training(with_stages(blend={**blend, "outs": []}), "blend")


def test_a_run_to_the_end_is_complete():
    assert is_complete(LOCK, {**PARAMS, "unused": 1}, STAGES)
    assert not is_complete(LOCK, PARAMS, [*STAGES, "report"])
    for params in ({**PARAMS, "seed": 4}, {"train": PARAMS["train"]}, {**PARAMS, "train": None}):
        assert not is_complete(LOCK, params, STAGES)


@pytest.mark.parametrize(
    ("stage", "kind", "path"),
    [
        ("ingest", "outs", "data.parquet"),  # ingest ran anew, train did not yet
        ("train@lr", "deps", "code.py"),  # train ran with new code, evaluate not yet
        ("train@lr", "deps", "rooms/core"),
    ],
)
def test_a_run_in_the_middle_is_not_complete(stage, kind, path):
    assert not is_complete(changed(stage, kind, path), PARAMS, STAGES)


GRAPH = {
    "stages": {
        "ingest": {"deps": ["${ingest.source}"]},
        "train": {
            "matrix": {"model": ["lr", "dt"]},
            "deps": ["code.py", "data.parquet"],
            "outs": ["${item.model}.joblib"],
        },
        "evaluate": {"deps": ["code.py", "${model}.joblib"]},
    }
}


def test_a_stage_that_reads_other_files_with_the_params_of_now_is_named():
    params = {"model": "lr", "ingest": {"source": "raw.csv"}}
    assert other_deps(LOCK, params, GRAPH) == {}
    assert other_deps(LOCK, params, {}) == {}
    changed = {"model": "dt", "ingest": {"source": "new.csv"}}
    assert other_deps(LOCK, changed, GRAPH) == {"ingest": ["new.csv"], "evaluate": ["dt.joblib"]}
    train = {"matrix": {"model": ["lr", "dt"]}, "deps": ["plan_of_${item.model}.json", "code.py"]}
    assert other_deps(LOCK, params, {"stages": {"train": train}}) == {"train@lr": ["plan_of_lr.json"]}


def test_the_committed_stages_read_the_files_that_the_params_name(repository):
    lock, params, graph = (read_yaml((repository / name).read_bytes(), name) for name in FILES)
    assert other_deps(lock, params, graph) == {}
    other = "xgb" if params["model"] != "xgb" else "rf"
    assert f"models/{other}.joblib" in other_deps(lock, params | {"model": other}, graph)["evaluate"]


OOF = {"lr.parquet": "9", "deep/dt.parquet": "8"}
OF_OOF = "[{'md5': '8', 'relpath': 'deep/dt.parquet'}, {'md5': '9', 'relpath': 'lr.parquet'}]".replace("'", '"')


@pytest.mark.parametrize(
    ("folder", "complete"),
    [
        ({"md5": f"{md5_of(OF_OOF.encode())}.dir", "nfiles": 2}, True),
        ({"md5": "old.dir", "nfiles": 2}, False),
        ({"md5": "old.dir", "nfiles": 1}, False),  # a family has come since
        ({"md5": "old.dir", "nfiles": 3}, True),  # it holds more than outputs: nobody can tell
        ({}, False),
    ],
)
def test_a_folder_that_was_read_holds_what_others_made_in_it(folder, complete):
    outs = [{"path": f"data/oof/{name}", "md5": md5} for name, md5 in OOF.items()]
    added = {"train@dt": {"outs": outs}, "blend": {"deps": [{"path": "data/oof", **folder}]}}
    assert is_complete(with_stages(**added), PARAMS, STAGES) is complete


def test_the_committed_run_of_this_repository_is_complete(repository):
    def committed(name: str) -> dict:
        text = subprocess.run(["git", "show", f"HEAD:{name}"], cwd=repository, capture_output=True, check=True).stdout
        return read_yaml(text, name)

    assert is_complete(committed("dvc.lock"), committed("params.yaml"), committed("dvc.yaml")["stages"])


def test_yaml_that_is_none_is_refused_with_its_place():
    assert read_yaml(b"", "a") == {}
    with pytest.raises(InputError, match=r"^dvc\.lock of 1234567: expected YAML, got a fault: [^\n]*line 2"):
        read_yaml(b"<<<<<<< HEAD\na: 1\n=======\na: 2", "dvc.lock of 1234567")
    with pytest.raises(InputError, match="expected a YAML mapping, got a list"):
        read_yaml(b"- 1", "dvc.lock")
    with pytest.raises(InputError, match="expected YAML"):
        read_yaml(b"a: \xff", "dvc.lock")
