"""Every committed picture, drawn again of the committed files, is the same; nothing is cut off, nothing overlaps."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.figure import Figure
from matplotlib.image import imread
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from credit.core.families import FAMILIES
from credit.cutoff.figure import draw_page
from credit.data.quality_figure import draw_quality
from credit.eda import bad_rates_figure, columns_figure
from credit.eda.profiles import histograms, values_beyond_caps
from credit.evaluate import figure as charts
from credit.evaluate.monotonicity import monotonicity
from credit.evaluate.selection_figure import draw_average_pds, draw_comparison, draw_roc, draw_violations
from credit.explain.figure import draw_importance, draw_reasons
from credit.fairness.figure import draw_groups
from credit.io.files import read_dictionary
from credit.metrics.decision import Cost
from credit.scorecard.figure import draw_form
from credit.scorecard.scale import Scale
from credit.validate.figure import draw_validation
from stages import prepare, source
from stages.scorecard import notes
from tests.pictures.legible import assert_legible

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PLOTS = ROOT / "plots"
DICTIONARY = read_dictionary(ROOT / "data/dictionary.yaml")
PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
COST = Cost(**PARAMS["decision"]["cost"])


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(PLOTS / f"{name}.csv")


def texts(name: str, *columns: str) -> pd.DataFrame:
    """Read a table in which an empty cell of some columns is an empty text."""
    read = table(name)
    return read.assign(**{column: read[column].fillna("") for column in columns})


def metrics(name: str) -> dict[str, Any]:
    return json.loads((ROOT / f"metrics/{name}.json").read_text(encoding="utf-8"))


@cache
def sides() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the training and the test applicants, rebuilt of the package they are in."""
    statlog, levels = source.read_statlog()
    raw = source.correct(source.to_south_german(statlog, levels), source.read_errata(ROOT / source.ERRATA))
    text = raw.astype(str).assign(line=np.arange(2, len(raw) + 2))
    values, _ = prepare.read_table(text, DICTIONARY)
    values = values.assign(line=text["line"], bad=1 - raw["kredit"])
    tested = values["line"].isin(table("confusion")["line"])
    return values[~tested], values[tested]


def draw_numbers(*, outliers: bool) -> Figure:
    train, profile = sides()[0], table("eda/numeric_profile")
    units = {name: column.unit for name, column in DICTIONARY.columns.items()}
    numbers = train[DICTIONARY.names("numeric")]
    if outliers:
        return columns_figure.draw_outliers(profile, values_beyond_caps(numbers, profile), units)
    return columns_figure.draw_distributions(histograms(numbers, train["bad"], profile), profile, units)


def draw_pairs(measure: str, draw: Callable[[pd.DataFrame], Figure]) -> Figure:
    pairs = table("eda/associations")
    return draw(pairs[pairs["measure"] == measure])


def draw_paths() -> Figure:
    """Draw where PDs move, of a quick model in the place of every family's, for the curves are in no file."""
    train, test = sides()
    model = make_pipeline(StandardScaler().set_output(transform="pandas"), LogisticRegression())
    model.fit(train[DICTIONARY.features], train["bad"])
    _, paths = monotonicity({"lr": model}, test, train, DICTIONARY, 0.01)
    return draw_average_pds(pd.concat([paths.assign(family=family) for family in FAMILIES]))


def draw_cutoff() -> Figure:
    tables = {name: table(f"cutoff/{name}") for name in ("cost", "score_bands", "cost_ratios", "bad_rates")}
    marked = {row["which"]: row["cutoff"] for row in metrics("cutoff")["cutoffs"]}
    return draw_page(tables, marked, COST)


def draw_fairness() -> Figure:
    found = {name: pd.DataFrame(metrics("fairness")[name]) for name in ("groups", "comparisons")}
    titles = {name: DICTIONARY.title(name) for name in found["groups"]["column"].unique() if name}
    return draw_groups(found["groups"], found["comparisons"], titles, PARAMS["fairness"]["four_fifths"])


def draw_scorecard() -> Figure:
    found, form = metrics("scorecard"), texts("scorecard", "feature", "answer")
    told = notes(form, found["left_out"], type("Plan", (), {"derived": {}}), DICTIONARY)
    scale, lowest = Scale(**PARAMS["scorecard"]), found["lowest_approved_points"]
    return draw_form(form, table("scorecard_scale"), scale, lowest, told)


def draw_quality_again() -> Figure:
    found = metrics("data_quality")
    return draw_quality(found["cells"], found["rows"])


def draw_calibration() -> Figure:
    measures = pd.DataFrame(metrics("evaluation")["calibration"])
    return charts.calibration(table("calibration"), table("reliability"), measures)


def draw_validation_again() -> Figure:
    return draw_validation(*(pd.DataFrame(metrics("validation")[name]) for name in ("estimates", "differences")))


DRAWN = {
    "data_quality": draw_quality_again,
    "eda/bad_rate_by_level": lambda: bad_rates_figure.draw_by_level(
        table("eda/bad_rate_by_level"), list(table("eda/information_value")["feature"])
    ),
    "eda/subgroups": lambda: bad_rates_figure.draw_subgroups(table("eda/subgroups")),
    "eda/missing": lambda: columns_figure.draw_missing(table("eda/missing")),
    "eda/information_value": lambda: columns_figure.draw_information_value(table("eda/information_value")),
    "eda/spearman": lambda: draw_pairs("spearman", columns_figure.draw_spearman),
    "eda/cramers_v": lambda: draw_pairs("cramers_v", columns_figure.draw_cramers_v),
    "eda/numeric_distributions": lambda: draw_numbers(outliers=False),
    "eda/outliers": lambda: draw_numbers(outliers=True),
    "selection": lambda: draw_comparison(table("selection")),
    "selection_roc": lambda: draw_roc(table("selection_roc"), metrics("selection")["chosen"]),
    "monotonicity": lambda: draw_violations(texts("monotonicity", "start", "end"), PARAMS["explain"]["tolerance"]),
    "directions": draw_paths,
    "performance": lambda: charts.performance(table("performance")),
    "confusion": lambda: charts.confusion(table("confusion")),
    "roc": lambda: charts.roc(table("roc")),
    "pr": lambda: charts.precision_recall(table("pr")),
    "calibration": draw_calibration,
    "gain": lambda: charts.gain(table("gain")),
    "cost": lambda: charts.cost(table("cost"), metrics("evaluation")["threshold"], COST),
    "cutoff": draw_cutoff,
    "fairness": draw_fairness,
    "importance": lambda: draw_importance(table("importance")),
    "reasons": lambda: draw_reasons(metrics("explanation")["examples"]),
    "scorecard": draw_scorecard,
    "validation": draw_validation_again,
}


def test_every_committed_picture_is_among_them():
    committed = {path.relative_to(PLOTS).with_suffix("").as_posix() for path in PLOTS.rglob("*.png")}
    assert committed == set(DRAWN)


@pytest.mark.parametrize("name", DRAWN)
def test_it_is_the_committed_one_and_can_be_read(name):
    figure = DRAWN[name]()
    figure.dpi = 110  # as it is written
    assert_legible(figure)
    committed, drawn = imread(PLOTS / f"{name}.png"), np.asarray(figure.canvas.buffer_rgba()) / 255
    assert drawn.shape == committed.shape
    if name != "directions":  # drawn of another model here
        # Tables are rounded, so a point may lie a hair beside: a letter would differ in more pixels.
        assert (np.abs(drawn - committed) > 0.1).any(axis=2).sum() <= 20
