"""The formulas by which fitted steps make numbers of numbers, in their order of operations."""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, PowerTransformer, StandardScaler

from credit.scoring.batch import NotCompilableError

Step = Callable[[np.ndarray], np.ndarray]


def steps_of(part: Pipeline, place: int) -> tuple[Step, ...]:
    """Give what the steps of a branch of numbers do to the column at a place, in their order of operations."""
    steps: list[Step] = []
    for name, step in part.steps:
        if isinstance(step, SimpleImputer):
            steps.append(_filled(step.statistics_[place]))
        elif isinstance(step, FunctionTransformer) and step.func is np.clip:
            steps.append(_clipped(step.kw_args["a_min"][place], step.kw_args["a_max"][place]))
        elif isinstance(step, StandardScaler):
            steps.append(_scaled(step.mean_[place], step.scale_[place]))
        elif isinstance(step, PowerTransformer) and step.method == "yeo-johnson" and step.standardize:
            steps.append(_yeo_johnson(step.lambdas_[place]))
            steps.append(_scaled(step._scaler.mean_[place], step._scaler.scale_[place]))
        elif name not in ("missing", "numbers"):
            raise NotCompilableError(f"its numbers go through a {type(step).__name__}")
    return tuple(steps)


def _filled(value: float) -> Step:
    return lambda values: np.where(np.isnan(values), value, values)


def _clipped(lower: float, upper: float) -> Step:
    return lambda values: np.clip(values, lower, upper)


def _scaled(mean: float, scale: float) -> Step:
    return lambda values: (values - mean) / scale


def _yeo_johnson(power: float) -> Step:
    """Give the transform as SciPy has it: log1p and expm1 lose no digits near zero."""
    eps = np.finfo("float64").eps

    def at_zero_or_above(values: np.ndarray) -> np.ndarray:
        logs = np.log1p(values)
        return logs if abs(power) < eps else np.expm1(power * logs) / power

    def below(values: np.ndarray) -> np.ndarray:
        logs = np.log1p(-values)
        return -np.expm1((2 - power) * logs) / (2 - power) if abs(power - 2) > eps else -logs

    def transform(values: np.ndarray) -> np.ndarray:
        transformed, is_above = np.empty_like(values), values >= 0
        transformed[is_above] = at_zero_or_above(values[is_above])
        transformed[~is_above] = below(values[~is_above])
        return transformed

    return transform


_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


def evaluate(part: ast.expr, columns: Mapping[str, np.ndarray]) -> Any:
    """Compute an expression with Python's operators, as pandas' python engine does."""
    match part:
        case ast.Name(name):
            return columns[name]
        case ast.Constant(value):
            return value
        case ast.BinOp(left, symbol, right):
            return _OPERATORS[type(symbol)](evaluate(left, columns), evaluate(right, columns))
        case ast.UnaryOp(symbol, operand):
            return _OPERATORS[type(symbol)](evaluate(operand, columns))
    raise NotCompilableError(f"a derived feature has a {type(part).__name__}")
