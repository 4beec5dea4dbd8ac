"""The card's account of how the model was made: data, procedure, choice, and the validation of all of it."""

from collections.abc import Iterable, Iterator

from credit.card.evidence import NO_WORDS, Evidence, Values
from credit.card.markdown import bullets, estimate, exact, number, percent, plain, section, table
from credit.card.validation import validation
from credit.core.families import BLEND, FAMILIES
from credit.core.wording import METRIC_TITLES, RULE_TITLES, left_out_text

OVERSIGHT = (
    "The model proposes, a loan officer decides and may decide otherwise. The officer is to see the PD, the cutoff and "
    "the reasons for the PD, and no proposal takes effect by itself. A case that no training applicant resembles, or "
    "one near the cutoff, deserves a look of its own: there the PD says least."
)


def development(evidence: Evidence) -> str:
    """Write the part on data, procedure, choice, validation and oversight."""
    return section(
        "## Elements of the system and how it was developed",
        section("### Data", *_data(evidence)),
        section("### Procedure", bullets(_steps(evidence))),
        section("### Settings of the model", _settings(evidence)),
        section("### Families compared", *_families(evidence)),
        section("### Validation of the whole procedure", *validation(evidence)),
        section("### Human oversight", OVERSIGHT),
    )


def _data(evidence: Evidence) -> Iterator[str]:
    about, rows, explored = evidence.about, evidence.quality["rows"], evidence.explored
    yield f"{about.data} Source: {about.source} Licence: {about.licence}" if about else NO_WORDS
    counts = [
        ["read", exact(rows["ingested"]), "`data/interim/ingested.parquet` keeps every cell as it was written"],
        ["rejected", exact(rows["rejected"]), "without a valid outcome; kept in `data/interim/rejected.parquet`"],
        ["indeterminate", exact(rows["indeterminate"]), "with an outcome neither good nor bad, and so not fitted to"],
        ["merged", exact(rows["merged"]), "repeats of an applicant, made one with the first"],
        ["prepared", exact(rows["prepared"]), "one row an applicant"],
        ["training", exact(explored["train_rows"]), f"{percent(explored['train_bad_rate'])} bad"],
        ["test", exact(explored["test_rows"]), f"{percent(explored['test_bad_rate'])} bad"],
    ]
    yield table(["rows", "number", ""], counts)
    yield (
        f"Of the training applicants' feature cells, {percent(explored['missing_share'])} have no valid value. "
        f"Features used: {explored['features_used']}; left out: {explored['features_dropped']}"
        + (f" ({_named(evidence.plan['dropped'])})." if evidence.plan["dropped"] else ".")
    )
    if evidence.plan["derived"]:
        yield f"Computed from other features: {_named(evidence.plan['derived'])}."


def _named(words: Values) -> str:
    return "; ".join(f"`{name}`: {plain(text)}" for name, text in words.items())


def _steps(evidence: Evidence) -> Iterator[str]:
    params = evidence.params
    eda, search, out_of_fold = params["eda"], params["search"], params["out_of_fold"]
    drawn = "drawn at random" if eda["split"] == "random" else "the latest ones"
    yield (
        f"**Split.** {percent(eda['test_share'])} of the applicants, {drawn}, were set aside before anything was "
        "looked at. Applicants alike in all features stay on one side."
    )
    yield (
        "**Features.** From the training applicants alone, and without their outcome: numbers are capped "
        f"{exact(eda['outlier_iqr'])} interquartile ranges beyond the quartiles, and nominal levels seen in less than "
        f"{percent(eda['rare_share'])} of them count as one. What is missing is filled in inside each fit"
        f"{_gaps(evidence.plan, eda['rare_share'])}."
    )
    yield (
        f"**Settings.** Each family's settings were searched by {METRIC_TITLES[search['metric']]} in "
        f"{_folds(search['folds'], evidence)}, {search['repeats']} times over."
    )
    yield f"**Calibration.** {_calibration(evidence)}"
    yield (
        "**Judging.** The settings found were judged out of fold, calibration included: "
        f"{_folds(out_of_fold['folds'], evidence)}, {out_of_fold['repeats']} times over, the same for every family."
    )
    yield f"**Cutoff.** {_cutoff(params['decision'])} It was chosen on out-of-fold PDs, never on test applicants."
    yield (
        f"**Choice.** Families are ranked by {METRIC_TITLES[evidence.selection['ranked_by']]} out of fold; taken is "
        f"{RULE_TITLES[evidence.selection['rule']]}. {_other_rule(evidence.selection)}"
    )
    yield f"**Chance.** All random numbers follow from the seed {params['seed']}."


