"""What no number tells of the data and of the model's use: written by people, in data/about.yaml."""

from credit.core.records import Record


class About(Record):
    """The words of the card that belong to one table.

    Attributes
    ----------
    of : the `ingest.source` that this is about; of another table, nothing of this is said.
    title : of the data.
    data : who the applicants are, when and where.
    source, licence : where the data come from, and on what terms.
    purpose : what the model is meant for.
    not_for : what it must not be used for, or cannot tell.
    remarks : code of a check -> what somebody who looked at its finding has to say; it changes no result.
    """

    of: str
    title: str
    data: str
    source: str
    licence: str
    purpose: str
    not_for: tuple[str, ...]
    remarks: dict[str, str]
