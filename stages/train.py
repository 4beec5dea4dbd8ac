"""train: search a family's settings, judge the best out of fold, and save it fitted, calibrated and with its cutoff."""

import logging
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from dvclive import Live
from tqdm import tqdm

from credit.core.columns import BAD, GROUP, LINE
from credit.core.errors import InputError
from credit.core.families import SEARCHED, FamilyName
from credit.core.intervals import cross_validated
from credit.core.records import Record, Seed, check
from credit.core.split import Fold, FoldsByRows, fewest, held_out_too, repeated_folds
from credit.features.plan import FeaturePlan
from credit.io.files import read_json, read_params, read_parquet, write_csv, write_model
from credit.metrics.decision import Decision
from credit.model.parallel import processes_config
from credit.model.pipeline import Applicants, Calibration, ModelSpec, fit_pd_model, out_of_fold
from credit.model.search import search
from credit.model.settings import Candidate, Search, check_settings, read_settings
from stages.io.out_of_fold import cutoff_of, write_oof, write_test_by_fold
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
    candidates: list[Candidate],
    plan: FeaturePlan,
    applicants: Applicants,
    folds: Sequence[Fold],
) -> pd.DataFrame:
    """Score the candidates; one row a candidate, the best one marked `picked`."""
    scores = search(family, candidates, plan, applicants, folds, metric=params.search.metric, seed=params.seed)
    rows = []
    for candidate, of_folds in zip(candidates, shown(family, scores, len(candidates)), strict=True):
        score = cross_validated(of_folds, 1 / params.search.folds)
        rows.append({"score": score.mean, "se": score.se, "n": len(applicants.bad), **candidate.settings})
    table = pd.DataFrame(rows)
    table.insert(0, "candidate", table.index)
    table.insert(1, "picked", table.index == table["score"].idxmax())
    return table


def judge_best(
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


def main(log: logging.Logger, family: str) -> None:
    params = read_params(Params)
    if family not in params.train:
        raise InputError(f"params.yaml: expected 'train.{family}', found {', '.join(params.train)}")
    check_settings(family, params.train[family])
    plan = check(FeaturePlan, read_json(PLAN), str(PLAN))
    table, test = read_parquet(TRAIN), read_parquet(TEST)
    params = params.at(len(table))
    candidates, max_rows, method = read_settings(family, params.train[family], len(table))
    calibration = params.calibration.by(method)
    applicants = Applicants(table[plan.features], table[BAD].to_numpy(), table[GROUP].to_numpy())
    log.info("%d applicants, %d features, %d candidates", len(table), len(plan.all_features), len(candidates))

    limits = fewest(params.search.max_rows, max_rows), params.out_of_fold.max_rows
    samples = [applicants.sample(limit, params.seed) for limit in limits]
    searched, judged = (applicants.rows(sample) for sample in samples)
    rows = {"search": len(samples[0]), "fit": min(len(table), max_rows or len(table)), "judge": len(samples[1])}
    if min(rows.values()) < len(table):
        log.info("searched on %(search)d applicants, fitted to %(fit)d, judged on %(judge)d", rows)
    search_folds, oof_folds = (
        repeated_folds(part.groups, part.bad, cut.folds, cut.repeats, params.seed)
        for part, cut in ((searched, params.search), (judged, params.out_of_fold))
    )
    with processes_config():
        searches = run_search(params, family, candidates, plan, searched, search_folds)
        best = candidates[int(np.flatnonzero(searches["picked"])[0])]
        spec = ModelSpec(family, best, plan, calibration, params.seed, max_rows)
        oof, of_test = judge_best(spec, judged, oof_folds, test[plan.features], params.out_of_fold.folds)
    oof = by_line(oof, table[LINE].to_numpy()[samples[1]])
    cutoff = cutoff_of(oof, params.decision, log)
    model = fit_pd_model(spec, applicants, cutoff)

    lists = {
        "picked": [{"setting": name, "value": value} for name, value in best.settings.items()],
        "rows": [{"used_to": purpose, "n": n} for purpose, n in rows.items()],
        "search": searches[["candidate", "score", "se"]].to_dict("records"),
    }
    write_csv(f"plots/search/{family}.csv", searches)
    write_test_by_fold(family, by_line(of_test, test[LINE].to_numpy()))
    numbers = write_oof(family, oof, cutoff, params.decision, **lists)
    write_model(f"models/{family}.joblib", model)
    for row in searches.itertuples():
        log.debug("candidate %d: %s %.4f, standard error %.4f", row.candidate, params.search.metric, row.score, row.se)
    log.info("picked %s", ", ".join(f"{name}={value}" for name, value in best.settings.items()))
    log.info("out of fold: AUC %(oof_auc).3f, Brier %(oof_brier).3f, cost %(oof_cost).3f", numbers)


if __name__ == "__main__":
    run_stage("train", main, families=SEARCHED)
