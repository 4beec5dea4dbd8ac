"""The card's account of what may go wrong and what to watch, with every check; and where the model comes from."""

from credit.card.evidence import Evidence, Values
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
FAILED = (
    "A failed check stops nothing: it is a finding that somebody has to look at. A check is failed where the whole "
    "interval of what it looks at is beyond its limit, passed where it is within, and else not decided: applicants are "
    "too few to tell. Remarks are by people (`data/about.yaml`) and change no result."
)
NO_CONFORMITY = "No standard is claimed to be met, and there is no declaration of conformity."
IN_USE = (
    "**Inputs and score**: their stability index against the training applicants ({psi} and more is a change to look "
    "at), missing and unknown values.",
    "**Outcome**: bad rate against mean PD of those approved, as soon as outcomes are known. Those rejected have none, "
    "so what is seen is not the whole.",
    "**Decisions**: how often officers decide otherwise, and approval rates of protected groups.",
    "**Costs**: whether the two costs still hold; the cutoff follows from them.",
)
PINNED = (
    "Versions pinned in `requirements.txt`, for the graph to run with; `make run` says where others are installed. The "
    "operating system, the processor and the Python version may change the last digits of a model, see "
    "`make reproduce`."
)
COMMIT = (
    "This card is committed together with `dvc.lock`, so it cannot name its own commit or hold the digest of that "
    "lock. The commit is the one that holds this file; `python -m ops.lineage` prints it with the lock's digest, and "
    "compares the digests below with the lock and with the files that are here. The MD5 digests are those that "
    "`dvc.lock` has."
)


def metrics_and_risks(evidence: Evidence) -> str:
    """Write the parts on metrics, risks with all checks, changes and monitoring in use."""
    psi = exact(evidence.params["check"]["max_psi"])
    watch = bullets(point.format(psi=psi) for point in IN_USE)
    parts = {
        "Appropriateness of the performance metrics": [bullets(METRICS)],
        "Risks and checks": _checks(evidence),
        "Changes through the life of the system": [CHANGES],
        "Monitoring in use": ["What to watch, and none of it happens by itself:", watch],
        "Standards and declaration of conformity": [NO_CONFORMITY],
    }
    return "\n\n".join(section(f"## {title}", *texts) for title, texts in parts.items())


def count_words(checks: Values) -> str:
    """Say how many checks had which result."""
    counts = {name: checks[name] for name in ("passed", "failed", "not_decided", "not_applicable")}
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())


def _checks(evidence: Evidence) -> list[str]:
    checks, remarks = evidence.checks, evidence.about.remarks if evidence.about else {}
    counts = f"{count_words(checks)}."
    rows = []
    for check in checks["checks"]:
        result = "**failed**" if check["result"] == "failed" else check["result"]
        words = plain(check["reason"]), plain(remarks.get(check["code"], ""))
        rows.append([check["code"], plain(check["title"]), result, *words])
    return [f"{counts} {FAILED}", table(["code", "check", "result", "because", "remark"], rows)]


def origin(evidence: Evidence) -> str:
    """Write the part on environment and lineage."""
    pins = [[library, f"`{version}`"] for library, version in sorted(evidence.pins.items())]
    files = [[f"`{file['path']}`", f"`{file['md5']}`", f"`{file['sha256']}`"] for file in evidence.files]
    return section(
        "## Environment and lineage",
        section("### Environment", PINNED, table(["library", "version"], pins)),
        section("### Lineage", COMMIT, table(["file", "MD5", "SHA-256"], files)),
    )
