"""train: search a family's settings, judge the best out of fold, and save it fitted, calibrated and with its cutoff."""

import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from sklearn.model_selection import FixedThresholdClassifier

from credit.core.columns import BAD, GROUP, LINE
from credit.core.errors import InputError, UnfittableError
from credit.core.families import SEARCHED, FamilyName
from credit.core.intervals import cross_validated
from credit.core.records import Record, Seed, check
from credit.core.split import Fold, Folds, FoldsByRows, fewest, held_out_too, repeated_folds
from credit.core.wording import left_out_text
from credit.features.plan import FeaturePlan
from credit.io.files import LEFT_OUT, read_json, read_params, read_parquet, write_csv, write_model
from credit.metrics.decision import Decision
from credit.model.parallel import processes_config
from credit.model.pipeline import Applicants, Calibration, ModelSpec, fit_pd_model, out_of_fold
from credit.model.search import search
from credit.model.settings import Candidate, Search, check_settings, read_settings, what_sets_apart
from stages.io.left_out import write_left_out
from stages.io.out_of_fold import cutoff_of, write_oof, write_test_by_fold
from stages.io.progress import shown
from stages.io.runner import run_stage

TRAIN = Path("data/processed/train.parquet")
TEST = Path("data/processed/test.parquet")
PLAN = Path("data/processed/feature_plan.json")


class Params(Record):
    seed: Seed
    decision: Decision
    search: Search
    out_of_fold: FoldsByRows
    calibration: Calibration
    train: dict[FamilyName, dict[str, Any]]

    def at(self, rows: int) -> Self:
        """Give those for a table of so many rows."""
        return self.model_copy(update={"search": self.search.at(rows), "out_of_fold": self.out_of_fold.at(rows)})


class Made(NamedTuple):
    """The model of the best candidate, and its PDs out of fold and of the test applicants, by line."""

    candidate: Candidate
    oof: pd.DataFrame
    of_test: pd.DataFrame
    model: FixedThresholdClassifier


