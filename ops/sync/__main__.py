"""Runs with their data synchronised: `python -m ops.sync`.

    run [OPTIONS] -- COMMAND ...   pull, run the command, push
    pull [OPTIONS]                 only the first
    push [OPTIONS]                 only the last: what dvc.lock and new experiments name, and pushes that failed before
    verify [--heal] [OPTIONS]      read every object that dvc.lock names, on every remote and here; repair what is wrong
    status [--json]                the remotes, and the pushes that are to be retried (asks no remote)

    OPTIONS   --remotes A,B   these, the first one first (else the default remote, then all others configured)
              --timeout N     seconds for each remote call (300)

Pull: what the cache lacks, or holds damaged, of the objects that dvc.lock and the *.dvc files name is fetched from the
first remote, then from the next. If one is found nowhere, not even in the workspace, nothing runs. Files that were
changed here and are in no cache are left as they are. The command gets no standard input and no terminal.
Push: to all remotes at once, only after a command that ended well; the data of experiments (`dvc exp run`) as well,
whenever they were made. A push that failed is kept in .dvc/tmp/sync/pending.json and retried by the next `run` or
`push`.

Exit codes: 0 all well; 1 the run failed, nothing was pushed; 2 wrong usage or configuration, nothing ran; 3 the run is
fine, but not every remote has its data (`verify`: not every remote is all right, or the cache); 4 stopped before
anything ran: data are missing, another run or `dvc repro` is under way, the disk is full, or DVC cannot read dvc.yaml
or dvc.lock;
128 + n interrupted by signal n, what was being pushed is retried by the next `run` or `push`.
"""

import argparse
import json
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

from dvc.exceptions import DvcException
from dvc_data.hashfile.cache import DiskError
from dvc_data.hashfile.checkout import CheckoutError
from dvc_objects.errors import ObjectDBError, ObjectFormatError
from scmrepo.exceptions import SCMError

from credit.core.errors import InputError
from ops.shared import signals
from ops.sync import processes
from ops.sync.pull import pull
from ops.sync.push import push
from ops.sync.remotes import Remote, choose, configured
from ops.sync.report import say, show, tell
from ops.sync.state import pending, run_lock
from ops.sync.verify import verify

RUN_FAILED, USAGE, NOT_SYNCHRONISED, STOPPED = range(1, 5)
# What is wrong of what the user gave, and what DVC raises of its own and lets through of the disk, its databases, Git.
EXPECTED = (InputError, DvcException, DiskError, CheckoutError, ObjectDBError, ObjectFormatError, OSError)
EXPECTED += (sqlite3.Error, SCMError)
LONGEST_CALL = 7 * 86_400  # seconds; the system's clocks take no number that is much longer


def main(arguments: Sequence[str]) -> None:
    """Do what the command line says; expected trouble ends with one line and an exit code, never a traceback."""
    options = _parse(arguments)
    try:
        with signals.raised():
            _act(options)
    except signals.Interrupted as interruption:
        waiting = {}
        with suppress(InputError):
            waiting = dict.fromkeys(record.remote for record in pending())
        retried = f"; to be retried: the push to {', '.join(waiting)}" if waiting else ""
        _end(128 + interruption.number, f"interrupted by {interruption}{retried}")


def _end(code: int, line: str) -> NoReturn:
    tell(line)
    sys.exit(code)


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
    return min(int(text), LONGEST_CALL)


def _act(options: argparse.Namespace) -> None:
    with _trouble_ends(USAGE):
        if not Path(".dvc").is_dir():
            raise InputError(f"{Path.cwd()}: expected the root of a DVC repository, found no .dvc in it")
        if options.action == "status":
            _show_status(as_json=options.json)
            return
        remotes = choose(options.remotes)
        if options.action == "run" and shutil.which(options.command[0]) is None:
            raise InputError(f"expected a command after --, found none called {options.command[0]!r}")
        pending()  # what it cannot read shall not be found out after hours of running
    if options.action == "verify":
        with _trouble_ends(STOPPED):
            right = verify(remotes, options.timeout, heal=options.heal)
        if not right:
            _end(NOT_SYNCHRONISED, f"not everything is all right{'' if options.heal else '; --heal repairs it'}")
    else:
        _synchronise(options, remotes)


def _synchronise(options: argparse.Namespace, remotes: list[Remote]) -> None:
    with ExitStack() as to_the_end:
        if options.action in ("run", "pull"):
            with _trouble_ends(STOPPED, "stopped before anything ran: "):
                to_the_end.enter_context(run_lock())
                pull(remotes, options.timeout)
        if options.action == "run":
            with _trouble_ends(USAGE):
                code = processes.run(options.command)
            if code:
                _end(RUN_FAILED, f"the run failed (exit code {code}); nothing was pushed")
        if options.action in ("run", "push"):
            fine = "the run is fine, but " if options.action == "run" else ""
            with _trouble_ends(NOT_SYNCHRONISED, f"{fine}not synchronised: "):
                complete = push(remotes, options.timeout)
            if not complete:
                _end(NOT_SYNCHRONISED, f"{fine}not synchronised; `python -m ops.sync push` tries again")


def _show_status(*, as_json: bool) -> None:
    """Print which remotes there are and which pushes are to be retried, as tables or as JSON; asks no remote."""
    remotes, waiting = configured(), pending()
    if as_json:
        lists = {"remotes": [remote._asdict() for remote in remotes], "pending": [asdict(record) for record in waiting]}
        print(json.dumps(lists, indent=2))
        return
    rows = [(remote.name, remote.url, "true" if remote.verified else "NOT SET") for remote in remotes]
    show("Remotes, the primary first", ("remote", "url", "verify"), rows, "no remote is configured")
    rows = [(record.remote, record.revision, record.since, record.reason) for record in waiting]
    show("Pushes to retry", ("remote", "revision", "since", "reason"), rows, "no push is to be retried")


@contextmanager
def _trouble_ends(code: int, before: str = "") -> Iterator[None]:
    """End the program with one line and this exit code where DVC, the disk or what the user gave is at fault."""
    try:
        yield
    except EXPECTED as error:
        _end(code, before + say(error))


if __name__ == "__main__":
    main(sys.argv[1:])
