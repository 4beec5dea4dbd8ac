"""The program that says where the model card comes from."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from ops import lineage

CARD = "models/MODEL_CARD.md"
DATA, MODEL, DICTIONARY = b"rows", b"weights", b"columns: {}\n"
CONTENT = {"d": DATA, "m": MODEL}
MD5 = {name: hashlib.md5(content, usedforsecurity=False).hexdigest() for name, content in CONTENT.items()}
SHA = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()}
ROWS = f"""\
| file | MD5 | SHA-256 |
| --- | --- | --- |
| `data.parquet` | `{MD5["d"]}` | `{SHA["d"]}` |
| `model.joblib` | `{MD5["m"]}` | `{SHA["m"]}` |
"""
PARAMS = "seed: 3\ntrain: {lr: {C: [1.0]}}\nunused: 1\n"
GRAPH = "stages: {eda: {}, train: {}, card: {}}\n"
NO_COMMIT = "none up to HEAD (not committed)"


def md5_of(content: str | bytes) -> str:
    return hashlib.md5(content.encode() if isinstance(content, str) else content, usedforsecurity=False).hexdigest()


def lock_of(card: str, *, seed: int = 3) -> str:
    return f"""\
schema: '2.0'
stages:
  eda:
    deps: [{{path: data/dictionary.yaml, md5: {md5_of(DICTIONARY)}}}, {{path: 'https://example.org/a', etag: b}}]
    params: {{params.yaml: {{seed: {seed}}}}}
    outs: [{{path: data.parquet, md5: {MD5["d"]}}}]
  train@lr:
    deps: [{{path: data.parquet, md5: {MD5["d"]}}}]
    params: {{params.yaml: {{seed: {seed}, train.lr: {{C: [1.0]}}}}}}
    outs: [{{path: model.joblib, md5: {MD5["m"]}}}]
  card:
    outs: [{{path: {CARD}, md5: {md5_of(card)}}}]
