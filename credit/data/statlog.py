"""Turn the Statlog "German credit" table into the South German Credit table that corrects it."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from credit.core.errors import InputError

# SHA-256 of the published table (UCI data set 573): the header and the rows sorted as text.
PUBLISHED_DIGEST = "b4bf04ad0ea5ed8f9c4d380e003cbe11f9137b7a4fa2e724b8fbf3100cef3b3f"

# South German name -> (Statlog name, the South German code of the first Statlog level).
# The German codes count the Statlog levels in the order in which the Statlog file declares them.
LEVELS = {
    "laufkont": ("checking_status", 1),
    "moral": ("credit_history", 0),
    "verw": ("purpose", 0),
    "sparkont": ("savings_status", 1),
    "beszeit": ("employment", 1),
    "famges": ("personal_status", 1),
    "buerge": ("other_parties", 1),
    "verm": ("property_magnitude", 1),
    "weitkred": ("other_payment_plans", 1),
    "wohn": ("housing", 1),
    "beruf": ("job", 1),
    "telef": ("own_telephone", 1),
}
NUMBERS = {
    "laufzeit": "duration",
    "hoehe": "credit_amount",
    "rate": "installment_commitment",
    "wohnzeit": "residence_since",
    "alter": "age",
    "bishkred": "existing_credits",
}
HEADER = (
    "laufkont laufzeit moral verw hoehe sparkont beszeit rate famges buerge wohnzeit verm alter weitkred wohn "
    "bishkred beruf pers telef gastarb kredit"
).split()


def to_south_german(statlog: pd.DataFrame, levels: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Recode the Statlog table, before any of its cells is corrected.

    Parameters
    ----------
    statlog : 1,000 applicants, the 21 Statlog columns; levels as text, numbers as numbers.
    levels : Statlog column -> its levels in the order of the file's declaration.

    Returns
    -------
    The 21 South German columns in their published order, all integer; rows as in `statlog`.
    """
    table = {german: statlog[name] for german, name in NUMBERS.items()}
    for german, (name, first) in LEVELS.items():
        table[german] = statlog[name].map({level: code for code, level in enumerate(levels[name], first)})
    table["pers"] = 3 - statlog["num_dependents"]
    table["gastarb"] = np.where(statlog["foreign_worker"] == "yes", 2, 1)
    table["kredit"] = np.where(statlog["class"] == "good", 1, 0)
    return pd.DataFrame(table)[HEADER].astype(int)


def correct(table: pd.DataFrame, errata: pd.DataFrame) -> pd.DataFrame:
    """Apply Groemping's cell corrections.

    Parameters
    ----------
    errata : columns statlog_row (from 1), column, statlog_code (what must stand there), south_german_code.

    Raises
    ------
    InputError
        A correction names a cell that does not exist, or one that does not hold the code it replaces.
    """
    corrected = table.copy()
    for row, column, expected, code in errata.itertuples(index=False):
        if column not in table or row - 1 not in table.index:
            raise InputError(f"errata: expected a cell of the Statlog table, got column {column!r} in row {row}")
        code_there = table.at[row - 1, column]
        if code_there != expected:
            raise InputError(f"errata: expected {column} = {expected} in Statlog row {row}, got {code_there}")
        corrected.at[row - 1, column] = code
    return corrected


def digest(table: pd.DataFrame) -> str:
    """SHA-256 of the header and the rows as comma-joined integers, rows sorted as text, whatever their order."""
    rows = sorted(",".join(map(str, row)) for row in table.itertuples(index=False))
    text = "".join(f"{line}\n" for line in [",".join(table.columns), *rows])
    return hashlib.sha256(text.encode()).hexdigest()
