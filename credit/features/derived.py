"""Features computed from others, declared as expressions: `instalment: amount / duration`."""

import ast
import keyword
import re
from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from credit.core.columns import BAD, GROUP, LINE
from credit.core.errors import InputError
from credit.features.missing import as_numbers

NAME = re.compile(r"[A-Za-z_]\w*")
EXPRESSION = re.compile(r"[\w .+*/()-]+")  # pandas reads a line at a time
OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.UAdd)
PARTS = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Name, ast.Load, ast.Constant, *OPERATORS)
LARGEST_POWER = 99  # of a number
DIGITS = 6  # of the numbers in the written plan


def build_derivation(derived: Mapping[str, str]) -> Pipeline:
    """Build a transformer that adds the derived features to a data frame, by pandas' own expressions.

    Of a new applicant one that is not finite (a division by zero) is missing.
    """
    inputs = sorted(set().union(*(_columns_in(expression) or () for expression in derived.values())))
    numbers = ColumnTransformer(
        [("inputs", Pipeline(as_numbers()), inputs)], remainder="passthrough", verbose_feature_names_out=False
    ).set_output(transform="pandas")
    # Where numexpr is installed pandas would compute with that, and differ in the last digits.
    compute = FunctionTransformer(pd.DataFrame.eval, kw_args={"expr": _assignments(derived), "engine": "python"})
    infinite = {"to_replace": [np.inf, -np.inf], "value": np.nan}
    finite = FunctionTransformer(pd.DataFrame.replace, kw_args=infinite)
    return Pipeline([("numbers", numbers), ("compute", compute), ("finite", finite)])


def derive(applicants: pd.DataFrame, derived: Mapping[str, str]) -> pd.DataFrame:
    """Add derived features to applicants; missing where what they are computed from is missing.

    Raises
    ------
    InputError
        A feature is not finite for an applicant whose values are known (a division by zero), or its values cannot be
        told apart with the digits that the plan is written with.
    """
    if not derived:
        return applicants
    try:
        with_derived = applicants.eval(_assignments(derived), engine="python")
    except (ZeroDivisionError, OverflowError, RecursionError) as error:  # of its plain numbers
        expressions = ", ".join(f"{name}: {expression}" for name, expression in derived.items())
        raise InputError(f"params.yaml: 'features.derived' ({expressions}) cannot be computed: {error}") from None
    for name, expression in derived.items():
        place = f"params.yaml: 'features.derived.{name}' ({expression})"
        computable = with_derived[sorted(_columns_in(expression) or ())].notna().all(axis=1)
        if wrong := int((computable & ~np.isfinite(with_derived[name])).sum()):
            raise InputError(f"{place}: expected a finite number of every applicant, got none for {wrong}")
        if with_derived[name].round(DIGITS).nunique() < 2:
            raise InputError(f"{place}: expected values that differ in {DIGITS} decimal digits, got none that do")
    return with_derived


def check_derived(derived: Mapping[str, str], numbers: Collection[str], taken: Collection[str]) -> None:
    """Refuse an expression that is not of numbers, `+ - * / ** ( )` and columns that are numbers.

    Powers are of what has a column in it, or of a plain number, and to a plain number.

    Parameters
    ----------
    numbers : names that an expression may use.
    taken : names that a derived feature cannot have, beside those of the columns that every table has.
    """
    for name, expression in derived.items():
        place = f"params.yaml: 'features.derived.{name}'"
        if not NAME.fullmatch(name) or keyword.iskeyword(name) or name in (*taken, LINE, GROUP, BAD):
            raise InputError(f"{place}: expected a name that no column has, of letters, digits and _")
        used = _columns_in(expression)
        if not used or not used <= set(numbers):
            usable = ", ".join(numbers)
            raise InputError(
                f"{place}: expected an expression of + - * / ( ), ** to a plain number, numbers and {usable}, "
                f"got {expression!r}"
            )


def _columns_in(expression: str) -> set[str] | None:
    """Give the names in an expression; None if it is of more than names, numbers and the operators."""
    if not EXPRESSION.fullmatch(expression.strip()):
        return None
    try:
        parts = list(ast.walk(ast.parse(expression.strip(), mode="eval")))
    except SyntaxError:
        return None
    plain = all(isinstance(part, PARTS) for part in parts)
    numbers = all(type(part.value) in (int, float) for part in parts if isinstance(part, ast.Constant))
    powers = all(_is_plain(part) for part in parts if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Pow))
    return {part.id for part in parts if isinstance(part, ast.Name)} if plain and numbers and powers else None


def _is_plain(power: ast.BinOp) -> bool:
    """Whether a column or a plain number is raised to a plain number: Python computes 9 ** 9 ** 9 to the last digit."""
    exponent = power.right.operand if isinstance(power.right, ast.UnaryOp) else power.right
    if not isinstance(exponent, ast.Constant):
        return False
    if any(isinstance(part, ast.Name) for part in ast.walk(power.left)):
        return True
    return isinstance(power.left, ast.Constant) and exponent.value <= LARGEST_POWER


def _assignments(derived: Mapping[str, str]) -> str:
    """Write all of them as one text; pandas takes a single one on a line of its own too."""
    return "\n".join(f"{name} = {expression.strip()}" for name, expression in derived.items())