"""


LOCK = lock_of(ROWS)


def git(*arguments: str) -> str:
    identity = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.org"]
    return subprocess.run(["git", *identity, *arguments], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def save(write):
    """Commit one file and name the commit."""

    def commit(name: str, content: str) -> str:
        write(name, content)
        git("add", name)
        git("commit", "--quiet", "-m", name)
        return git("rev-parse", "HEAD")

    return commit


@pytest.fixture
def clone(tmp_path, monkeypatch, write):
    """Commit a card and all that it was made with, beside the files that it names."""
    monkeypatch.chdir(tmp_path)
    write("dvc.lock", LOCK)
    write(CARD, ROWS)
    write("params.yaml", PARAMS)
    write("dvc.yaml", GRAPH)
    write("data/dictionary.yaml", DICTIONARY)
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "-m", "a card")
    write("data.parquet", DATA)
    write("model.joblib", MODEL)


def run(capsys: pytest.CaptureFixture) -> tuple[int, list[str]]:
    with pytest.raises(SystemExit) as ended:
        lineage.main()
    return ended.value.code, capsys.readouterr().out.splitlines()


def named(printed: list[str]) -> str:
    """Give the commit that was printed."""
    return printed[0].removeprefix(f"commit with this {CARD} and this dvc.lock: ")


def test_it_prints_the_commit_and_the_digest_of_the_lock(clone, capsys):
    code, printed = run(capsys)
    assert code == 0
    assert printed == [
        f"commit with this {CARD} and this dvc.lock: {git('rev-parse', 'HEAD')}",
        f"SHA-256 of dvc.lock: {hashlib.sha256(LOCK.encode()).hexdigest()}",
        "files of the card: 2 compared",
        "no difference found",
    ]


def test_the_commit_is_the_newest_with_both_this_card_and_this_lock(clone, save, write, capsys):
    first = named(run(capsys)[1])
    newest = save("README.md", "more")
    assert named(run(capsys)[1]) == newest != first
    later = save("dvc.lock", LOCK + "  # a stage that the card does not know\n")
    assert named(run(capsys)[1]) == later
    write("dvc.lock", LOCK)
    code, printed = run(capsys)
    assert (code, named(printed)) == (0, newest)
    assert "not as in the last commit: dvc.lock" in printed


def test_a_card_and_a_lock_that_are_in_no_commit_together_have_none(clone, write, capsys):
    head = git("rev-parse", "HEAD")
    git("update-ref", "-d", "HEAD")
    code, printed = run(capsys)
    assert (code, named(printed)) == (0, NO_COMMIT)
    git("update-ref", "HEAD", head)
    write(CARD, ROWS + "\nLater.\n")
    write("dvc.lock", lock_of(ROWS + "\nLater.\n"))
    git("commit", "--quiet", "--all", "-m", "both")
    write("dvc.lock", LOCK)
    assert named(run(capsys)[1]) == NO_COMMIT


def test_a_run_not_yet_committed_has_no_commit_and_no_fault(clone, write, capsys):
    write(CARD, ROWS + "\nAnother.\n")
    write("params.yaml", PARAMS.replace("seed: 3", "seed: 4"))
    write("dvc.lock", lock_of(ROWS + "\nAnother.\n", seed=4))
    code, printed = run(capsys)
    assert (code, named(printed), printed[-1]) == (0, NO_COMMIT, "no difference found")
    assert f"not as in the last commit: dvc.lock, {CARD}, params.yaml" in printed


def test_a_file_that_differs_is_named_and_one_that_is_not_here_is_no_fault(clone, write, capsys):
    write("model.joblib", b"other weights")
    code, printed = run(capsys)
    assert code == 1
    assert printed[3:] == [
        f"model.joblib: the card has SHA-256 {SHA['m']}, the file here {hashlib.sha256(b'other weights').hexdigest()}"
    ]
    Path("model.joblib").unlink()
    code, printed = run(capsys)
    assert code == 0
    assert "files of the card: 1 compared, 1 not here (dvc checkout, dvc pull)" in printed


def test_a_lock_that_differs_is_named(clone, write, capsys):
    write("dvc.lock", LOCK.replace(MD5["d"], "f" * 32).replace("model.joblib", "other.joblib"))
    code, printed = run(capsys)
    assert code == 1
    assert "not as in the last commit: dvc.lock" in printed
    assert printed[-2:] == [
        f"data.parquet: the card has MD5 {MD5['d']}, dvc.lock has {'f' * 32}",
        f"model.joblib: the card has MD5 {MD5['m']}, dvc.lock has no such output",
    ]


@pytest.mark.parametrize("committed", [False, True])
def test_a_card_edited_by_hand_is_told_committed_or_not(clone, save, write, capsys, committed):
    edited = ROWS + "\nBetter than it is.\n"
    (save if committed else write)(CARD, edited)
    code, printed = run(capsys)
    assert code == 1
    assert printed[-1] == f"{CARD}: dvc.lock has MD5 {md5_of(ROWS)}, the file here {md5_of(edited)}"
    assert (named(printed) == NO_COMMIT) is not committed


NOT_RUN = "dvc.lock: not every stage of dvc.yaml ran, or not on what the others made: run `dvc repro`"
OTHER = "dvc.lock was made with another {}: run `dvc repro`"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("params.yaml", "train: {lr: {C: [2.0]}}\n", OTHER.format("seed in params.yaml, train.lr in params.yaml")),
        ("data/dictionary.yaml", "columns: {age: {}}\n", OTHER.format("data/dictionary.yaml")),
        ("dvc.yaml", GRAPH.replace("card: {}", "card: {}, report: {}"), NOT_RUN),
        ("dvc.lock", LOCK.replace("deps: [{path: data.parquet, md5: ", "deps: [{path: data.parquet, md5: 0"), NOT_RUN),
        ("params.yaml", PARAMS.replace("unused: 1", "unused: 2  # no stage used it"), ""),
    ],
)
def test_what_the_lock_was_made_with_is_compared(clone, write, capsys, name, content, told):
    write(name, content)
    code, printed = run(capsys)
    assert code == (1 if told else 0)
    last = told or "no difference found"
    assert printed[2:] == [f"not as in the last commit: {name}", "files of the card: 2 compared", last]


def test_a_model_that_changed_while_the_graph_ran_is_told_as_dvc_tells_it(clone, write, capsys):
    """DVC reads params.yaml anew when a stage has ended, but what the stage reads, when the run begins."""
    write("dvc.yaml", "stages: {eda: {}, train: {}, card: {deps: ['${model}.joblib']}}\n")
    write("params.yaml", PARAMS + "model: lr\n")
    write("dvc.lock", f"{LOCK}    deps: [{{path: best.joblib, md5: a}}]\n    params: {{params.yaml: {{model: lr}}}}\n")
    told = "dvc.lock: card did not read lr.joblib, as dvc.yaml and params.yaml say: run `dvc repro`"
    assert run(capsys)[0] == 1
    assert run(capsys)[1][-1] == told
    write("params.yaml", PARAMS + "model: best\n")
    assert told.replace("lr.joblib", "best.joblib") not in run(capsys)[1]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (CARD, "# A card\n", f"^{CARD}: expected a table of files with their digests"),
        ("dvc.lock", "- a list\n", "^dvc.lock: expected a YAML mapping, got a list$"),
        ("dvc.lock", None, "^dvc.lock: expected a file to read, got: No such file or directory$"),
        (CARD, None, f"^{CARD}: expected a file to read, got: No such file or directory$"),
    ],
)
def test_without_a_card_or_a_lock_it_ends_with_one_line(clone, write, name, content, message):
    Path(name).unlink()
    if content:
        write(name, content)
    with pytest.raises(SystemExit, match=message):
        lineage.main()
