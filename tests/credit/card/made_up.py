"""Evidence of a run that never was, in which no two numbers are alike: each can be told from all others in a text."""

from itertools import count
from typing import Any

from credit.card.evidence import About, Evidence
from credit.core.dictionary import Dictionary

ABOUT = About(
    of="table.csv",
    title="Loans of nowhere",
    data="Applicants who never were.",
    source="Nobody.",
    licence="None.",
    purpose="To be read by a test.",
    not_for=("Anything else.",),
    remarks={"CR001": "A remark on <it>."},
)


class Numbers:
    """Gives numbers that it never gave before."""

    def __init__(self) -> None:
        self._next = count(1)

    def share(self) -> float:
        """Give a number between 0.3 and 0.9, of six digits."""
        return round(0.3 + next(self._next) * 0.0012347, 6)

    def whole(self) -> int:
        """Give a number above 100,000."""
        return 100_003 + 1_117 * next(self._next)

    def estimate(self, *names: str) -> dict[str, Any]:
        """Give an estimate, called as it is in its file, with its interval and n."""
        return {name: self.share() for name in (*names, "se", "low", "high")} | {"n": self.whole()}


def dictionary(new: Numbers) -> Dictionary:
    """Give two features, one of them protected, and a target."""
    age = {"role": "numeric", "unit": "years", "range": [new.whole(), new.whole()], "label": "age", "protected": True}
    kind = {"role": "nominal", "codes": {"a": "first | one", "b": "second"}, "actionable": True}
    rank = {"role": "ordinal", "codes": {"a": "low", "b": "high"}, "monotonicity": "decreasing"}
    target = {"role": "target", "codes": {"paid": "good", "lost": "bad"}, "bad_codes": ["lost"]}
    return Dictionary(columns={"age": age, "kind": kind, "rank": rank, "outcome": target})


def params(new: Numbers) -> dict[str, Any]:
    """Give the sections that the card reads."""
    return {
        "model": "best",
        "seed": new.whole(),
        "ingest": {"source": "table.csv"},
        "decision": {"cost": {"accept_bad": new.share(), "reject_good": new.share()}, "cutoff": "cost"},
        "eda": {
            "split": "random",
            "test_share": new.share(),
            "rare_share": new.share(),
            "outlier_iqr": new.share(),
            "subgroup_depth": new.whole(),
        },
        "features": {"exclude": [], "derived": {}},
        "search": {"folds": new.whole(), "repeats": new.whole(), "metric": "auc", "max_rows": new.whole()},
        "out_of_fold": {"folds": new.whole(), "repeats": new.whole()},
        "calibration": {"method": "sigmoid", "folds": new.whole()},
        "train": {"lr": {}},
        "blend": {"members": ["lr", "rf"]},
        "select_best": {"metric": "auc", "rule": "one_standard_error", "preference": ["lr", "rf"]},
        "validation": {"applicants": "train"},
        "check": {"max_psi": new.share()},
    }


def found_checks(new: Numbers) -> dict[str, Any]:
    """Give a check of each result."""
    checks = []
    for code, result in (
        ("CR001", "failed"),
        ("CR002", "passed"),
        ("CR016", "not decided"),
        ("CR017", "not applicable"),
    ):
        reason = f"because of {new.share():.3f} | {new.whole()}"
        checks.append({"code": code, "title": f"Title of {code}", "result": result, "reason": reason, "numbers": []})
    counts = {name: new.whole() for name in ("passed", "failed", "not_decided", "not_applicable")}
    return {**counts, "checks": checks}


def groups(new: Numbers) -> dict[str, Any]:
    """Give the rates and ratios of two groups."""
    named = [{"column": "", "group": "all"}, *({"column": "age", "group": group} for group in ("young <", "old"))]
    rates = [
        {**group, "metric": metric, **new.estimate("value"), "bad": new.whole(), "verdict": "", "reason": ""}
        for group in named
        for metric in ("approval_rate", "bad_rate")
    ]
    ratio = {"column": "age", "group": "young <", "against": "old", "metric": "approval_ratio", **new.estimate("value")}
    return {"groups": rates, "comparisons": [{**ratio, "verdict": "below four fifths", "reason": ""}]}


