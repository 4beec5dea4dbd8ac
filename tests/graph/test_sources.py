"""A folder and an address as `ingest.source`: DVC follows what is there, not when it was written."""

import hashlib
import os
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pyarrow.parquet
import pytest

pytestmark = pytest.mark.graph
INGESTED = "data/interim/ingested.parquet"


@pytest.fixture(scope="module")
def daily_batches(small_project, tmp_path_factory):
    """Give the small project with its applicants in three files of a folder that DVC keeps, ingested and committed."""
    project = small_project.copy_to(tmp_path_factory.mktemp("daily") / "project")
    header, *rows = (project.root / "applications.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (project.root / "daily/june").mkdir(parents=True)
    for name, some in {"1.csv": rows[:100], "2.csv": rows[100:200], "june/3.csv": rows[200:]}.items():
        (project.root / "daily" / name).write_text("".join([header, *some]), encoding="utf-8")
    project.edit_params(lambda params: params["ingest"].update(source="daily"))
    project.dvc("add", "daily")
    project.dvc("repro", "ingest")
    project.commit("daily batches")
    return project


@pytest.fixture
def daily(daily_batches, tmp_path):
    """Give a copy of it to change."""
    return daily_batches.copy_to(tmp_path / "daily")


class Lender(SimpleHTTPRequestHandler):
    """Serves the files of a directory, each with an ETag of its content, as stores and web servers do."""

    def end_headers(self) -> None:
        path = Path(self.translate_path(self.path))
        if path.is_file():
            self.send_header("ETag", f'"{hashlib.sha256(path.read_bytes()).hexdigest()}"')
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address(project) -> Iterator[str]:
    """Serve the small project's directory on loopback; give the address of its applicants."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Lender, directory=str(project.root)))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/applications.csv"
    server.shutdown()
    thread.join()
    server.server_close()


def status(project) -> str:
    return project.dvc("status", "ingest")


def ingested(project) -> list[dict]:
    return pyarrow.parquet.read_table(project.root / INGESTED).to_pylist()


def is_rerun(project) -> bool:
    return "Running stage 'ingest'" in project.dvc("repro", "ingest")


def change_first_amount(path: Path) -> None:
    """Write 4321 as the first applicant's amount."""
    header, first, *rest = path.read_text(encoding="utf-8").splitlines(keepends=True)
    cells = first.split(",")
    cells[header.split(",").index("hoehe")] = "4321"
    path.write_text("".join([header, ",".join(cells), *rest]), encoding="utf-8")


def test_an_untouched_folder_is_not_ingested_again(daily):
    assert "Data and pipelines are up to date" in status(daily)
    for path in (daily.root / "daily").rglob("*.csv"):  # a later time, the same content
        os.utime(path)
    assert "Data and pipelines are up to date" in status(daily)
    before = (daily.root / INGESTED).stat().st_mtime_ns
    assert not is_rerun(daily)
    assert (daily.root / INGESTED).stat().st_mtime_ns == before
    assert [row["line"] for row in ingested(daily)][::100] == ["1.csv:2", "2.csv:2", "june/3.csv:2"]


def test_a_changed_cell_in_one_file_is_ingested(daily):
    change_first_amount(daily.root / "daily/june/3.csv")
    assert "modified:" in (said := status(daily)), said
    assert "daily" in said
    before = ingested(daily)
    assert is_rerun(daily)
    after = ingested(daily)
    changed = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
    assert [(other["line"], other["hoehe"]) for _, other in changed] == [("june/3.csv:2", "4321")]
    assert not is_rerun(daily)


def test_a_new_file_and_a_removed_one_are_noticed(daily):
    folder = daily.root / "daily"
    header, first, *_ = (folder / "1.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "4.csv").write_text(header + first, encoding="utf-8")
    assert is_rerun(daily)
    assert [row["line"] for row in ingested(daily)].count("4.csv:2") == 1
    (folder / "2.csv").unlink()
    assert is_rerun(daily)
    assert {row["line"].split(":")[0] for row in ingested(daily)} == {"1.csv", "4.csv", "june/3.csv"}


def test_another_clone_gets_the_folder_from_a_remote_and_has_nothing_to_ingest(daily, tmp_path):
    daily.dvc("remote", "add", "--default", "shared", str(tmp_path / "shared"))
    daily.commit("a remote")
    daily.dvc("push", "daily.dvc", "ingest")
    daily.run("git", "clone", "--quiet", str(daily.root), str(tmp_path / "clone"))
    clone = type(daily)(tmp_path / "clone", daily.programs)
    clone.dvc("pull", "daily.dvc", "ingest")
    assert not is_rerun(clone)
    assert ingested(clone) == ingested(daily)


def test_what_lies_at_an_address_is_ingested_anew_only_when_it_has_changed(project, address):
    rows = ingested(project)
    project.edit_params(lambda params: params["ingest"].update(source=address))
    assert is_rerun(project)
    assert ingested(project) == rows
    os.utime(project.root / "applications.csv")
    assert "Data and pipelines are up to date" in status(project)
    assert not is_rerun(project)
    change_first_amount(project.root / "applications.csv")
    assert f"modified:           {address}" in status(project)
    assert is_rerun(project)
    assert [row["hoehe"] for row in ingested(project)][:2] == ["4321", rows[1]["hoehe"]]
