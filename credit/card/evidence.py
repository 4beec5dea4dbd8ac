"""What the card is made of."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from credit.card.about import About
from credit.core.dictionary import Dictionary

Values = Mapping[str, Any]


class Evidence(NamedTuple):
    """Files of the run as plain values, and what people wrote.

    Attributes
    ----------
    params : params.yaml.
    about : None where data/about.yaml is of another table.
    plan : data/processed/feature_plan.json.
    quality, explored, training, selection, evaluation, fairness, cutoff, explanation, checks : metrics/data_quality,
        eda, train/<family of the evaluated model>, selection, evaluation, ... (JSON).
    ranking, performance : plots/selection.csv and plots/performance.csv, a record a row.
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
    ranking: Sequence[Values]
    performance: Sequence[Values]
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
        return next(row for row in self.performance if (row["sample"], row["metric"]) == (sample, metric))

    def ranked(self) -> Sequence[Values]:
        """Find the families' records of the metric that they were ranked by, the leader first."""
        return [row for row in self.ranking if row["metric"] == self.selection["ranked_by"]]
