"""How far a search is, for people who wait for it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from dvclive import Live
from tqdm import tqdm

from credit.core.errors import InputError


def shown(family: str, scores: Iterator[np.ndarray | str], candidates: int) -> Iterator[np.ndarray | str]:
    """Pass scores on, showing each as it comes: a bar on a terminal, a step in dvclive's files."""
    folder, best = Path(f"plots/progress/{family}"), 0.0
    try:
        with Live(str(folder), save_dvc_exp=False, dvcyaml=None, report=None, monitor_system=False) as live:
            for of_folds in tqdm(scores, f"search {family}", candidates, disable=None, unit="candidate"):
                if not isinstance(of_folds, str):
                    best = max(best, of_folds.mean())
                    live.log_metric("score", of_folds.mean())
                    live.log_metric("best", best)
                live.next_step()
                yield of_folds
    except InputError:
        shutil.rmtree(folder)
        raise
