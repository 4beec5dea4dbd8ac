"""Decisions: the PD, what is proposed at the cutoff, why, and what the application lacked."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple
from uuid import uuid4

import numpy as np
import pandas as pd

from credit.core.dictionary import Dictionary
from credit.core.records import Record
from credit.explain.reasons import Reasons, reasons
from credit.scoring.application import Applications
from credit.scoring.scorer import ModelVersion, Scorer

Proposal = Literal["approve", "reject"]
TREATED = "taken as not known: nothing is guessed"


class Reason(Record):
    """What an attribute adds to the PD, in the dictionary's words."""

    attribute: str
    title: str
    value: str
    contribution: float
    against_expectation: bool


class Unknown(Record):
    """An attribute of which the application has no value, or none that the dictionary allows."""

    attribute: str
    title: str
    found: Literal["missing", "not valid"]
    treated: str = TREATED


class Decision(Record):
    """What was decided of an application, and by what; it has a PD and a proposal, or a reason why it cannot be scored.

    `compared_with` says whose mean PD `base` is: base, the contributions of the reasons, `other_attributes` and
    `protected_attributes` sum to the PD.
    """

    id: str
    time: datetime
    model: ModelVersion
    pd: float | None
    proposal: Proposal | None
    cannot_be_scored: str | None = None
    reasons: tuple[Reason, ...] = ()
    compared_with: str | None = None
    base: float | None = None
    other_attributes: float | None = None
    protected_attributes: float | None = None
    unknown: tuple[Unknown, ...] = ()


class Scored(NamedTuple):
    """The PDs of applications, NaN where one cannot be scored, and whether the proposal is to reject."""

    pds: np.ndarray
    rejected: np.ndarray


def score(scorer: Scorer, applications: Applications, threads: int = 1) -> Scored:
    """Score the applications that can be."""
    usable = applications.refusals == ""
    pds = np.full(len(usable), np.nan)
    columns = applications.columns
    if not usable.all():
        columns = {name: values[usable] for name, values in columns.items()}
    pds[usable] = scorer.pds(columns, threads)
    return Scored(pds, pds >= scorer.cutoff)


class Explainer:
    """Finds the reasons of decisions, by training applicants whose PDs are computed once."""

    def __init__(self, scorer: Scorer, training: pd.DataFrame, dictionary: Dictionary, *, seed: int) -> None:
        self._scorer, self._dictionary, self._seed = scorer, dictionary, seed
        self._training = training[scorer.features].reset_index(drop=True)
        self._pds = scorer.pds_of(self._training)

    def reasons(self, applicant: pd.DataFrame, threads: int = 1) -> Reasons:
        """Explain one row of prepared values, as `credit.explain.reasons` does."""
        of_types = applicant[self._scorer.features].astype(self._training.dtypes.to_dict())
        return reasons(
            self._scorer.model,
            of_types,
            self._training,
            self._dictionary,
            seed=self._seed,
            score=lambda rows: self._scorer.pds_of(rows, threads),
            training_pds=self._pds,
        )

    def in_words(self, applicant: pd.DataFrame, why: Reasons) -> tuple[Reason, ...]:
        """Say the top reasons in the dictionary's words."""
        return tuple(
            Reason(
                attribute=row.attribute,
                title=self._dictionary.title(row.attribute),
                value=self._dictionary.in_words(row.attribute, applicant[row.attribute].iloc[0]),
                contribution=row.contribution,
                against_expectation=row.against,
            )
            for row in why.top.itertuples()
        )


def decide(scorer: Scorer, application: Mapping[str, Any], explainer: Explainer | None = None) -> Decision:
    """Decide an application that is a JSON object, with its reasons if there is an explainer."""
    read = scorer.reader.json([application])
    (pd_hat,), (rejected,) = score(scorer, read)
    refusal = read.refusals[0]
    why: dict[str, Any] = {}
    if explainer and not refusal:
        applicant = read.frame()
        found = explainer.reasons(applicant)
        why = {
            "reasons": explainer.in_words(applicant, found),
            "compared_with": found.compared_with,
            "base": found.base,
            "other_attributes": found.others,
            "protected_attributes": found.protected,
        }
    return Decision(
        id=uuid4().hex,
        time=datetime.now(UTC),
        model=scorer.version,
        pd=None if refusal else float(pd_hat),
        proposal=None if refusal else ("reject" if rejected else "approve"),
        cannot_be_scored=refusal or None,
        unknown=_unknown(read, scorer.dictionary),
        **why,
    )


def _unknown(read: Applications, dictionary: Dictionary) -> tuple[Unknown, ...]:
    return tuple(
        Unknown(attribute=name, title=dictionary.title(name), found=found)
        for name in read.missing
        for found, marked in (("missing", read.missing), ("not valid", read.invalid))
        if marked[name][0]
    )
