import io

import pytest
from rich.console import Console

from ops.findings import Estimate, Evaluation, Findings, FoldMean, Ranked, Selection
from ops.summary import as_words, main, summary, why

PICTURES = {"plots/*.png": 9, "plots/eda/*.png": 8}


def selection(**changes):
    estimate = FoldMean(metric="auc", mean=0.777, low=0.721, high=0.833, n=800)
    given = {"ranked_by": "auc", "chosen": "lr", "leader": "lr", "lead": 0.003, "estimates": (estimate,)}
    return Selection(**{**given, "lead_is_more_than_noise": False, **changes})


def behind(difference: float) -> Ranked:
    return Ranked(family="lr", metric="auc", difference=difference, difference_se=0.01)


def findings(evaluated: str = "lr") -> Findings:
    performance = {
        sample: {
            metric: Estimate(sample=sample, metric=metric, value=0.5, low=0.25, high=0.75, n=n, bad=n // 4)
            for metric in ("auc", "accuracy", "cost")
        }
        for sample, n in (("test", 200), ("out of fold", 800))
    }
    settings = {"lr": {"C": 0.1, "encoding": "one_hot"}, "xgb": {"max_depth": 4}}
    return Findings(selection(), behind(0.0), Evaluation(estimator=evaluated, threshold=0.1808), settings, performance)


def text(result: Findings, width: int = 80, encoding: str = "utf-8") -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    Console(file=stream, width=width, highlight=False).print(summary(result, PICTURES))
    stream.seek(0)
    return stream.read()


def test_why_says_that_the_chosen_family_leads_and_how_surely():
    assert why(selection(), behind(0.0)) == "leads by 0.003, which is no more than noise"
    assert why(selection(lead_is_more_than_noise=True), behind(0.0)) == "leads by 0.003, which is more than noise"


def test_why_says_how_far_a_simpler_family_is_behind():
    words = why(selection(leader="rf"), behind(-0.004))
    assert words == (
        "the simplest within one standard error of the leader: 0.004 behind random forest, standard error 0.010"
    )


def test_settings_are_written_out():
    assert as_words({"hidden_layer_sizes": [16], "alpha": 3.0}) == "hidden_layer_sizes [16], alpha 3.0"
    assert as_words({"members": ["scorecard", "rf", "mlp"]}) == "members scorecard + rf + mlp"


def test_a_blend_that_was_chosen_is_called_so_and_its_members_are_named():
    chosen = findings("blend")._replace(selection=selection(chosen="blend", leader="scorecard"))
    shown = text(chosen._replace(settings={"blend": {"members": ["scorecard", "rf"]}}), width=120)
    assert "blend (soft vote), by AUC: 0.777" in shown
    assert "members scorecard + rf" in shown
    assert "0.000 behind scorecard, standard error 0.010" in shown


def test_every_line_fits_80_columns_and_every_cell_its_line():
    lines = text(findings()).splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.split() == ["AUC", *"0.500 [0.250, 0.750]".split() * 2] for line in lines)


def test_summary_says_what_was_chosen_and_on_how_many():
    shown = text(findings(), width=100)
    assert "logistic regression, by AUC: 0.777 [0.721, 0.833], mean of folds, n = 800" in shown
    assert "C 0.1, encoding one_hot" in shown
    assert "0.181: an applicant with this PD" in shown
    assert "n = 200, 50 bad" in shown
    assert "n = 800, 200 bad" in shown
    assert "plots/*.png (9), plots/eda/*.png (8)" in shown
    assert "evaluated" not in shown


def test_another_evaluated_family_is_said():
    shown = text(findings(evaluated="xgb"))
    assert "evaluated     gradient boosting (XGBoost), not the chosen one" in shown
    assert "max_depth 4" in shown


@pytest.mark.parametrize("width", [40, 200])
def test_summary_can_be_printed_where_there_is_no_unicode(width):
    assert "0.250" in text(findings(), width, encoding="ascii")


def test_summary_without_a_run_ends_with_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        SystemExit, match=r"^metrics/selection\.json: expected .*, found no file; run `make run` first$"
    ):
        main()
