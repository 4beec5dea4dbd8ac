"""Out-of-fold PDs by applicant: each of them was held out once in every repeat of the cross-validation."""

import numpy as np
import pandas as pd


def by_applicant(oof: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Arrange out-of-fold PDs as one row a repeat and one column an applicant, in the order of their lines.

    Parameters
    ----------
    oof : columns line, bad, pd; an applicant stands there once a repeat, the repeats one after the other.

    Returns
    -------
    Outcomes (1 = bad), shape (applicants,), and PDs, shape (repeats, applicants).
    """
    repeat = oof.groupby("line").cumcount()
    pds = oof.assign(repeat=repeat).pivot(index="repeat", columns="line", values="pd")
    return oof.groupby("line")["bad"].first().to_numpy(), pds.to_numpy()


def held_out_share(oof: pd.DataFrame) -> float:
    """Give the share of the applicants that a fold holds out.

    Parameters
    ----------
    oof : columns fold and line; an applicant stands there once a repeat.
    """
    repeats = len(oof) / oof["line"].nunique()
    return repeats / oof["fold"].nunique()
