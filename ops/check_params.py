"""Check all of params.yaml before anything runs: `make run`, `make lint`.

Each stage checks its own sections, but a stage that is up to date does not run, and DVC itself speaks of a file
that it misses, not of the parameter that named it. Nor does it see the results that a removed family leaves behind.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from credit.check.record import Limits
from credit.core.errors import InputError
from credit.core.families import BLEND
from credit.cutoff.approvals import CutoffPage
from credit.data.quality import Prepare
from credit.data.sources import Ingest, is_address
from credit.evaluate.selection import Evaluate, check_model
from credit.explain.explanation import Explain
from credit.fairness.groups import Fairness
from credit.io.files import PARAMS_FILE, read_dictionary, read_params
from credit.model.settings import check_settings
from credit.scorecard.scale import Scale
from ops.shared.git import git
from ops.validate import Params as WholeProcedure
from ops.validate import check_agreement

REBUILT = "data/raw/south_german_credit.csv"  # by the stage `source`, if it is not there
# Where each family's results are, by its name: Git keeps the first two kinds, DVC the models and PDs, nobody the last.
REMOVED_BY = {
    "git rm": ("metrics/train/*.json", "plots/search/*.csv"),
    "rm": ("models/*.joblib", "data/processed/oof/*.parquet", "data/processed/test_by_fold/*.parquet"),
    "rm -r": ("plots/progress/[!.]*",),
}


class Params(WholeProcedure):
    """All of params.yaml."""

    model: str
    ingest: Ingest
    prepare: Prepare
    scorecard: Scale
    evaluate: Evaluate
    cutoff: CutoffPage
    fairness: Fairness
    explain: Explain
    check: Limits


def check_params(path: Path = PARAMS_FILE) -> None:
    """Check every section as its stage does, but for what only the applicants or a fit can tell.

    Parameters
    ----------
    path : of another params.yaml than the one here.

    Raises
    ------
    InputError
        Names the first key that is wrong, what was expected there and what came.
    """
    params = read_params(Params, path)
    check_source(params.ingest.source)
    check_model(params.model)
    check_agreement(params, read_dictionary())
    for family, settings in params.train.items():
        check_settings(family, settings)
    check_results(params.train)


def check_source(source: str) -> None:
    """Refuse applications that are not there; what DVC could not follow, `ingest` itself has refused."""
    if source != REBUILT and not is_address(source) and not Path(source).exists():
        raise InputError(
            f"params.yaml: 'ingest.source' must be a file, a folder or an address (https://..., s3://...), "
            f"found nothing at {source}"
        )


def check_results(families: Iterable[str]) -> None:
    """Refuse results of a family that is not trained any more, which whoever reads their folder would take for its."""
    expected, gone, removals = {*families, BLEND, "best"}, [], []
    for command, patterns in REMOVED_BY.items():
        files = [path for pattern in patterns for path in sorted(Path().glob(pattern)) if path.stem not in expected]
        gone += [path.stem for path in files]
        removals += [f"`{command} {' '.join(map(str, files))}`"] if files else []
    if gone:
        raise InputError(
            f"params.yaml: expected results of the families under 'train' alone, found those of "
            f"{', '.join(dict.fromkeys(gone))}; remove them: {' and '.join(removals)}"
        )


def check_params_of(commit: str) -> None:
    """Check the params.yaml of a commit, or of a queued or failed experiment, by its name in `dvc queue status`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, PARAMS_FILE)
        path.write_bytes(git(Path(), "show", f"{commit}:./{PARAMS_FILE}"))
        try:
            check_params(path)
        except InputError as error:
            raise InputError(str(error).replace(str(path), str(PARAMS_FILE))) from None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m ops.check_params", description=__doc__)
    parser.add_argument("commit", nargs="?", help="whose params.yaml to check, such as a task of `dvc queue status`")
    of = parser.parse_args().commit
    try:
        check_params_of(of) if of else check_params()
    except InputError as error:
        sys.exit(str(error))
