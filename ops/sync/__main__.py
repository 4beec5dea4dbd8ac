"""Runs with their data synchronised: `python -m ops.sync`.

    run [OPTIONS] -- COMMAND ...   pull, run the command, push
    pull [OPTIONS]                 only the first
    push [OPTIONS]                 only the last: what dvc.lock names now, and the pushes that failed before
    verify [--heal] [OPTIONS]      read every object that dvc.lock names on every remote; repair what is at fault
    status [--json]                the remotes, and the pushes that are to be retried (asks no remote)

    OPTIONS   --remotes A,B   these, the first one first (else the default remote, then all others configured)
              --timeout N     seconds for each remote call (300)

Pull: what the cache lacks of the objects that dvc.lock and the *.dvc files name is fetched from the first remote, then
from the next. If one is found nowhere, not even in the workspace, nothing runs. Outputs that were changed here and are
in no cache are left as they are. The command gets no standard input.
Push: to all remotes at once, only after a command that ended well. A push that failed is kept in
.dvc/tmp/sync/pending.json and retried by the next `run` or `push`.

Exit codes: 0 all well; 1 the run failed, nothing was pushed; 2 wrong usage or configuration, nothing ran; 3 the run is
fine, but not every remote has its data (`verify`: not every remote is all right); 4 stopped before anything ran, for
data are missing; 128 + n interrupted by signal n, a push under way is to be retried.
"""

import argparse
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from credit.errors import InputError
from ops.sync import command, signals, status
from ops.sync.redaction import one_line
from ops.sync.remotes import Remote, choose, secrets_known
from ops.sync.report import tell

DONE, RUN_FAILED, USAGE, NOT_SYNCHRONISED, STOPPED = range(5)


class SyncError(Exception):
    """The program ends here, with one line and this exit code."""

    def __init__(self, code: int, line: str) -> None:
        super().__init__(line)
        self.code = code


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; returns the exit code. Expected trouble ends with one line, never a traceback."""
    given = _parse(arguments)
    try:
        with signals.raised():
            _act(given)
    except SyncError as end:
        tell(str(end))
        return end.code
    except signals.Interrupted as interruption:
        tell(f"interrupted by {interruption}; what was not pushed yet is to be retried")
        return 128 + interruption.number
    return DONE


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; argparse ends the program with code 2 where it is wrong."""
    head, _, epilog = __doc__.partition("\n")
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m ops.sync", description=head, epilog=epilog, formatter_class=raw)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name in ("run", "pull", "push", "verify"):
        action = actions.add_parser(name, epilog=epilog, formatter_class=raw)
        action.add_argument("--remotes", metavar="A,B", help="names of DVC remotes, in this order")
        action.add_argument("--timeout", metavar="N", type=_seconds, default=300, help="for each remote call, seconds")
        if name == "run":
            action.add_argument("command", nargs="+", metavar="COMMAND", help="after --")
        if name == "verify":
            action.add_argument("--heal", action="store_true", help="repair what is at fault")
    actions.add_parser("status").add_argument("--json", action="store_true", help="for programs")
    return parser.parse_args(arguments)


def _seconds(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"expected a number of seconds above 0, got {text!r}")
    return int(text)


def _act(given: argparse.Namespace) -> None:
    with _trouble_ends(USAGE):
        if not Path(".dvc").is_dir():
            raise InputError(f"{Path.cwd()}: expected the root of a DVC repository, found no .dvc in it")
        if given.action == "status":
            status.report(as_json=given.json)
            return
        remotes = choose(given.remotes)
        if given.action == "run" and shutil.which(given.command[0]) is None:
            raise InputError(f"expected a command after --, found none called {given.command[0]!r}")
    if given.action == "verify":
        _verify(given, remotes)
    else:
        _synchronise(given, remotes)


def _verify(given: argparse.Namespace, remotes: list[Remote]) -> None:
    from ops.sync.verify import verify

    with _trouble_ends(USAGE):
        right = verify(remotes, given.timeout, heal=given.heal)
    if not right:
        raise SyncError(
            NOT_SYNCHRONISED, "not every remote is all right" + ("" if given.heal else "; --heal repairs it")
        )


def _synchronise(given: argparse.Namespace, remotes: list[Remote]) -> None:
    from ops.sync.pull import pull
    from ops.sync.push import experiments, push

    if given.action in ("run", "pull"):
        with _trouble_ends(STOPPED, "stopped before anything ran: "):
            pull(remotes, given.timeout)
    before = experiments()
    if given.action == "run" and (code := command.run(given.command)):
        raise SyncError(RUN_FAILED, f"the run failed (exit code {code}); nothing was pushed")
    if given.action in ("run", "push"):
        fine = "the run is fine, but " if given.action == "run" else ""
        with _trouble_ends(NOT_SYNCHRONISED, f"{fine}not synchronised: "):
            everywhere = push(remotes, given.timeout, known=before)
        if not everywhere:
            raise SyncError(NOT_SYNCHRONISED, f"{fine}not synchronised; `python -m ops.sync push` tries again")


@contextmanager
def _trouble_ends(code: int, before: str = "") -> Iterator[None]:
    """End the program with one line where files, DVC or its databases (SQLite) give trouble."""
    try:
        yield
    except (InputError, OSError, sqlite3.Error) as error:
        raise SyncError(code, before + one_line(error)) from None
    except Exception as error:
        from dvc.exceptions import DvcException  # only now, because it takes time

        if not isinstance(error, DvcException):
            raise
        raise SyncError(code, before + one_line(error, secrets_known())) from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