def _folds(asked: int, evidence: Evidence) -> str:
    """Say how many folds there are; in a fold of a fold there are fewer bads still."""
    rate = evidence.explored["train_bad_rate"]
    rarer = round(min(rate, 1 - rate) * evidence.explored["train_rows"])
    return f"{asked} folds" + (" (fewer where no more applicants are bad, or good)" if asked >= rarer else "")


def _gaps(plan: Values, share: float) -> str:
    told = ", ".join(f"`{name}`" for name in plan["gaps"])
    return f", and where it is in {percent(share)} or more, models are told so (of {told})" if told else ""


def _other_rule(selection: Values) -> str:
    """Say what the rule that is not in use would have taken, and what that would have changed."""
    other = selection["other_rule"]
    rule, family = RULE_TITLES[other["rule"]], FAMILIES[other["chosen"]].title
    if other["chosen"] == selection["chosen"]:
        return f"Taking {rule} would have given the same."
    metrics = {row["metric"]: row for row in other["better_by"]}
    metric = selection["ranked_by"]
    return f"Taking {rule} would have given {family}, in {METRIC_TITLES[metric]} better by {estimate(metrics[metric])}."


def _calibration(evidence: Evidence) -> str:
    estimator, general = evidence.evaluation["estimator"], evidence.params["calibration"]
    if estimator == BLEND:
        members = evidence.training["picked"][0]["value"]
        methods = "; ".join(f"{FAMILIES[member].title}: {_method(evidence, member)}" for member in members)
        return (
            "The PD is the mean of the members' PDs. How their scores were turned into PDs, in "
            f"{_folds(general['folds'], evidence)}: {methods}. CR003 below says whether the mean is calibrated."
        )
    method = _method(evidence, estimator)
    if method == "none":
        return "The scores of this model are PDs as they are; CR003 below says whether they are calibrated."
    return f"Scores were turned into PDs by the method {plain(method)}, in {_folds(general['folds'], evidence)}."


def _method(evidence: Evidence, family: str) -> str:
    return evidence.params["train"].get(family, {}).get("calibration", evidence.params["calibration"]["method"])


def _cutoff(decision: Values) -> str:
    if decision["cutoff"] == "youden":
        return "It is where the share of the bads rejected exceeds that of the goods most (Youden's J)."
    cost = decision["cost"]
    return (
        f"Approving a bad applicant costs {exact(cost['accept_bad'])}, rejecting a good one "
        f"{exact(cost['reject_good'])}. The cutoff is the one that is right for these costs if PDs are calibrated, "
        "unless another is cheaper by more than about two standard errors of what it saves."
    )


def _settings(evidence: Evidence) -> str:
    rows, estimator = [], evidence.evaluation["estimator"]
    for best in evidence.training["picked"]:
        value = best["value"]
        words = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        rows.append([plain(best["setting"]), plain(words)])
    title = FAMILIES[estimator].title
    if not rows:
        return f"A {title} has no settings of its own."
    members = "\n\nWhat the members picked stands in `metrics/train/`, a file each." if estimator == BLEND else ""
    lost = map(left_out_text, evidence.training.get("left_out", []))
    return table([title, "value"], rows) + members + _left_out(lost)


def _left_out(parts: Iterable[str]) -> str:
    listed = bullets(map(plain, parts))
    return f"\n\nLeft out, for they cannot be fitted to these applicants:\n\n{listed}" if listed else ""


def _families(evidence: Evidence) -> Iterator[str]:
    evaluated, selection, rows = evidence.evaluation["estimator"], evidence.selection, []
    ranked = [row for row in selection["ranking"] if row["metric"] == selection["ranked_by"]]
    for row in ranked:
        title = FAMILIES[row["family"]].title
        behind = {"mean": row["difference"], "low": row["difference_low"], "high": row["difference_high"]}
        name = f"**{title}**" if row["family"] == evaluated else title
        rows.append([name, estimate(row), "leads" if row["family"] == selection["leader"] else estimate(behind)])
    metric = f"{METRIC_TITLES[selection['ranked_by']]}, mean of the folds (n = {exact(ranked[0]['n'])})"
    lost = (f"{FAMILIES[part['family']].title}: {part['reason']}" for part in selection.get("left_out", []))
    yield table(["family", metric, "difference to the leader"], rows) + _left_out(lost)
    yield (
        f"The model described here is in bold. {_lead(selection)}The settings were searched on the same applicants (by "
        "other folds), so all these figures are slightly optimistic."
    )


def _lead(selection: Values) -> str:
    if not selection["runner_up"]:
        return ""
    lead, certain = number(selection["lead"]), selection["lead_is_more_than_noise"]
    leader = FAMILIES[selection["leader"]].title
    return (
        f"{leader[0].upper()}{leader[1:]} leads the second by {lead}, which is {'more' if certain else 'no more'} than "
        "noise. "
    )
