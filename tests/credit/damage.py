"""Damage a clean table as real files are damaged, from a seed, and keep the truth."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from credit.core.dictionary import Dictionary

PLACEHOLDERS = ("?", "N/A", "n/a", "NULL", "null", "NAN", "error", "ERROR", "invalid", "None", "-", "missing")
# Shares of all cells: those of a field sample of this data set.
EMPTY, PLACEHOLDER, TENFOLD, PADDED = 208 / 21_420, 113 / 21_420, 203 / 21_420, 1_034 / 21_420


class Damaged(NamedTuple):
    """A damaged file and what it was.

    Attributes
    ----------
    text : the cells as they stand in the file, an undocumented column among them.
    truth : the cells before, the same rows, by the names of the dictionary.
    applicant : number of the applicant that each row is of.
    lost : cells of `truth` that nobody can restore.
    wrong : cells of `truth` that hold another value which could be true.
    """

    text: pd.DataFrame
    truth: pd.DataFrame
    applicant: np.ndarray
    lost: pd.DataFrame
    wrong: pd.DataFrame


def damage(table: pd.DataFrame, dictionary: Dictionary, seed: int, repeats: int = 20) -> Damaged:
    """Repeat some rows, write every integer as a float, and damage cells of all rows independently.

    Parameters
    ----------
    table : integers, by the names of the file.
    """
    random = np.random.default_rng(seed)
    applicant = np.concatenate([np.arange(len(table)), random.choice(len(table), repeats, replace=False)])
    random.shuffle(applicant)
    columns = [*dictionary.features, dictionary.target]
    truth = table.rename(columns={dictionary.source(name): name for name in columns})[columns]
    truth = truth.iloc[applicant].reset_index(drop=True)
    kind = random.choice(
        ["empty", "placeholder", "tenfold", "padded", "float"],
        size=truth.shape,
        p=[EMPTY, PLACEHOLDER, TENFOLD, PADDED, 1 - EMPTY - PLACEHOLDER - TENFOLD - PADDED],
    )
    text = pd.DataFrame({name: _write(truth[name], kind[:, at], random) for at, name in enumerate(truth)})
    plausible = pd.DataFrame({name: _allowed(10 * truth[name], dictionary, name) for name in truth})
    changed = pd.DataFrame((kind == "tenfold") & (truth != 0).to_numpy(), columns=truth.columns)
    lost = pd.DataFrame(np.isin(kind, ["empty", "placeholder"]), columns=truth.columns) | (changed & ~plausible)
    text = text.rename(columns=dictionary.source).assign(notiz=random.choice(["12", "?", "3,5", "x y", ""], len(text)))
    return Damaged(text[random.permutation(text.columns)], truth, applicant, lost, changed & plausible)


def _allowed(values: pd.Series, dictionary: Dictionary, name: str) -> pd.Series:
    column = dictionary.columns[name]
    return values.isin(list(column.codes)) if column.codes else values.between(*column.range)


def _write(values: pd.Series, kind: np.ndarray, random: np.random.Generator) -> pd.Series:
    plain = values.astype("str") + ".0"
    spaces = pd.Series(random.choice([" ", "  ", "\t"], len(values)), dtype="str")
    written = {
        "empty": pd.Series("", index=values.index, dtype="str"),
        "placeholder": pd.Series(random.choice(PLACEHOLDERS, len(values)), dtype="str"),
        "tenfold": (10 * values).astype("str") + ".0",
        "padded": spaces + plain + spaces,
        "float": plain,
    }
    return pd.Series(np.select([kind == name for name in written], list(written.values())), dtype="str")
