"""Check whether MLflow can be reached and used: `python -m ops.check_mlflow [URI]`.

Steps, each with its milliseconds, up to the first that fails, with the cause and what to do:
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
import json
import math
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

from ops.check_mlflow.check import SECONDS, run_check
from ops.check_mlflow.steps import Check, Code, Step
from ops.check_mlflow.uri import shown
from ops.shared.redaction import one_line
from ops.shared.signals import Interrupted, raised
from ops.shared.tracking import tracking_uri

WIDTH = len("authentication")
MARKS = {True: "ok", False: "FAIL", None: "-"}


def main(arguments: Sequence[str]) -> int:
    """Check what the command line names; returns the exit code."""
    given = _parse(arguments)
    uri, source = _chosen(given.uri)
    check = Check((lambda step: None) if given.json else tell)
    try:
        with raised():
            names = run_check(check, uri, source, given.timeout, writes=given.write)
    except Interrupted as interruption:
        return 128 + interruption.number
    if given.json:
        print(as_json(shown(uri), check.steps, names, check.code))
    return check.code


def tell(step: Step) -> None:
    """Print a step, at once, and below one that failed what to do."""
    mark = "warn" if step.warning else MARKS[step.ok]
    print(f"{mark:4} {step.name:{WIDTH}} {step.milliseconds:8.1f} ms  {step.detail}", flush=True)
    if step.remedy is not None:
        print(f"{'':5}{'remedy':{WIDTH}} {'':11}  {step.remedy}", flush=True)


def as_json(uri: str, done: Sequence[Step], names: Sequence[str], code: Code) -> str:
    """Give all steps, those that were not reached too, in one object."""
    reached = {step.name for step in done}
    unreached = [Step(name, ok=None, detail="not reached") for name in names if name not in reached]
    stages = [asdict(step) for step in (*done, *unreached)]
    return json.dumps({"uri": uri, "exit_code": int(code), "stages": stages}, indent=2, ensure_ascii=False)


def _chosen(given: str | None) -> tuple[str, str]:
    """Choose the URI; says where it comes from if not from the command line."""
    if given:
        return given, ""
    source = "MLFLOW_TRACKING_URI" if os.environ.get("MLFLOW_TRACKING_URI") else "this repository's own"
    return tracking_uri(Path.cwd()), f" ({source})"


class _Parser(argparse.ArgumentParser):
    """argparse quotes what it does not understand, which may be a URI with a password."""

    def error(self, message: str) -> NoReturn:
        super().error(one_line(message))


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
