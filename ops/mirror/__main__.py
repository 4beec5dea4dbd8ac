"""Mirror every run to MLflow: `python -m ops.mirror` (`make mirror`); `--ui` opens MLflow's pages and follows.

What is mirrored can be read from Git and DVC at any time, so a server that is down costs nothing: the next mirror
catches up. Exit code 0: MLflow is up to date; 3: it is not, and one line says why.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from credit.core.errors import InputError
from ops.check_mlflow.uri import shown
from ops.history.revisions import STAGES
from ops.mirror.follow import follow
from ops.mirror.mirror import mirror_to
from ops.mirror.ui import open_ui
from ops.shared import signals
from ops.shared.redaction import one_line
from ops.shared.tracking import tracking_uri

NOT_MIRRORED, INTERRUPTED = 3, 130


def main(arguments: Sequence[str]) -> None:
    """Mirror once, or go on until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m ops.mirror", description="write every run to MLflow")
    parser.add_argument("--uri", help="where to; else MLFLOW_TRACKING_URI, else a database in this repository")
    parser.add_argument("--follow", action="store_true", help="go on, and mirror each run as it comes")
    parser.add_argument("--ui", action="store_true", help="open MLflow's pages, and follow")
    parser.add_argument("--port", type=int, default=5000, help="of the pages")
    options = parser.parse_args(arguments)
    repository = Path.cwd()
    uri = options.uri or tracking_uri(repository)
    try:
        if not (repository / STAGES).is_file():
            raise InputError(f"expected to run at the root of the repository, beside {STAGES}, got {repository}")
        with signals.raised():
            if options.ui:
                with open_ui(uri, options.port) as address:
                    print(f"mirror: MLflow is at {address}, Ctrl-C ends it", flush=True)
                    follow(repository, uri)
            elif options.follow:
                follow(repository, uri)
            else:
                print(f"mirror: {mirror_to(uri, repository)}")
    except InputError as error:
        said = f"not mirrored to {one_line(shown(uri))}: {error}; when that is mended, the next mirror catches up"
        print(f"mirror: {said}", file=sys.stderr)
        raise SystemExit(NOT_MIRRORED) from None
    except signals.Interrupted:
        raise SystemExit(INTERRUPTED) from None


if __name__ == "__main__":
    main(sys.argv[1:])
