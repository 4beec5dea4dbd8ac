"""Check all of params.yaml before anything runs: `make run`, `make lint`.

Each stage checks its own sections, but a stage that is up to date does not run, and DVC itself speaks of a file
that it misses, not of the parameter that named it.
"""

import sys
from importlib import import_module
from pathlib import Path

from credit.core.errors import InputError
from credit.data.sources import is_address
from credit.io.files import read_params
from credit.model.settings import read_settings
from ops.validate import Params as WholeProcedure

STAGES = (
    "ingest",
    "prepare",
    "eda",
    "train",
    "blend",
    "scorecard",
    "select_best",
    "evaluate",
    "cutoff",
    "fairness",
    "explain",
    "check",
)
REBUILT = "data/raw/south_german_credit.csv"  # by the stage `source`, if it is not there


def check_params() -> None:
    """Check every section as its stage does.

    Raises
    ------
    InputError
        Names the first key that is wrong, what was expected there and what came.
    """
    params = {name: read_params(import_module(f"stages.{name}").Params) for name in STAGES}
    check_source(params["ingest"].ingest.source)
    import_module("stages.evaluate").check_model(params["evaluate"].model)
    import_module("stages.select_best").check_order(params["select_best"].select_best.simplest_first)
    import_module("stages.blend").check_members(params["blend"].blend.members)
    for family, settings in params["train"].train.items():
        read_settings(family, settings)
    read_params(WholeProcedure)


def check_source(source: str) -> None:
    """Refuse applications that are not there; what DVC could not follow, `ingest` itself has refused."""
    if source != REBUILT and not is_address(source) and not Path(source).exists():
        raise InputError(
            f"params.yaml: 'ingest.source' must be a file, a folder or an address (https://..., s3://...), "
            f"found nothing at {source}"
        )


if __name__ == "__main__":
    try:
        check_params()
    except InputError as error:
        sys.exit(str(error))
