"""What came of a file of applications, in counts that can be added up over files."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pandas as pd

from credit.check.psi import compare_counts
from credit.core.levels import inner_edges
from credit.core.wording import estimate_text, percent
from credit.scoring.decision import Scored

BINS = 10


class Summary:
    """Counts of applications: scored, rejected, not scored by reason, and scores in bins of the training ones."""

    def __init__(self, training_pds: np.ndarray) -> None:
        self._edges = inner_edges(pd.Series(training_pds), BINS)
        self._reference = self._binned(training_pds)
        self.rejected, self.sum, self.bins = 0, 0.0, np.zeros_like(self._reference)
        self.refused: Counter[str] = Counter()

    def _binned(self, pds: np.ndarray) -> np.ndarray:
        return np.bincount(np.searchsorted(self._edges, pds, side="right"), minlength=len(self._edges) + 1)

    def count(self, scored: Scored, refusals: np.ndarray) -> None:
        """Add a batch."""
        pds = scored.pds[refusals == ""]
        self.rejected += int(scored.rejected.sum())
        self.sum += float(pds.sum())
        self.bins = self.bins + self._binned(pds)
        self.refused.update(refusals[refusals != ""].tolist())

    def as_plain(self) -> dict[str, Any]:
        return {
            "rejected": self.rejected,
            "sum": self.sum,
            "bins": self.bins.tolist(),
            "refused": dict(self.refused),
        }

    def add(self, counts: Mapping[str, Any]) -> Self:
        """Add what `as_plain` gave of another file."""
        self.rejected += counts["rejected"]
        self.sum += counts["sum"]
        self.bins = self.bins + np.array(counts["bins"])
        self.refused.update(counts["refused"])
        return self

    @property
    def scored(self) -> int:
        return int(self.bins.sum())

    def report(self) -> list[str]:
        """Say it in words."""
        refused = sum(self.refused.values())
        said = [f"{self.scored + refused:,} rows: {self.scored:,} scored, {refused:,} cannot be scored"]
        said += [f"  {rows:,}: {reason}" for reason, rows in self.refused.most_common()]
        if self.scored:
            approved, mean = 1 - self.rejected / self.scored, self.sum / self.scored
            found = compare_counts(self._reference, self.bins)
            said.append(f"{percent(approved)} approved, mean PD {percent(mean)}")
            told = estimate_text(found.psi, *found.interval()) if found.bins > 1 else "not told by so few"
            said.append(f"PSI of the scores {told}, against {found.n_reference:,} training applicants")
        return said
