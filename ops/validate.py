"""Judge the whole procedure by nested cross-validation, search and choice of the family too: `make validate`.

Every outer fold carries out what the graph does, on the other applicants alone. It takes minutes, so it stands outside
the graph; what it was made of is written beside what it found.
"""

import argparse
import hashlib
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from joblib import Parallel, delayed
from pydantic import Field
from tqdm import tqdm

from credit.card.fingerprint import fingerprint
from credit.core.by_rows import params_at
from credit.core.columns import BAD, GROUP
from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.core.families import BLEND, FamilyName
from credit.core.records import Record, Seed
from credit.core.split import Folds, FoldsByRows, repeated_folds, stratified_sample
from credit.core.wording import estimate_text
from credit.eda.settings import Eda
from credit.evaluate.selection import SelectBest, check_preference, other_than
from credit.features.plan import Features, check_excluded
from credit.io.files import (
    PARAMS_FILE,
    read_dictionary,
    read_json,
    read_params,
    read_parquet,
    read_yaml,
    write_csv,
    write_figure,
    write_json,
)
from credit.metrics.decision import Decision
from credit.model.parallel import processes_config
from credit.model.pipeline import Applicants, Calibration
from credit.model.settings import Blend, Search, check_members, read_settings
from credit.validate.nested_cv import CHOSEN, Procedure, differences, estimates, judge_fold, judged_in_all

SOURCES = {"train": Path("data/processed/train.parquet"), "all": Path("data/interim/prepared.parquet")}
METRICS, TABLE, PICTURE = Path("metrics/validation.json"), Path("plots/validation.csv"), Path("plots/validation.png")


class Validation(Folds):
    """Into what the applicants are cut; `judged_...` is how families are compared on those that are fitted to."""

    applicants: Literal["train", "all"]
    judged_folds: Annotated[int, Field(ge=2, strict=True)]
    judged_repeats: Annotated[int, Field(ge=1, strict=True)]


class Params(Record):
    seed: Seed
    decision: Decision
    eda: Eda
    features: Features
    search: Search
    out_of_fold: FoldsByRows
    calibration: Calibration
    train: dict[FamilyName, dict[str, Any]]
    blend: Blend
    select_best: SelectBest
    validation: Validation


def check_agreement(params: Params, dictionary: Dictionary) -> None:
    """Refuse what some stage of the graph would refuse, before minutes have passed."""
    check_excluded(params.features.exclude, dictionary)
    check_members(params.blend.members)
    check_preference(params.select_best.preference)
    check_families(params)


def check_families(params: Params) -> None:
    """Refuse an order of preference, or a blend, of other families than are trained."""
    trained = [*params.train, BLEND]
    if sorted(params.select_best.preference) != sorted(trained):
        raise InputError(
            f"params.yaml: 'select_best.preference' must name {', '.join(trained)} (the families in 'train', and "
            f"the blend), each once, got {', '.join(params.select_best.preference)}"
        )
    if untrained := [member for member in params.blend.members if member not in params.train]:
        raise InputError(
            f"params.yaml: 'blend.members' must be of those in 'train' ({', '.join(params.train)}), "
            f"got {', '.join(untrained)}"
        )


def procedure_of(params: Params, dictionary: Dictionary, rows: int) -> Procedure:
    """Gather what the stages read from the params where the graph has so many training applicants."""
    planned = {
        "rare_share": params.eda.rare_share,
        "outlier_iqr": params.eda.outlier_iqr,
        "exclude": params.features.exclude,
        "derived": params.features.derived,
    }
    inside, most, tuning = params.validation, params.out_of_fold.at(rows).max_rows, params.search.at(rows)
    judged = Folds(folds=inside.judged_folds, repeats=inside.judged_repeats, max_rows=most)
    return Procedure(
        dictionary,
        planned,
        {family: read_settings(family, settings, rows) for family, settings in params.train.items()},
        tuning,
        tuning.metric,
        judged,
        params.calibration,
        params.decision,
        params.blend.members,
        params.select_best,
        params.seed,
    )


