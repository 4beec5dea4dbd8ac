"""Check whether MLflow can be reached and used: `python -m ops.check_mlflow [URI]`.

Stages, each with its milliseconds, up to the first that fails, with the cause and what to do:
    a server     URI, DNS, TCP, TLS, health, version, authentication, read
    a database   URI, file, schema, read (sqlite:///PATH; one that is not there is not made)
    --write      client, run, metric, artifact, registry, clean-up (MLflow's client: some seconds)

Credentials are those that MLflow's client would send: MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or
~/.mlflow/credentials, or MLFLOW_TRACKING_TOKEN; never in the URI. No secret is printed.

Exit codes
    0   all well (perhaps with warnings)
    1   a fault of this program
    2   wrong usage or URI, credentials in it, or a password that would travel in the clear
    3   not reached: unknown name, refused, no answer, a proxy in the way; a file that cannot be
    4   TLS: certificate unknown, expired or for another host; http and https mixed up
    5   no MLflow there, or it is not well: a login page, 404, 5xx, too slow; a file that is no database of MLflow's
    6   the versions, or the database's schema, do not fit
    7   refused: no credentials, wrong or expired ones, no permission, a host name that the server does not allow
    8   cannot be read
    9   cannot be written, or something was left behind
"""

import argparse
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from ops.check_mlflow import report
from ops.check_mlflow.check import SECONDS, run_stages
from ops.check_mlflow.redaction import quoted
from ops.check_mlflow.stages import Stages
from ops.check_mlflow.uri import shown
from ops.shared.signals import Interrupted, raised
from ops.shared.tracking import tracking_uri


def main(arguments: Sequence[str]) -> int:
    """Check what the command line names; returns the exit code."""
    given = _parse(arguments)
    uri, source = _chosen(given.uri)
    stages = Stages(_nothing if given.json else report.tell)
    try:
        with raised():
            names = run_stages(stages, uri, source, given.timeout, write=given.write)
        code = stages.code
    except Interrupted as interruption:
        return 128 + interruption.number
    if given.json:
        print(report.as_json(stages.redaction.clean(shown(uri)), stages.done, names, code))
    return code


def _chosen(given: str | None) -> tuple[str, str]:
    """Choose the URI; says where it comes from if not from the command line."""
    if given:
        return given, ""
    source = "MLFLOW_TRACKING_URI" if os.environ.get("MLFLOW_TRACKING_URI") else "this repository's own"
    return tracking_uri(Path.cwd()), f" ({source})"


def _nothing(_: object) -> None:
    """Tell nothing: JSON comes at the end."""


class _Parser(argparse.ArgumentParser):
    """argparse quotes what it does not understand, which may be a URI with a password."""

    def error(self, message: str) -> NoReturn:
        super().error(quoted(message))


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    head, _, epilog = __doc__.partition("\n")
    raw = argparse.RawDescriptionHelpFormatter
    parser = _Parser(
        prog="python -m ops.check_mlflow", description=head.split(":")[0], epilog=epilog, formatter_class=raw
    )
    parser.add_argument(
        "uri", metavar="URI", nargs="?", help="else MLFLOW_TRACKING_URI, else this repository's own database"
    )
    parser.add_argument("--write", action="store_true", help="also write, read back and clean up")
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")
    parser.add_argument(
        "--timeout", metavar="N", type=_seconds, default=SECONDS, help=f"seconds for all up to reading ({SECONDS})"
    )
    return parser.parse_args(arguments)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= 3600:
        raise argparse.ArgumentTypeError("expected a number of seconds, up to 3600")
    return seconds


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # threads of MLflow's client shall not hold the program
