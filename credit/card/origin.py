"""The card's account of where the model comes from: versions, files and commit."""

from credit.card.evidence import Evidence
from credit.card.markdown import section, table

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


def origin(evidence: Evidence) -> str:
    """Write the part on environment and lineage."""
    pins = [[library, f"`{version}`"] for library, version in sorted(evidence.pins.items())]
    files = [[f"`{file['path']}`", f"`{file['md5']}`", f"`{file['sha256']}`"] for file in evidence.files]
    return section(
        "## Environment and lineage",
        section("### Environment", PINNED, table(["library", "version"], pins)),
        section("### Lineage", COMMIT, table(["file", "MD5", "SHA-256"], files)),
    )
