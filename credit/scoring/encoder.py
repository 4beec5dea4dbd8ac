"""Fitted preprocessing as plain arrays: a table for every column of finitely many codes, a formula for every number.

The tables are made by the fitted transformer itself, of applicants in whom one column goes through all its codes while
the others stay missing. So they are exact, and know nothing of what is inside encoders, imputers and bins.
"""

import ast
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from credit.scoring.batch import Batch, Coding, Levels, NotCompilableError, Splits
from credit.scoring.formulas import Step, evaluate, steps_of


class Table(NamedTuple):
    """What codes of a column become, shape (codes, outputs), and which columns of the encoded matrix these are."""

    coding: Coding
    outputs: np.ndarray
    values: np.ndarray


class Number(NamedTuple):
    """The formula of a number, step by step, and the column of the encoded matrix that it fills."""

    name: str
    output: int
    steps: tuple[Step, ...]

    def of(self, batch: Batch) -> np.ndarray:
        values = batch.columns[self.name]
        for step in self.steps:
            values = step(values)
        return values


class Encoder(NamedTuple):
    """All of a model's preprocessing; `constant` is the encoded matrix' row where no table and no formula says more."""

    derived: Mapping[str, ast.expr]
    tables: tuple[Table, ...]
    numbers: tuple[Number, ...]
    constant: np.ndarray
    examples: Mapping[str, list[Any]]  # by input: values that tell its codes apart

    def derive(self, batch: Batch) -> None:
        """Add the derived features to a batch; one that is not finite is missing."""
        for name, expression in self.derived.items():
            if name not in batch.columns:
                with np.errstate(all="ignore"):
                    values = np.broadcast_to(evaluate(expression, batch.columns), len(batch))
                    batch.columns[name] = np.where(np.isfinite(values), values, np.nan)

    def matrix(self, batch: Batch, dtype: str = "float32") -> np.ndarray:
        """Give the encoded matrix, a row an applicant."""
        self.derive(batch)
        matrix = np.empty((len(batch), len(self.constant)), dtype)
        matrix[:] = self.constant
        for table in self.tables:
            codes = batch.codes(table.coding)
            for place, output in enumerate(table.outputs):
                matrix[:, output] = table.values[:, place].take(codes)
        for number in self.numbers:
            matrix[:, number.output] = number.of(batch)
        return matrix


Term = Callable[[int, np.ndarray], np.ndarray]  # of a column of the encoded matrix and its values, a row a value


class Sums:
    """Sums over the columns of an encoded matrix that is never made: of a table's columns, one term for each code.

    Terms are added in one order whatever the number of rows, which no matrix product promises.
    """

    def __init__(self, encoder: Encoder, term: Term, start: np.ndarray) -> None:
        self._encoder, self._term = encoder, term
        own = {int(output) for table in encoder.tables for output in table.outputs}
        own |= {number.output for number in encoder.numbers}
        rest = [output for output in range(len(encoder.constant)) if output not in own]
        self._start = sum((term(output, encoder.constant[[output]])[0] for output in rest), start)
        self._folded = [(table.coding, sum(self._terms(table))) for table in encoder.tables]

    def _terms(self, table: Table) -> list[np.ndarray]:
        return [self._term(output, table.values[:, place]) for place, output in enumerate(table.outputs)]

    def of(self, batch: Batch, rows: slice = slice(None)) -> np.ndarray:
        """Give the sums, shape (rows, width)."""
        self._encoder.derive(batch)
        sums = np.tile(self._start, (len(range(len(batch))[rows]), 1))
        for coding, folded in self._folded:
            sums += folded.take(batch.codes(coding)[rows], axis=0)
        for number in self._encoder.numbers:
            sums += self._term(number.output, number.of(batch)[rows])
        return sums


