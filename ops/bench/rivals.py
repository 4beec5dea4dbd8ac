"""What others make of the training applicants: `python -m ops.bench.rivals`, where the graph has run.

FLAML, which searches families and settings by itself for a minute, and LightGBM, whose settings are drawn at random and
whose rounds are stopped early. Both see the features as the dictionary reads them, gaps included, and are judged on the
graph's test applicants. Prints one line of JSON for `ops.bench`; both are packages of requirements-dev.txt.
"""

import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.model_selection import train_test_split

from credit.core.columns import BAD
from credit.core.dictionary import Dictionary
from credit.core.records import Record, Seed
from credit.io.files import read_dictionary, read_params, read_parquet

TRAIN, TEST = "data/processed/train.parquet", "data/processed/test.parquet"
FLAML_SECONDS = 60
DRAWS = 20  # of LightGBM's settings
HELD_OUT = 0.2  # of the training applicants, to stop by and to choose by
MOST_ROUNDS, PATIENCE = 2000, 50


class Params(Record):
    seed: Seed


def as_read(applicants: pd.DataFrame, dictionary: Dictionary) -> pd.DataFrame:
    """Give the features as others take them: numbers, ranks, and names as categories."""
    features = {}
    for name in dictionary.features:
        column, values = dictionary.columns[name], applicants[name]
        if column.role == "numeric":
            features[name] = values.astype(float)
        elif column.role == "ordinal":
            features[name] = values.map({code: rank for rank, code in enumerate(column.codes)}).astype(float)
        else:
            features[name] = values.astype("string").astype("category")
    return pd.DataFrame(features)


def flaml(train: pd.DataFrame, bad: np.ndarray, seed: int) -> Any:
    from flaml import AutoML

    model = AutoML()
    model.fit(train, bad, task="classification", metric="roc_auc", time_budget=FLAML_SECONDS, seed=seed, verbose=0)
    return model


def lightgbm(train: pd.DataFrame, bad: np.ndarray, seed: int) -> Any:
    """Draw settings, take those of the highest AUC held out, and fit them to all with the rounds that were best."""
    from lightgbm import LGBMClassifier, early_stopping

    generator = np.random.default_rng(seed)
    fitted, held_out = train_test_split(np.arange(len(bad)), test_size=HELD_OUT, stratify=bad, random_state=seed)
    best_auc, best = 0.0, {}
    for _ in range(DRAWS):
        settings = {
            "learning_rate": float(10 ** generator.uniform(-2, -0.7)),
            "num_leaves": int(generator.choice([4, 8, 15, 31, 63, 127])),
            "min_child_samples": int(generator.choice([5, 10, 20, 50, 100, 200])),
            "colsample_bytree": float(generator.uniform(0.3, 1)),
            "subsample": float(generator.uniform(0.5, 1)),
            "subsample_freq": 1,
            "reg_lambda": float(10 ** generator.uniform(-3, 1.5)),
            "random_state": seed,
            "verbose": -1,
        }
        model = LGBMClassifier(n_estimators=MOST_ROUNDS, **settings).fit(
            train.iloc[fitted],
            bad[fitted],
            eval_set=[(train.iloc[held_out], bad[held_out])],
            eval_metric="auc",
            callbacks=[early_stopping(PATIENCE, first_metric_only=True, verbose=False)],
        )
        auc = model.best_score_["valid_0"]["auc"]
        if auc > best_auc:
            best_auc, best = auc, {**settings, "n_estimators": model.best_iteration_}
    return LGBMClassifier(**best).fit(train, bad)


def judged(fit: Callable[..., Any], train: pd.DataFrame, test: pd.DataFrame, seed: int, read: Dictionary) -> dict:
    started = time.perf_counter()
    model = fit(as_read(train, read), train[BAD].to_numpy(), seed)
    seconds = time.perf_counter() - started
    pd_of_test = model.predict_proba(as_read(test, read))[:, 1]
    bad = test[BAD]
    return {"auc": roc_auc_score(bad, pd_of_test), "brier": brier_score_loss(bad, pd_of_test), "seconds": seconds}


def main() -> None:
    """Print how each of them does on the test applicants of the graph in the current directory."""
    seed, dictionary = read_params(Params).seed, read_dictionary()
    # Text that only the test applicants have is no category of the training ones.
    train, test = read_parquet(TRAIN), read_parquet(TEST)
    print(json.dumps({each.__name__: judged(each, train, test, seed, dictionary) for each in (flaml, lightgbm)}))


if __name__ == "__main__":
    main()
