"""blend: the mean of several families' PDs as a candidate of its own, made of the saved models."""

import logging

from credit.core.columns import BAD
from credit.core.families import BLEND
from credit.core.records import Record
from credit.core.wording import left_out_text
from credit.io.files import LEFT_OUT, read_params, read_parquet, write_model
from credit.metrics.decision import Decision
from credit.model.settings import Blend, check_members
from credit.model.voting import blend, mean_pds
from stages.io.left_out import read_models, write_left_out
from stages.io.out_of_fold import cutoff_of, read_oof, read_test_by_fold, write_oof, write_test_by_fold
from stages.io.runner import run_stage


class Params(Record):
    decision: Decision
    blend: Blend


def main(log: logging.Logger) -> None:
    params = read_params(Params)
    check_members(params.blend.members)
    models, reasons = read_models(params.blend.members)
    lost = [{"which": member, "reason": reason} for member, reason in reasons.items()]
    for part in lost:
        log.warning("left out of the mean: %s", left_out_text(part))
    if not models:
        write_left_out(BLEND, lost)
        log.warning("no member is left: %s is left out", BLEND)
        return

    train, members = read_parquet("data/processed/train.parquet"), list(models)
    pds = mean_pds(read_oof(members))
    write_test_by_fold(BLEND, mean_pds({member: read_test_by_fold(member) for member in members}))
    cutoff = cutoff_of(pds, params.decision, log)
    features = list(models[members[0]].feature_names_in_)
    write_model(f"models/{BLEND}.joblib", blend(models, train[features], train[BAD].to_numpy(), cutoff))
    lists = {"picked": [{"setting": "members", "value": members}], **({LEFT_OUT: lost} if lost else {})}
    numbers = write_oof(BLEND, pds, cutoff, params.decision, **lists)
    log.info("the mean of %s", ", ".join(members))
    log.info("out of fold: AUC %(oof_auc).3f, Brier %(oof_brier).3f, cost %(oof_cost).3f", numbers)


if __name__ == "__main__":
    run_stage("blend", main)
