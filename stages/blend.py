"""blend: the mean of several families' PDs as a candidate of its own, made of the saved models."""

import logging

from credit.core.columns import BAD
from credit.core.families import BLEND
from credit.core.records import Record
from credit.io.files import read_model, read_params, read_parquet, write_model
from credit.metrics.decision import Decision
from credit.model.settings import Blend, check_members
from credit.model.voting import blend, mean_pds
from stages.io.out_of_fold import cutoff_of, read_oof, read_test_by_fold, write_oof, write_test_by_fold
from stages.io.runner import run_stage


class Params(Record):
    decision: Decision
    blend: Blend


def main(log: logging.Logger) -> None:
    params = read_params(Params)
    members = params.blend.members
    check_members(members)
    models = {member: read_model(f"models/{member}.joblib") for member in members}
    train = read_parquet("data/processed/train.parquet")

    pds = mean_pds(read_oof(members))
    write_test_by_fold(BLEND, mean_pds({member: read_test_by_fold(member) for member in members}))
    cutoff = cutoff_of(pds, params.decision, log)
    features = list(models[members[0]].feature_names_in_)
    write_model(f"models/{BLEND}.joblib", blend(models, train[features], train[BAD].to_numpy(), cutoff))
    picked = [{"setting": "members", "value": list(members)}]
    numbers = write_oof(BLEND, pds, cutoff, params.decision, picked=picked)
    log.info("the mean of %s", ", ".join(members))
    log.info("out of fold: AUC %(oof_auc).3f, Brier %(oof_brier).3f, cost %(oof_cost).3f", numbers)


if __name__ == "__main__":
    run_stage("blend", main)