def judge(procedure: Procedure, applicants: pd.DataFrame, cut: Folds) -> pd.DataFrame:
    """Judge the procedure in every fold; a row a fold and family."""
    rows = Applicants(
        applicants[procedure.dictionary.features], applicants[BAD].to_numpy(), applicants[GROUP].to_numpy()
    )
    folds = repeated_folds(rows.groups, rows.bad, cut.folds, cut.repeats, procedure.seed)
    with processes_config():
        parts = Parallel(n_jobs=-1, return_as="generator")(delayed(judge_fold)(procedure, rows, fold) for fold in folds)
        shown = tqdm(parts, "outer fold", len(folds), disable=None)
        return pd.concat([part.assign(fold=number) for number, part in enumerate(shown)], ignore_index=True)


def main(seed: int | None = None) -> None:
    """Judge and write what was found; or, with a seed that is not that of the params, only print it."""
    params, dictionary = read_params(Params), read_dictionary()
    check_agreement(params, dictionary)
    cut, source = params.validation, SOURCES[params.validation.applicants]
    applicants = read_parquet(source)
    applicants = applicants.iloc[stratified_sample(applicants[BAD].to_numpy(), cut.max_rows, params.seed)]
    of_graph = len(applicants) if cut.applicants == "train" else round(len(applicants) * (1 - params.eda.test_share))
    # Of what is there now: it may be changed in the minutes that follow.
    made = {
        "applicants": cut.applicants,
        "data_digest": hashlib.md5(source.read_bytes(), usedforsecurity=False).hexdigest(),
        "made_of": fingerprint(params_at(read_yaml(PARAMS_FILE), of_graph), dictionary),
    }
    if seed is not None:
        params = params.model_copy(update={"seed": seed})
    folds, lacking = judged_in_all(judge(procedure_of(params, dictionary, of_graph), applicants, cut))
    cut = cut.model_copy(update={"folds": folds["fold"].nunique() // cut.repeats})  # no more than there are bads
    share = 1 / cut.folds
    performance = estimates(folds, share, len(applicants))
    other = other_than(params.select_best.rule)
    rules = {CHOSEN: params.select_best.rule, other: other}
    choices = folds[folds["family"].isin(rules)].groupby(["family", "picked"], sort=False).size()
    if seed is None:
        lists = {
            "cut": [cut.model_dump(include={"folds", "repeats", "judged_folds", "judged_repeats"})],
            "estimates": performance.to_dict("records"),
            "differences": differences(folds, share).to_dict("records"),
            "choices": [
                {"rule": rules[by], "family": family, "folds": int(count)} for (by, family), count in choices.items()
            ],
        }
        write({**made, **lists}, folds)
    if lacking:
        print(f"left out, for in some fold they could not be fitted: {', '.join(lacking)}")
    for row in performance[performance["family"] == CHOSEN].itertuples():
        print(f"{row.metric:12} {estimate_text(row.mean, row.low, row.high)}, standard error {row.se:.3f}")
    for name, rule in rules.items():
        counts = choices[name].sort_values(ascending=False)
        chosen = ", ".join(f"{family} {n}" for family, n in counts.items())
        print(f"rule {rule} chose, in {counts.sum()} folds: {chosen}")


def write(found: dict[str, Any], folds: pd.DataFrame) -> None:
    """Write what was found, as numbers, a table and a picture."""
    from credit.validate.figure import draw_validation

    write_json(METRICS, found)
    write_csv(TABLE, folds)
    written = read_json(METRICS)  # rounded: the picture shows what the file says
    write_figure(PICTURE, draw_validation(*(pd.DataFrame(written[name]) for name in ("estimates", "differences"))))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m ops.validate", description=__doc__)
    parser.add_argument("--seed", type=int, help="of other folds than those of the params; nothing is written then")
    options = parser.parse_args()
    try:
        main(options.seed)
    except InputError as error:
        sys.exit(str(error))
