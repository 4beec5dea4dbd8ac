"""The program that says where the model card comes from."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops import lineage

DATA, MODEL = b"rows", b"weights"
CONTENT = {"d": DATA, "m": MODEL}
MD5 = {name: hashlib.md5(content, usedforsecurity=False).hexdigest() for name, content in CONTENT.items()}
SHA = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()}
LOCK = f"""\
schema: '2.0'
stages:
  eda:
    outs: [{{path: data.parquet, md5: {MD5["d"]}}}]
  train:
    outs: [{{path: model.joblib, md5: {MD5["m"]}}}]
  check: {{cmd: nothing is written}}
"""
CARD = f"""\
| file | MD5 | SHA-256 |
| --- | --- | --- |
| `data.parquet` | `{MD5["d"]}` | `{SHA["d"]}` |
| `model.joblib` | `{MD5["m"]}` | `{SHA["m"]}` |
"""


def git(*arguments: str) -> str:
    identity = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.org"]
    return subprocess.run(["git", *identity, *arguments], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def clone(tmp_path, monkeypatch, write):
    """Commit a card and a lock that agree, beside the files that they name."""
    monkeypatch.chdir(tmp_path)
    write("dvc.lock", LOCK)
    write("models/MODEL_CARD.md", CARD)
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "-m", "a card")
    write("data.parquet", DATA)
    write("model.joblib", MODEL)


def run(capsys: pytest.CaptureFixture) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        lineage.main()
    return ended.value.code, capsys.readouterr().out


def test_it_prints_the_commit_and_the_digest_of_the_lock(clone, capsys):
    code, printed = run(capsys)
    assert code == 0
    assert printed.splitlines() == [
        f"commit of models/MODEL_CARD.md: {git('rev-parse', 'HEAD')}",
        f"SHA-256 of dvc.lock: {hashlib.sha256(LOCK.encode()).hexdigest()}",
        "all 2 files are as the card says",
    ]


def test_a_file_that_is_not_here_is_compared_by_the_lock(clone, capsys):
    Path("model.joblib").unlink()
    assert run(capsys)[0] == 0


def test_a_file_that_differs_is_named(clone, capsys):
    Path("model.joblib").write_bytes(b"other weights")
    code, printed = run(capsys)
    assert code == 1
    assert f"model.joblib: the card has SHA-256 {SHA['m']}, the file here " in printed
    assert "data.parquet" not in printed


def test_a_lock_that_differs_is_named_and_the_change_since_the_commit_told(clone, capsys):
    changed = LOCK.replace(MD5["d"], "f" * 32).replace("model.joblib", "other.joblib")
    Path("dvc.lock").write_text(changed, encoding="utf-8")
    code, printed = run(capsys)
    assert code == 1
    assert f"data.parquet: the card has MD5 {MD5['d']}, dvc.lock has {'f' * 32}" in printed
    assert f"model.joblib: the card has MD5 {MD5['m']}, dvc.lock has no such output" in printed
    assert "(changed since: dvc.lock)" in printed


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("models/MODEL_CARD.md", "# A card\n", "models/MODEL_CARD.md: expected a table of files with their digests"),
        ("dvc.lock", None, "dvc.lock: expected a YAML file, got no such file"),
        ("models/MODEL_CARD.md", None, "No such file or directory: 'models/MODEL_CARD.md'"),
    ],
)
def test_without_a_card_or_a_lock_it_ends_with_one_line(clone, name, content, message):
    Path(name).unlink()
    if content:
        Path(name).write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit, match=message):
        lineage.main()


def test_it_runs_as_a_program(clone, repository):
    found = subprocess.run(
        [sys.executable, "-m", "ops.lineage"],
        env={**os.environ, "PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith("commit of models/MODEL_CARD.md: ")
