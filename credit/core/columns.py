"""The columns that every table has, whatever the lender calls its own."""

LINE = "line"  # on which line of the file an applicant stands, the header being line 1; in a folder `file:line`
BAD = "bad"  # the target: 1 = bad (default), 0 = good
GROUP = "applicant_group"  # number of the distinct applicant: rows alike in all features have the same one
REASON = "reason"  # why a row is not used


def kept_apart(source: str) -> str:
    """Name a lender's column so that it does not hide one of ours."""
    return f"{source} (as in the file)" if source in (LINE, REASON) else source