def compile_encoder(preprocess: Any, shared: dict[Hashable, Coding]) -> Encoder:
    """Turn a fitted preprocessing into arrays.

    Parameters
    ----------
    shared : codings of other preprocessings by their keys, used again where they are alike; new ones are added.

    Raises
    ------
    NotCompilableError
        A step is none of those that `build_preprocessing` takes, or a column depends on two columns of applicants.
    """
    derived, encoder = _derivation(preprocess)
    branches = encoder.named_steps["levels"] if isinstance(encoder, Pipeline) else encoder
    if not isinstance(branches, ColumnTransformer):
        raise NotCompilableError(f"its preprocessing is a {type(branches).__name__}")
    fitted = [(name, part, list(columns)) for name, part, columns in branches.transformers_ if len(columns)]
    fitted = [branch for branch in fitted if branch[1] != "drop"]
    is_binned = encoder is not branches
    splits = _splits(encoder.named_steps["bins"]) if is_binned else {}
    codings = [shared.setdefault(coding.key, coding) for coding in _codings(fitted, splits)]
    places = {} if is_binned else branches.output_indices_
    numbers = tuple(
        Number(column, places[name].start + place, steps_of(part, place))
        for name, part, columns in fitted
        if not is_binned and isinstance(part, Pipeline) and "numbers" in part.named_steps
        for place, column in enumerate(columns)
    )
    tables, constant = _tabulate(encoder, codings, {number.output for number in numbers})
    examples = {coding.name: coding.examples for coding in codings}
    for number in numbers:
        examples[number.name] = _spread(branches, number, examples[number.name])
    return Encoder(derived, tables, numbers, constant, examples)


def _derivation(preprocess: Any) -> tuple[dict[str, ast.expr], Any]:
    if not isinstance(preprocess, Pipeline) or "derive" not in preprocess.named_steps:
        return {}, preprocess
    lines = preprocess.named_steps["derive"].named_steps["compute"].kw_args["expr"].splitlines()
    parts = (line.split(" = ", 1) for line in lines)
    return {name: ast.parse(text, mode="eval").body for name, text in parts}, preprocess.named_steps["code"]


def _codings(branches: Sequence[tuple[str, Any, list[str]]], splits: Mapping[str, Sequence[float]]) -> list[Coding]:
    codings: dict[str, Coding] = {}
    for _, part, columns in branches:
        steps = part.named_steps.values() if isinstance(part, Pipeline) else ()
        levels = next((step.categories_ for step in steps if hasattr(step, "categories_")), None)
        for place, name in enumerate(columns):
            if levels is None:
                codings.setdefault(name, Splits(name, splits.get(name, ())))
            else:
                codings.setdefault(name, Levels(name, [level for level in levels[place] if not pd.isna(level)]))
    return list(codings.values())


def _splits(bins: Any) -> dict[str, Sequence[float]]:
    numbers = (name for name in bins.variable_names if name not in (bins.categorical_variables or ()))
    return {name: bins.get_binned_variable(name).splits for name in numbers}


def _tabulate(encoder: Any, codings: Sequence[Coding], formulas: set[int]) -> tuple[tuple[Table, ...], np.ndarray]:
    sizes = [len(coding.examples) for coding in codings]
    ends = np.cumsum(sizes)
    columns = {}
    for coding, size, end in zip(codings, sizes, ends, strict=True):
        values = np.full(ends[-1], np.nan, dtype=object)
        values[end - size : end] = coding.examples
        columns[coding.name] = pd.Series(values, dtype="str" if coding.is_text else "float64")
    encoded = np.asarray(encoder.transform(pd.DataFrame(columns)), dtype="float64")
    nothing = encoded[-1]  # where all is missing
    owner: dict[int, str] = {}
    tables = []
    for coding, size, end in zip(codings, sizes, ends, strict=True):
        block = encoded[end - size : end]
        differs = ~((block == nothing) | (np.isnan(block) & np.isnan(nothing)))
        outputs = np.array([place for place in np.flatnonzero(differs.any(axis=0)) if place not in formulas], dtype=int)
        for output in outputs.tolist():
            if owner.setdefault(output, coding.name) != coding.name:
                raise NotCompilableError(f"an encoded column depends on both {owner[output]} and {coding.name}")
        if len(outputs):
            tables.append(Table(coding, outputs, block[:, outputs].copy()))
    return tuple(tables), nothing


def _spread(branches: ColumnTransformer, number: Number, examples: list[float]) -> list[float]:
    """Add numbers within and beyond the caps to a column's examples."""
    for _, part, columns in branches.transformers_:
        if isinstance(part, Pipeline) and "cap" in part.named_steps and number.name in columns:
            limits, place = part.named_steps["cap"].kw_args, list(columns).index(number.name)
            low, high = limits["a_min"][place], limits["a_max"][place]
            return [*examples, *(low + (high - low) * np.linspace(-0.5, 1.5, 23))]
    return examples
