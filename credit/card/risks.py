"""The card's account of what may go wrong: the metrics' limits, every check, changes and what to watch in use."""

from credit.card.evidence import Evidence
from credit.card.markdown import bullets, exact, plain, section, table

METRICS = (
    "**AUC, Gini, KS** say how well the PD ranks bad above good applicants, whatever the cutoff. They say nothing of "
    "whether a PD is right as a number, nor of what a decision costs.",
    "**Brier score** is the mean squared error of the PDs; it sees both ranking and calibration.",
    "**Precision, recall, F1, accuracy** judge decisions at one cutoff. With a cutoff set low because a bad applicant "
    "costs more, accuracy and precision are low by intention.",
    "**Cost per applicant** is what the decisions are made for, as far as the two costs are right.",
    "**Approval ratios** compare groups by who is approved, not by who would have paid back.",
)
CHANGES = (
    "Every change is a commit, `CHANGELOG.md` tells them in words, and `dvc exp show` and `dvc metrics diff` compare "
    "results of any two. The model changes only when the graph is run; it does not learn while in use."
)
IN_USE = (
    "**Inputs and score**: their stability index against the training applicants ({psi} and more is a change to look "
    "at), missing and unknown values.",
    "**Outcome**: bad rate against mean PD of those approved, as soon as outcomes are known. Those rejected have none, "
    "so what is seen is not the whole.",
    "**Decisions**: how often officers decide otherwise, and approval rates of protected groups.",
    "**Costs**: whether the two costs still hold; the cutoff follows from them.",
)


def metrics_and_risks(evidence: Evidence) -> str:
    """Write the parts on metrics, risks with all checks, changes and monitoring in use."""
    psi = exact(evidence.params["check"]["max_psi"])
    watch = bullets(point.format(psi=psi) for point in IN_USE)
    return "\n\n".join(
        [
            section("## Appropriateness of the performance metrics", bullets(METRICS)),
            section("## Risks and checks", *_checks(evidence)),
            section("## Changes through the life of the system", CHANGES),
            section("## Monitoring in use", "What to watch, and none of it happens by itself:", watch),
            section(
                "## Standards and declaration of conformity",
                "No standard is claimed to be met, and there is no declaration of conformity.",
            ),
        ]
    )


def _checks(evidence: Evidence) -> tuple[str, ...]:
    found, remarks = evidence.checks, evidence.about.remarks if evidence.about else {}
    counts = f"{found['passed']} passed, {found['failed']} failed, {found['not_applicable']} not applicable."
    meaning = (
        "A failed check stops nothing: it is a finding that somebody has to look at. Remarks are by people "
        "(`data/about.yaml`) and change no result."
    )
    rows = [
        [
            check["code"],
            plain(check["title"]),
            f"**{check['result']}**" if check["result"] == "failed" else check["result"],
            plain(check["reason"]),
            plain(remarks.get(check["code"], "")),
        ]
        for check in found["checks"]
    ]
    return f"{counts} {meaning}", table(["code", "check", "result", "because", "remark"], rows)
