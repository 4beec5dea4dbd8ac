"""A blend: the mean of the PDs that the models of several families give (a soft vote)."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.tree._tree import Tree

from credit.core.families import BLEND, FAMILIES
from credit.model.pipeline import with_cutoff


def mean_pds(out_of_fold: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Give the out-of-fold PDs of a blend: the means of its members' on the same folds.

    They are what refitting the whole blend in every fold gives, for its members are fitted apart from each other.

    Parameters
    ----------
    out_of_fold : by member, columns fold, line, bad, pd; the same rows in all.
    """
    tables = list(out_of_fold.values())
    return tables[0].assign(pd=sum(table["pd"] for table in tables) / len(tables))


def blend(
    members: Mapping[str, FixedThresholdClassifier], features: pd.DataFrame, bad: np.ndarray, cutoff: float
) -> FixedThresholdClassifier:
    """Make a model of fitted ones, which are not fitted again: its PD is the mean of theirs.

    Parameters
    ----------
    members : by family, models as `fit_pd_model` gives them; their cutoffs play no part.
    features, bad : some applicants, from which the names of the columns and of the outcomes are taken.

    Returns
    -------
    A classifier as `fit_pd_model` gives it, of library classes only. Equal members give equal bytes.
    """
    from sklearn.ensemble import VotingClassifier
    from sklearn.frozen import FrozenEstimator

    frozen = [(family, FrozenEstimator(model.estimator_)) for family, model in members.items()]
    for tree in _trees_in(frozen):
        _clear_padding(tree)
    model = with_cutoff(VotingClassifier(frozen, **FAMILIES[BLEND].fixed), cutoff)
    return model.fit(features, bad)


def _trees_in(part: Any) -> Iterator[Tree]:
    """Find scikit-learn's trees in a model, whatever wraps them."""
    if isinstance(part, Tree):
        yield part
    elif isinstance(part, list | tuple):
        for item in part:
            yield from _trees_in(item)
    elif isinstance(part, dict):
        yield from _trees_in(list(part.values()))
    elif hasattr(part, "__dict__"):
        yield from _trees_in(vars(part))


def _clear_padding(tree: Tree) -> None:
    """Set to zero what stands between the fields of a loaded tree's nodes: whatever memory held, and it is pickled."""
    state = tree.__getstate__()
    nodes = np.zeros(state["nodes"].shape, state["nodes"].dtype)  # zeros_like leaves the padding as it is
    for name in nodes.dtype.names:
        nodes[name] = state["nodes"][name]
    tree.__setstate__({**state, "nodes": nodes})
