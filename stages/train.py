"""train: search a family's settings, judge the pick out of fold, and save it fitted, calibrated and with its cutoff."""

import logging
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from dvclive import Live
from pydantic import Field
from tqdm import tqdm

from credit.checked import Record, Seed, check
from credit.columns import BAD, LINE
from credit.decision import Decision, stable_cutoff
from credit.errors import InputError
from credit.families import FAMILIES, build_estimator
from credit.feature_plan import FeaturePlan
from credit.grid import expand
from credit.intervals import cross_validated
from credit.metrics import by_fold
from credit.pd_model import Applicants, Recipe, fit_pd_model, hyperparameters, out_of_fold
from credit.preprocessing import ENCODINGS
from credit.resampling import RESAMPLERS
from credit.search import search
from credit.split import Fold, Folds, applicant_groups, repeated_folds
from stages.files import DIGITS, read_json, read_params, read_parquet, write_csv, write_json, write_model, write_parquet
from stages.runner import run_stage

TRAIN = Path("data/processed/train.parquet")
PLAN = Path("data/processed/feature_plan.json")
JUDGED_BY = ("auc", "brier", "cost")
MAX_ROWS = "max_rows"  # stands among a family's settings and is none of its estimator's
MaxRows = Annotated[int, Field(ge=100, strict=True)] | None
FamilyName = Literal["lr", "rf", "mlp", "svc", "dt", "xgb", "knn"]


class Search(Folds):
    metric: Literal["auc", "average_precision"]
    max_rows: MaxRows = None


class Calibration(Record):
    method: Literal["sigmoid", "isotonic"]
    folds: Annotated[int, Field(ge=2)]


class Params(Record):
    seed: Seed
    decision: Decision
    search: Search
    out_of_fold: Folds
    calibration: Calibration
    train: dict[FamilyName, dict[str, Any]]


class Limit(Record):
    max_rows: MaxRows = None


def read_max_rows(family: str, settings: dict[str, Any]) -> int | None:
    """Read to how many rows a family is fitted at most; None for all."""
    given = {name: value for name, value in settings.items() if name == MAX_ROWS}
    return check(Limit, given, f"params.yaml, train.{family}").max_rows


def read_candidates(family: str, settings: dict[str, Any]) -> list[dict[str, Any]]:
    """List the candidates of a family, refusing a coding, resampler or hyperparameter that there is not."""
    settings = {name: value for name, value in settings.items() if name != MAX_ROWS}
    for name, known in (("encoding", ENCODINGS), ("resampler", RESAMPLERS)):
        given = settings.get(name)
        for value in given if isinstance(given, list) else [given]:
            if value not in list(known):
                raise InputError(f"params.yaml: 'train.{family}.{name}' must be of {', '.join(known)}, got {value!r}")
    try:
        candidates = expand(settings)
    except InputError as error:
        raise InputError(f"params.yaml, train.{family}: {error}") from None
    for candidate in candidates:
        build_estimator(family, hyperparameters(candidate), seed=0)
    return candidates


def shown(family: str, scores: Iterator[np.ndarray], candidates: int) -> Iterator[np.ndarray]:
    """Pass scores on, showing each as it comes: a bar on a terminal, a step in dvclive's files."""
    folder, best = Path(f"plots/progress/{family}"), 0.0
    try:
        with Live(str(folder), save_dvc_exp=False, dvcyaml=None, report=None, monitor_system=False) as live:
            for of_folds in tqdm(scores, f"search {family}", candidates, disable=None, unit="candidate"):
                best = max(best, of_folds.mean())
                live.log_metric("score", of_folds.mean())
                live.log_metric("best", best)
                live.next_step()
                yield of_folds
    except InputError:
        shutil.rmtree(folder)
        raise


def run_search(
    params: Params,
    family: str,
    candidates: list[dict[str, Any]],
    plan: FeaturePlan,
    applicants: Applicants,
    folds: Sequence[Fold],
) -> pd.DataFrame:
    """Score the candidates; one row a candidate, the best one marked `picked`."""
    scores = search(family, candidates, plan, applicants, folds, metric=params.search.metric, seed=params.seed)
    rows = []
    for candidate, of_folds in zip(candidates, shown(family, scores, len(candidates)), strict=True):
        score = cross_validated(of_folds, 1 / params.search.folds)
        rows.append({"score": score.mean, "se": score.se, "n": len(applicants.bad), **candidate})
    table = pd.DataFrame(rows)
    table.insert(0, "candidate", table.index)
    table.insert(1, "picked", table.index == table["score"].idxmax())
    return table


