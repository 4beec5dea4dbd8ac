"""card: the model card, Markdown made of what the other stages wrote."""

import hashlib
import logging
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from credit.card.document import model_card
from credit.card.evidence import About, Evidence
from credit.card.fingerprint import changed, fingerprint
from credit.check.record import TITLES
from credit.core.by_rows import params_at
from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from credit.core.families import BLEND
from credit.core.records import Record, check
from credit.io.files import read_dictionary, read_json, read_params, read_yaml, replacing
from stages.io.runner import run_stage

CARD = Path("models/MODEL_CARD.md")
ABOUT = Path("data/about.yaml")
VALIDATION = Path("metrics/validation.json")
RESULTS = Path("metrics/train")
LIBRARIES = (
    *("category-encoders", "dvc", "imbalanced-learn", "joblib", "numpy", "optbinning", "pandas"),
    *("pyarrow", "scikit-learn", "scipy", "xgboost"),
)
FILES = ("data/interim/ingested.parquet", "data/interim/prepared.parquet", "data/processed/train.parquet",
         "data/processed/test.parquet")  # fmt: skip
Section = dict[str, Any]  # its own stage checks it


class Params(Record):
    model: str
    seed: int
    decision: Section
    ingest: Section
    eda: Section
    features: Section
    search: Section
    out_of_fold: Section
    calibration: Section
    train: Section
    blend: Section
    select_best: Section
    validation: Section
    check: Section


def read_about(source: str) -> About | None:
    """Read what people wrote, if it is of the table that is ingested."""
    about = check(About, read_yaml(ABOUT), str(ABOUT))
    for code in about.remarks:
        if code not in TITLES:
            raise InputError(f"{ABOUT}: 'remarks' must be on checks {min(TITLES)} to {max(TITLES)}, got {code!r}")
    return about if about.of == source else None


def read_validation(files: list[dict[str, str]]) -> Any:
    """Read the validation of the whole procedure, if it is there and of these data."""
    if not VALIDATION.exists():
        return None
    validation = read_json(VALIDATION)
    return validation if validation["data_digest"] in [file["md5"] for file in files] else None


def outdated(validation: Any, params: Section, dictionary: Dictionary) -> list[str]:
    """Name the sections of the params that a validation was made with another state of; one without digests: all."""
    return changed(validation.get("made_of", {}), fingerprint(params, dictionary)) if validation else []


def pinned_versions(text: str) -> dict[str, str]:
    """Read the versions of `LIBRARIES`; where they differ from platform to platform, all of them."""
    pins: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==(\S+)", text, flags=re.MULTILINE):
        if name in LIBRARIES:
            pins.setdefault(name, []).append(version)
    return {name: ", ".join(versions) for name, versions in pins.items()}


def digests(path: str) -> dict[str, str]:
    """Give a file's MD5, which DVC uses too, and its SHA-256."""
    content = Path(path).read_bytes()
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return {"path": path, "md5": md5, "sha256": hashlib.sha256(content).hexdigest()}


def check_results(families: Iterable[str]) -> None:
    """Refuse results of a family that is not trained any more: they would stand in dvc.lock as if they were."""
    gone = sorted({path.stem for path in RESULTS.glob("*.json")} - {*families, BLEND})
    if gone:
        raise InputError(
            f"{RESULTS}: expected results of the families under 'train' in params.yaml, found those of "
            f"{', '.join(gone)} too: `python -m ops.check_params` says how to remove them"
        )


def main(log: logging.Logger) -> None:
    params, explored = read_params(Params), read_json("metrics/eda.json")
    check_results(params.train)
    used = params_at(params.model_dump(), explored["train_rows"])
    files = [digests(path) for path in (*FILES, f"models/{params.model}.joblib")]
    evaluation, dictionary, validation = read_json("metrics/evaluation.json"), read_dictionary(), read_validation(files)
    evidence = Evidence(
        params=used,
        about=read_about(params.ingest["source"]),
        dictionary=dictionary,
        plan=read_json("data/processed/feature_plan.json"),
        quality=read_json("metrics/data_quality.json"),
        explored=explored,
        training=read_json(RESULTS / f"{evaluation['estimator']}.json"),
        selection=read_json("metrics/selection.json"),
        evaluation=evaluation,
        fairness=read_json("metrics/fairness.json"),
        cutoff=read_json("metrics/cutoff.json"),
        explanation=read_json("metrics/explanation.json"),
        checks=read_json("metrics/checks.json"),
        validation=validation,
        outdated=outdated(validation, used, dictionary),
        pins=pinned_versions(Path("requirements.txt").read_text(encoding="utf-8")),
        files=files,
    )
    text = model_card(evidence)
    with replacing(CARD) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    if evidence.about is None:
        log.warning("%s is of another table than %s, so the card tells nothing of the data in words", ABOUT,
                    params.ingest["source"])  # fmt: skip
    if evidence.outdated:
        log.warning("%s was made with other settings than today's (%s): run `make validate` again", VALIDATION,
                    ", ".join(evidence.outdated))  # fmt: skip
    log.info("%s: %d lines", CARD, text.count("\n"))


if __name__ == "__main__":
    run_stage("card", main)
