"""One file of applications to one file of decisions, a row for each row, in flat memory."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa

from credit.core.columns import LINE
from credit.core.errors import InputError
from credit.core.wording import decimal_text
from credit.data.reading import read_file, read_layout
from credit.explain.explanation import reason_in_words
from credit.io.files import replacing
from credit.scoring.application import Applications, names_where
from credit.scoring.decision import Explainer, Scored, score
from credit.scoring.scorer import Scorer
from ops.score.output import REASONS, SCHEMA, TOP, writing
from ops.score.summary import Summary

Which = Literal["none", "rejected", "all"]


class Scoring(NamedTuple):
    """What is done with every file: by which model, with reasons of whom, in how many threads."""

    scorer: Scorer
    explainer: Explainer | None
    which: Which
    threads: int
    progress: Callable[[int], object]

    @property
    def schema(self) -> pa.Schema:
        return SCHEMA if self.which == "none" else pa.schema([*SCHEMA, *REASONS])


def score_file(source: Path, name: str, output: Path, kind: str, scoring: Scoring, summary: Summary) -> None:
    """Score a file of applications; the decisions appear whole or not at all.

    Parameters
    ----------
    name : what the file is called in messages.
    kind : one of the formats of `ops.score.output`.
    """
    with replacing(output) as temporary, writing(temporary, kind, scoring.schema) as write:
        for lines, applications in _read(source, name, scoring.scorer):
            scored = score(scoring.scorer, applications, scoring.threads)
            write(_table(lines, applications, scored, scoring))
            summary.count(scored, applications.refusals)
            scoring.progress(len(lines))


def _read(source: Path, name: str, scorer: Scorer) -> Iterator[tuple[pa.ChunkedArray, Applications]]:
    try:
        layout = read_layout(source, scorer.dictionary)
        wanted = {scorer.dictionary.source(name) for name in scorer.dictionary.columns}
        for table in read_file(source, "", layout, [column for column in layout.names if column in wanted]):
            cells = table.drop_columns(LINE).to_pandas(strings_to_categorical=True)
            yield table[LINE], scorer.reader.table(cells)
    except InputError as error:
        separated = ", " if str(error).startswith("line") else ": "
        raise InputError(f"{name}{separated}{error}") from None


def _table(lines: pa.ChunkedArray, applications: Applications, scored: Scored, scoring: Scoring) -> pa.Table:
    version, rows = scoring.scorer.version, len(lines)
    usable = applications.refusals == ""
    proposals = pa.array(np.where(scored.rejected, "reject", "approve"), mask=~usable)
    columns = [
        lines.combine_chunks(),
        proposals,
        pa.array(scored.pds, mask=~usable),
        pa.repeat(version.cutoff, rows),
        pa.array(applications.refusals, pa.string(), mask=usable),
        pa.array(names_where(applications.missing), pa.string()),
        pa.array(names_where(applications.invalid), pa.string()),
        pa.repeat(f"{version.family}:{version.sha256[:12]}", rows),
    ]
    if scoring.which != "none":
        explained = usable & (scored.rejected | (scoring.which == "all"))
        columns += _reasons(applications, np.flatnonzero(explained), scoring)
    return pa.table(columns, schema=scoring.schema)


def _reasons(applications: Applications, rows: np.ndarray, scoring: Scoring) -> list[pa.Array]:
    """Give the texts of the first reason of each row, the second and so on."""
    texts: list[list[str | None]] = [[None] * len(applications.refusals) for _ in range(TOP)]
    for row in rows.tolist():
        applicant = applications.frame(slice(row, row + 1))
        why = scoring.explainer.reasons(applicant, scoring.threads)
        for place, reason in enumerate(scoring.explainer.in_words(applicant, why)):
            points = decimal_text(100 * reason.contribution, 1)
            texts[place][row] = f"{reason_in_words(reason.model_dump())} ({points} points)"
    return [pa.array(column, pa.string()) for column in texts]