def judge(recipe: Recipe, applicants: Applicants, lines: pd.Series, folds: Sequence[Fold]) -> pd.DataFrame:
    """Out-of-fold PDs of every applicant, once a repeat: columns fold, line, bad, pd."""
    held_out = out_of_fold(recipe, applicants, folds)
    held_out.insert(1, LINE, lines.to_numpy()[held_out.pop("position")])
    return held_out


def estimate(folds: pd.DataFrame, held_out_share: float, n: int) -> list[dict[str, Any]]:
    """Cross-validated AUC, Brier score and expected cost, each with its interval."""
    estimates = {name: cross_validated(folds[name].to_numpy(), held_out_share) for name in JUDGED_BY}
    return [{"metric": name, **values._asdict(), "n": n} for name, values in estimates.items()]


def main(log: logging.Logger, family: str) -> None:
    params = read_params(Params)
    if family not in params.train:
        raise InputError(f"params.yaml: expected 'train.{family}', found {', '.join(params.train)}")
    settings = params.train[family]
    candidates = read_candidates(family, settings)
    plan = check(FeaturePlan, read_json(PLAN), str(PLAN))
    table = read_parquet(TRAIN)
    features = table[plan.features]
    applicants = Applicants(features, table[BAD].to_numpy(), applicant_groups(features))
    log.info("%d applicants, %d features, %d candidates", *features.shape, len(candidates))

    sample, max_rows = applicants.at_most(params.search.max_rows, params.seed), read_max_rows(family, settings)
    rows = {"search": len(sample.bad), "fit": min(len(table), max_rows or len(table)), "judge": len(table)}
    if min(rows.values()) < len(table):
        log.info("settings are searched on %(search)d applicants, the model is fitted to %(fit)d", rows)
    search_folds, judging_folds = (
        repeated_folds(rows.groups, rows.bad, cut.folds, cut.repeats, params.seed)
        for rows, cut in ((sample, params.search), (applicants, params.out_of_fold))
    )
    tried = run_search(params, family, candidates, plan, sample, search_folds)
    pick = candidates[int(np.flatnonzero(tried["picked"])[0])]
    recipe = Recipe(family, pick, plan, params.calibration.method, params.calibration.folds, params.seed, max_rows)
    held_out = judge(recipe, applicants, table[LINE], judging_folds)
    cutoff = round(stable_cutoff(held_out, params.decision.cost), DIGITS)
    if not 0 < cutoff <= held_out["pd"].max():
        log.warning("%s everyone costs least: the cutoff is %.3f", "rejecting" if cutoff == 0 else "accepting", cutoff)
    model = fit_pd_model(recipe, applicants, cutoff)

    folds = by_fold(held_out, params.decision.cost)[list(JUDGED_BY)]
    estimates = estimate(folds, 1 / params.out_of_fold.folds, len(table))
    # `dvc exp show` makes a column of every number that stands in no list.
    numbers = {f"oof_{row['metric']}": row["mean"] for row in estimates}
    lists = {
        "estimates": estimates,
        "folds": folds.to_dict("records"),
        "picked": [{"setting": name, "value": value} for name, value in pick.items()],
        "rows": [{"used_to": purpose, "n": n} for purpose, n in rows.items()],
    }
    write_csv(f"plots/search/{family}.csv", tried)
    write_parquet(f"data/processed/oof/{family}.parquet", held_out)
    write_json(f"metrics/train/{family}.json", {**numbers, "cutoff": cutoff, **lists})
    write_model(f"models/{family}.joblib", model)
    for row in tried.itertuples():
        log.debug("candidate %d: %s %.4f, standard error %.4f", row.candidate, params.search.metric, row.score, row.se)
    log.info("picked %s", ", ".join(f"{name}={value}" for name, value in pick.items()))
    log.info("out of fold: AUC %(oof_auc).3f, Brier %(oof_brier).3f, cost %(oof_cost).3f", numbers)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in FAMILIES:
        sys.exit(f"usage: python -m stages.train FAMILY, one of {', '.join(FAMILIES)}; got {sys.argv[1:]}")
    run_stage(f"train {sys.argv[1]}", lambda log: main(log, sys.argv[1]))