def cut(log: logging.Logger, purpose: str, applicants: Applicants, into: Folds, seed: int) -> list[Fold]:
    """Cut applicants into folds; warn where these are fewer than was asked for."""
    folds = repeated_folds(applicants.groups, applicants.bad, into.folds, into.repeats, seed)
    if (parts := len(folds) // into.repeats) < into.folds:
        bad_or_good = "no more distinct applicants are bad, or good"
        log.warning("%s in %d folds, not %d: %s", purpose, parts, into.folds, bad_or_good)
    return folds


def tabulate(
    outcomes: Iterable[np.ndarray | str], candidates: Sequence[Candidate], repeats: int, n: int
) -> pd.DataFrame:
    """Give a row a candidate: its score or, as `left_out`, why it cannot be fitted; and its settings.

    Parameters
    ----------
    outcomes : as `search` yields them, of folds that are cut `repeats` times from `n` applicants.
    """
    rows = []
    for candidate, outcome in zip(candidates, outcomes, strict=True):
        if isinstance(outcome, str):
            result = {"score": np.nan, "se": np.nan, LEFT_OUT: outcome}
        else:
            score = cross_validated(outcome, repeats / len(outcome))
            result = {"score": score.mean, "se": score.se, LEFT_OUT: ""}
        rows.append({"picked": False, **result, "n": n, **candidate.settings})
    return pd.DataFrame(rows).rename_axis("candidate").reset_index()


def judge(
    spec: ModelSpec, applicants: Applicants, folds: Sequence[Fold], test: pd.DataFrame, once: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Out-of-fold PDs of every applicant, once a repeat; and PDs of the test applicants by the models of `once` folds.

    The test applicants are scored and no more: by the same models as the others, to compare how PDs are spread.

    Returns
    -------
    Tables with columns fold, position (of the applicant), bad, pd; the second without bad.
    """
    rows, more = len(applicants.bad), len(test)
    unknown = np.zeros(more, dtype=applicants.bad.dtype)
    together = Applicants(
        pd.concat([applicants.features, test], ignore_index=True), np.append(applicants.bad, unknown), applicants.groups
    )
    pds = out_of_fold(spec, together, held_out_too(folds, rows, more, once))
    in_test = pds["position"] >= rows
    of_test = pds[in_test].drop(columns="bad")
    return pds[~in_test].reset_index(drop=True), of_test.assign(position=of_test["position"] - rows).reset_index(
        drop=True
    )


def by_line(pds: pd.DataFrame, lines: np.ndarray) -> pd.DataFrame:
    """Name applicants by their lines instead of their positions."""
    named = pds.copy()
    named.insert(1, LINE, lines[named.pop("position")])
    return named


def pick(searches: pd.DataFrame, make: Callable[[int], Made]) -> Made | None:
    """Make the model of the best candidate; if it cannot be fitted to other folds than the search's, of the next best.

    `searches` is marked: who was picked, and who was left out. None if all were.
    """
    for at in searches["score"].dropna().sort_values(ascending=False, kind="stable").index:
        try:
            made = make(at)
        except UnfittableError as error:
            searches.loc[at, LEFT_OUT] = str(error)
        else:
            searches.loc[at, "picked"] = True
            return made
    return None


def left_out(searches: pd.DataFrame, candidates: list[Candidate]) -> list[dict[str, Any]]:
    """Say which candidates were left out and why, a record a reason."""
    return [
        {
            "which": what_sets_apart([candidates[at] for at in rows.index], candidates),
            "candidates": list(rows.index),
            "reason": reason,
        }
        for reason, rows in searches[searches[LEFT_OUT] != ""].groupby(LEFT_OUT, sort=False)
    ]


def write(
    log: logging.Logger,
    family: str,
    params: Params,
    made: Made | None,
    searches: pd.DataFrame,
    lost: list[dict[str, Any]],
    rows: dict[str, int],
) -> None:
    """Write what the search found and what came of it, or that the family is left out."""
    scored = searches.dropna(subset="score").drop(columns=LEFT_OUT)
    write_csv(f"plots/search/{family}.csv", scored)
    for row in scored.itertuples():
        log.debug("candidate %d: %s %.4f, standard error %.4f", row.candidate, params.search.metric, row.score, row.se)
    for part in lost:
        log.warning("left out, %d of %d candidates: %s", len(part["candidates"]), len(searches), left_out_text(part))
    if made is None:
        Path(f"plots/progress/{family}").mkdir(parents=True, exist_ok=True)
        write_left_out(family, lost)
        log.warning("no candidate can be fitted to these applicants: %s is left out", family)
        return
    lists = {
        "picked": [{"setting": name, "value": value} for name, value in made.candidate.settings.items()],
        "rows": [{"used_to": purpose, "n": n} for purpose, n in rows.items()],
        "search": scored[["candidate", "score", "se"]].to_dict("records"),
        **({LEFT_OUT: lost} if lost else {}),
    }
    write_test_by_fold(family, made.of_test)
    numbers = write_oof(family, made.oof, made.model.threshold, params.decision, **lists)
    write_model(f"models/{family}.joblib", made.model)
    log.info("picked %s", ", ".join(f"{name}={value}" for name, value in made.candidate.settings.items()))
    log.info("out of fold: AUC %(oof_auc).3f, Brier %(oof_brier).3f, cost %(oof_cost).3f", numbers)


def main(log: logging.Logger, family: str) -> None:
    params = read_params(Params)
    if family not in params.train:
        raise InputError(f"params.yaml: expected 'train.{family}', found {', '.join(params.train)}")
    check_settings(family, params.train[family])
    plan = check(FeaturePlan, read_json(PLAN), str(PLAN))
    table, test = read_parquet(TRAIN), read_parquet(TEST)
    params = params.at(len(table))
    candidates, max_rows, method = read_settings(family, params.train[family], len(table))
    applicants = Applicants(table[plan.features], table[BAD].to_numpy(), table[GROUP].to_numpy())
    log.info("%d applicants, %d features, %d candidates", len(table), len(plan.all_features), len(candidates))

    limits = fewest(params.search.max_rows, max_rows), params.out_of_fold.max_rows
    samples = [applicants.sample(limit, params.seed) for limit in limits]
    searched, judged = (applicants.rows(sample) for sample in samples)
    rows = {"search": len(samples[0]), "fit": min(len(table), max_rows or len(table)), "judge": len(samples[1])}
    if min(rows.values()) < len(table):
        log.info("searched on %(search)d applicants, fitted to %(fit)d, judged on %(judge)d", rows)

    try:
        folds, oof_folds = (
            cut(log, "searched", searched, params.search, params.seed),
            cut(log, "judged", judged, params.out_of_fold, params.seed),
        )
    except UnfittableError as error:
        outcomes: Iterable[np.ndarray | str] = [str(error)] * len(candidates)
    else:
        scores = search(family, candidates, plan, searched, folds, metric=params.search.metric, seed=params.seed)
        outcomes = shown(family, scores, len(candidates))

    def make(at: int) -> Made:
        spec = ModelSpec(family, candidates[at], plan, params.calibration.by(method), params.seed, max_rows)
        once = len(oof_folds) // params.out_of_fold.repeats
        with processes_config():
            oof, of_test = judge(spec, judged, oof_folds, test[plan.features], once)
        oof = by_line(oof, table[LINE].to_numpy()[samples[1]])
        model = fit_pd_model(spec, applicants, cutoff_of(oof, params.decision, log))
        return Made(spec.candidate, oof, by_line(of_test, test[LINE].to_numpy()), model)

    with processes_config():
        searches = tabulate(outcomes, candidates, params.search.repeats, len(searched.bad))
    made = pick(searches, make)
    write(log, family, params, made, searches, left_out(searches, candidates), rows)


if __name__ == "__main__":
    run_stage("train", main, families=SEARCHED)
