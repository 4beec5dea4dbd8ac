"""blend: the mean of several families' PDs as a candidate of its own, with the settings that those have picked."""

import logging
from pathlib import Path
from typing import Any

from credit.core.columns import BAD
from credit.core.errors import InputError
from credit.core.families import BLEND
from credit.core.records import Record, Seed, check
from credit.core.split import Folds, applicant_groups
from credit.features.plan import FeaturePlan
from credit.io.files import as_plain, read_json, read_params, read_parquet, write_model
from credit.metrics.decision import Decision
from credit.model.pipeline import Applicants, Calibration, Recipe
from credit.model.settings import Blend, check_members, read_settings
from credit.model.voting import fit_blend, mean_pds
from stages.io.out_of_fold import cutoff_of, read_judged, write_judged
from stages.io.runner import run_stage

TRAIN = Path("data/processed/train.parquet")
PLAN = Path("data/processed/feature_plan.json")


class Params(Record):
    seed: Seed
    decision: Decision
    out_of_fold: Folds
    calibration: Calibration
    train: dict[str, dict[str, Any]]
    blend: Blend


def recipe_of(family: str, params: Params, plan: FeaturePlan) -> Recipe:
    """Give the recipe that a family has picked, of the candidates that the params have for it."""
    report = f"metrics/train/{family}.json"
    written = {row["setting"]: row["value"] for row in read_json(report)["picked"]}
    settings = read_settings(family, params.train.get(family, {}))
    # The report has rounded values.
    picked = [candidate for candidate in settings.candidates if as_plain(candidate) == written]
    if len(picked) != 1:
        raise InputError(f"{report}: expected the pick to be one of 'train.{family}', got {written}; train it anew")
    calibration = params.calibration.by(settings.calibration)
    return Recipe(family, picked[0], plan, calibration, params.seed, settings.max_rows)


def main(log: logging.Logger) -> None:
    params = read_params(Params)
    members = params.blend.members
    check_members(members)
    plan = check(FeaturePlan, read_json(PLAN), str(PLAN))
    table = read_parquet(TRAIN)
    groups = applicant_groups(table[[*plan.features, *plan.dropped]])
    applicants = Applicants(table[plan.features], table[BAD].to_numpy(), groups)

    held_out = mean_pds(read_judged(members))
    cutoff = cutoff_of(held_out, params.decision, log)
    model = fit_blend([recipe_of(member, params, plan) for member in members], applicants, cutoff)
    write_model(f"models/{BLEND}.joblib", model)
    picked = [{"setting": "members", "value": list(members)}]
    numbers = write_judged(BLEND, held_out, cutoff, params.decision, params.out_of_fold.folds, picked=picked)
    log.info("the mean of %s", ", ".join(members))
    log.info("out of fold: AUC %(oof_auc).3f, Brier %(oof_brier).3f, cost %(oof_cost).3f", numbers)


if __name__ == "__main__":
    run_stage("blend", main)
