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
    2   wrong usage, URI or variables, credentials in the URI, or a password that would travel in the clear
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
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

from ops.check_mlflow.check import SECONDS, run_check
from ops.check_mlflow.steps import Step, Steps
from ops.check_mlflow.uri import shown
from ops.shared.redaction import one_line
from ops.shared.signals import Interrupted, raised
from ops.shared.tracking import tracking_uri

MARKS = {True: "ok", False: "FAIL", None: "-"}


def main(arguments: Sequence[str]) -> int:
    """Check what the command line names; returns the exit code."""
    options = _parse(arguments)
    source = "MLFLOW_TRACKING_URI" if os.environ.get("MLFLOW_TRACKING_URI") else "this repository's own"
    uri, source = (options.uri, "") if options.uri else (tracking_uri(Path.cwd()), f" ({source})")
    check = Steps() if options.json else Steps(tell)
    try:
        with raised():
            names = run_check(check, uri, source, options.timeout, writes=options.write)
    except Interrupted as interruption:
        return 128 + interruption.number
    if options.json:
        reached = {step.name for step in check.ended}
        unreached = [Step("not reached", ok=None, name=name) for name in names if name not in reached]
        stages = [{"name": step.name, **asdict(step)} for step in (*check.ended, *unreached)]
        report = {"uri": shown(uri), "exit_code": check.code, "stages": stages}
        print(json.dumps(report, indent=2, ensure_ascii=False))
    return check.code


def tell(step: Step) -> None:
    """Print a step, at once, and below one that failed what to do."""
    mark = "warn" if step.warning else MARKS[step.ok]
    print(f"{mark:4} {step.name:14} {step.milliseconds:8.1f} ms  {step.detail}", flush=True)
    if step.remedy is not None:
        print(f"{'':5}{'remedy':28}{step.remedy}", flush=True)


class _Parser(argparse.ArgumentParser):
    """argparse quotes what it does not understand, which may be a URI with a password."""

    def error(self, message: str) -> NoReturn:
        super().error(one_line(message))


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    head, _, epilog = __doc__.partition("\n")
    raw = argparse.RawDescriptionHelpFormatter
    parser = _Parser("python -m ops.check_mlflow", None, head.split(":")[0], epilog, formatter_class=raw)
    parser.add_argument("uri", metavar="URI", nargs="?", help="else MLFLOW_TRACKING_URI, else this repository's own")
    parser.add_argument("--write", action="store_true", help="also write, read back and clean up")
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")
    limit = f"seconds for all up to reading ({SECONDS})"
    parser.add_argument("--timeout", metavar="N", type=float, default=SECONDS, help=limit)
    options = parser.parse_args(arguments)
    if not 0 < options.timeout <= 3600:
        parser.error("--timeout: expected a number of seconds, up to 3600")
    return options


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # threads of MLflow's client shall not hold the program
