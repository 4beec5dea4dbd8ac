"""How two states of the repository differ, family by family and fold by fold: `python -m ops.compare main NAME`.

A state is named by an experiment, a branch, a tag or a commit; one that is not named is the workspace. The differences
are out of fold, of the second minus the first, paired on the same folds of the same applicants. (`dvc metrics diff`
compares headline metrics, on the test applicants and without intervals.)
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table

from credit.core.errors import InputError
from credit.core.families import FAMILIES
from credit.core.intervals import Estimate, cross_validated
from credit.core.wording import starred_title
from credit.evaluate.selection import HIGHER_IS_BETTER
from ops.history.lock import outputs, read_yaml
from ops.history.results import judged_on
from ops.history.revisions import LOCK, PARAMS, experiments, read_blobs, workspace_files
from ops.shared.git import git, text_of

TRAIN = "data/processed/train.parquet"


def read_state(repository: Path, name: str | None) -> dict[str, bytes]:
    """Path -> content of params.yaml, dvc.lock and the families' metrics in a state; None is the workspace."""
    paths = [LOCK, PARAMS, *(f"metrics/train/{family}.json" for family in FAMILIES)]
    if name is None:
        files = workspace_files(repository)
        return {path: files[path] for path in paths if path in files}
    commit = commit_of(repository, name)
    blobs = read_blobs(repository, [f"{commit}:./{path}" for path in paths])
    return {path: blob for path, blob in zip(paths, blobs, strict=True) if blob is not None}


def commit_of(repository: Path, name: str) -> str:
    """Find the commit that a name stands for; raises InputError if it stands for none."""
    for experiment in experiments(repository):
        if name in experiment.experiments:
            return experiment.commit
    try:
        return text_of(git(repository, "rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}")).strip()
    except InputError:
        raise InputError(f"expected an experiment, a branch, a tag or a commit, got {name!r}") from None


def judged(files: Mapping[str, bytes], name: str) -> str:
    """Identify on which applicants and folds a state was judged."""
    lock, params = (read_yaml(files.get(path, b""), f"{path} of {name}") for path in (LOCK, PARAMS))
    return judged_on(outputs(lock).get(TRAIN, ""), params)


def folds_of(files: Mapping[str, bytes]) -> dict[str, pd.DataFrame]:
    """Family -> its metrics fold by fold."""
    read = {path: json.loads(text) for path, text in files.items() if path.startswith("metrics/train/")}
    return {Path(path).stem: pd.DataFrame(values["folds"]) for path, values in read.items() if "folds" in values}


def compare(repository: Path, first: str, second: str | None) -> dict[str, dict[str, Estimate]]:
    """Compare the families that both states have.

    Returns
    -------
    family -> metric -> the second minus the first, with its interval (Nadeau and Bengio 2003).

    Raises
    ------
    InputError
        There is no such state, or the states were not judged on the same applicants and folds.
    """
    one, other, name = read_state(repository, first), read_state(repository, second), second or "the workspace"
    if judged(one, first) != judged(other, name):
        raise InputError(
            f"expected {first} and {name} to be judged on the same applicants and folds, "
            "got other data, or another seed, out_of_fold or decision"
        )
    share = 1 / int(read_yaml(one[PARAMS], PARAMS)["out_of_fold"]["folds"])
    before, after = folds_of(one), folds_of(other)
    return {
        family: {
            metric: cross_validated((after[family][metric] - before[family][metric]).to_numpy(), share)
            for metric in HIGHER_IS_BETTER
        }
        for family in FAMILIES
        if family in before and family in after
    }


def table_of(differences: Mapping[str, Mapping[str, Estimate]]) -> Table:
    """Show differences with their intervals; what is more than noise in bold."""
    table = Table("family", box=box.SIMPLE_HEAD, pad_edge=False)
    for metric in HIGHER_IS_BETTER:
        table.add_column(starred_title(metric), no_wrap=True)
    for family, metrics in differences.items():
        table.add_row(family, *(shown(metrics[metric]) for metric in HIGHER_IS_BETTER))
    return table


def shown(estimate: Estimate) -> str:
    """Write a difference with its interval."""
    mean, low, high = (f"{value:+.3f}".replace("0.", ".") for value in (estimate.mean, estimate.low, estimate.high))
    text = f"{mean} \\[{low}, {high}]"
    return f"[bold]{text}[/bold]" if estimate.low * estimate.high > 0 else text


def main(arguments: Sequence[str]) -> None:
    """Print the differences of two states."""
    parser = argparse.ArgumentParser(prog="python -m ops.compare", description="compare two states, fold by fold")
    parser.add_argument("first", help="experiment, branch, tag or commit")
    parser.add_argument("second", nargs="?", help="the same; else the workspace")
    options = parser.parse_args(arguments)
    try:
        differences = compare(Path.cwd(), options.first, options.second)
    except InputError as error:
        sys.exit(str(error))
    console = Console(highlight=False)
    console.print(f"{options.second or 'workspace'} minus {options.first}, out of fold, 95 % intervals")
    console.print(table_of(differences), "* lower is better; bold: the interval leaves out 0", sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