def explained(new: Numbers) -> dict[str, Any]:
    """Give two features' importance, one of them within noise, and a reason."""
    row = {"title": "age", "metric": "auc", **new.estimate("importance")}
    noise = {"title": "unimportant", "metric": "auc", **new.estimate("importance"), "low": -0.1}
    reason = {"title": "age", "value": "old", "contribution": new.share(), "standard_error": new.share()}
    reason["against_expectation"] = True
    compared = {"who": "approved", "n": new.whole(), "mean_pd": new.share()}
    example = {"example": "a close call", "pd": new.share(), "compared_with": compared, "reasons": [reason]}
    return {"importance": [row, noise, row | {"metric": "brier"}], "monotonicity": [], "examples": [example]}


def validated(new: Numbers) -> dict[str, Any]:
    """Give the validation of the whole procedure."""
    estimates = [
        {"family": family, "metric": metric, **new.estimate("mean")}
        for family in ("chosen", "lr", "leader")
        for metric in ("auc", "brier", "cost", "cost_neutral")
    ]
    differences = [{"family": name, "metric": "auc", **new.estimate("difference")} for name in ("lr", "leader")]
    choices = [{"rule": rule, "family": "lr", "folds": new.whole()} for rule in ("one_standard_error", "leader")]
    return {
        **{"estimates": estimates, "differences": differences},
        "cut": [{name: new.whole() for name in ("folds", "repeats", "judged_folds", "judged_repeats")}],
        **{"data_digest": "d" * 32, "applicants": "train", "choices": choices},
    }


def evidence() -> Evidence:
    """Make up a run's evidence; the same in every call."""
    new = Numbers()
    explored = {name: new.whole() for name in ("train_rows", "test_rows", "features_used", "features_dropped")}
    explored |= {name: new.share() for name in ("train_bad_rate", "test_bad_rate", "missing_share")}
    ranking = [
        {"family": family, "metric": metric, **new.estimate("mean")}
        | {f"difference{end}": -new.share() for end in ("", "_se", "_low", "_high")}
        for metric in ("auc", "cost")
        for family in ("rf", "lr")
    ]
    performance = [
        {"sample": sample, "metric": metric, **new.estimate("value"), "bad": new.whole()}
        for sample in ("test", "out of fold", "in-sample")
        for metric in ("auc", "cost")
    ]
    cutoffs = [
        {"which": which, "cutoff": cutoff, "metric": metric, **new.estimate("mean")}
        for which, cutoff in (("in use", new.share()), ("break-even", new.share()))
        for metric in ("approved", "bad_rate_approved", "cost")
    ]
    return Evidence(
        params=params(new),
        about=ABOUT,
        dictionary=dictionary(new),
        plan={
            "gaps": ["age", "duration"],
            "dropped": {"kind": "constant"},
            "derived": {"ratio": f"age / {new.whole()}"},
        },
        quality={
            "rows": {name: new.whole() for name in ("ingested", "prepared", "merged", "rejected", "indeterminate")}
        },
        explored=explored,
        training={"picked": [{"setting": "C", "value": new.share()}, {"setting": "members", "value": ["lr", "rf"]}]},
        selection={
            **{"chosen": "lr", "ranked_by": "auc", "leader": "rf", "runner_up": "lr", "lead": new.share()},
            **{"lead_is_more_than_noise": False, "ranking": ranking, "rule": "one_standard_error"},
            "other_rule": {"rule": "leader", "chosen": "rf", "better_by": [{"metric": "auc", **new.estimate("mean")}]},
        },
        evaluation={"estimator": "lr", "threshold": new.share(), "performance": performance},
        fairness=groups(new),
        cutoff={"cutoffs": cutoffs},
        explanation=explained(new),
        checks=found_checks(new),
        validation=validated(new),
        outdated=(),
        pins={"pandas": f"{new.whole()}.{new.whole()}.1", "numpy": f"{new.whole()}.2"},
        files=[{"path": "models/best.joblib", "md5": "a1" * 16, "sha256": "b2" * 32}],
    )
