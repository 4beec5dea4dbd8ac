"""What the card is made of: files of the run, and what people wrote in data/about.yaml."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from credit.core.dictionary import Dictionary
from credit.core.records import Record

Values = Mapping[str, Any]
NO_WORDS = "*`data/about.yaml` is of another table, so nothing is told here in words.*"


class About(Record):
    """The words of the card that belong to one table, which no number tells.

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


class Evidence(NamedTuple):
    """Files of the run as plain values, and what people wrote.

    Attributes
    ----------
    params : params.yaml.
    about : None where data/about.yaml is of another table.
    plan : data/processed/feature_plan.json.
    quality, explored, training, selection, evaluation, fairness, cutoff, explanation, checks : metrics/data_quality,
        eda, train/<family of the evaluated model>, selection, evaluation, ... (JSON).
    validation : metrics/validation.json, None where it is not there or is of other data.
    outdated : sections of params.yaml (or the data dictionary) that the validation was made with another state of.
    pins : library -> version, of requirements.txt.
    files : records of path, md5 and sha256, of the data and the model.
    """

    params: Values
    about: About | None
    dictionary: Dictionary
    plan: Values
    quality: Values
    explored: Values
    training: Values
    selection: Values
    evaluation: Values
    fairness: Values
    cutoff: Values
    explanation: Values
    checks: Values
    validation: Values | None
    outdated: Sequence[str]
    pins: Mapping[str, str]
    files: Sequence[Mapping[str, str]]

    def measured(self, sample: str, metric: str) -> Values:
        """Find the record of a metric on `test`, `out of fold` or `in-sample`."""
        rows = self.evaluation["performance"]
        return next(row for row in rows if (row["sample"], row["metric"]) == (sample, metric))
