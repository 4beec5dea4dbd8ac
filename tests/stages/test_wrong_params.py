"""A wrong param ends its stage with one line that says what was expected and what came, and nothing is written."""

import pytest

from credit.core.families import FAMILIES, SEARCHED
from tests.small_graph import FAMILIES as MADE
from tests.small_graph import change

FIRST = ", ".join(SEARCHED)
COST = {"accept_bad": 5, "reject_good": 1}
SHARES = [f"max_{name}_share" for name in ("missing", "invalid", "column_invalid", "rejected")]

# stage, param, value, and how the message says it. These are refused before anything else is read.
AT_ONCE = [
    ("ingest", "ingest.source", "data/none.csv", "data/none.csv: expected a file or a folder of applications, got no"),
    ("ingest", "ingest.source", "file:///x.csv", "'ingest.source' must be the path alone where it is of this machine"),
    *(
        ("prepare", f"prepare.{name}", -0.1, f"'prepare.{name}' must be greater than or equal to 0, ")
        for name in SHARES
    ),
    *(("prepare", f"prepare.{name}", 1.1, f"'prepare.{name}' must be less than or equal to 1, got") for name in SHARES),
    ("eda", "eda.split", "latest", "'eda.split' must be 'random' or 'time', got 'latest'"),
    ("eda", "eda.test_share", 1.0, "'eda.test_share' must be less than 1, got 1.0"),
    ("eda", "eda.subgroup_depth", 5, "'eda.subgroup_depth' must be less than or equal to 4, got 5"),
    ("eda", "eda.outlier_iqr", 0, "'eda.outlier_iqr' must be greater than 0, got 0"),
    ("eda", "eda.colour", 1, "unknown key 'eda.colour'; expected one of split, test_share, rare_share"),
    ("eda", "features.exclude", "age", "'features.exclude' must be a list, got 'age'"),
    ("eda", "features.derived", ["age"], "'features.derived' must be a mapping of keys to values, got"),
    ("train dt", "train.dt.encoding", "fancy", "'train.dt.encoding' must be of binary, "),
    ("train dt", "train.dt.encoding", ["one_hot", None], "'train.dt.encoding' must be of binary, "),
    ("train dt", "train.dt.resampler", "magic", "'train.dt.resampler' must be of none, smote, "),
    ("train dt", "train.dt.depth", 3, "'train.dt.depth' is no hyperparameter of DecisionTreeClassifier"),
    ("train dt", "train.dt.max_depth", [], "'max_depth' must be a value or a list of different values"),
    ("train dt", "train.dt.max_depth", [3, 3], "'max_depth' must be a value or a list of different values"),
    ("train dt", "train.dt.max_rows", [200, 300], "params.yaml, train.dt: 'max_rows' must be a whole "),
    ("train dt", "train.dt.calibration", "platt", "params.yaml, train.dt: 'calibration' must be 'sigmoid', 'isotonic'"),
    ("train dt", "train", {"gbm": {}}, "'train.gbm' must be 'lr', 'rf', "),
    ("train dt", "train", {"lr": {}}, "expected 'train.dt', found lr"),
    ("train dt", "decision.cost.accept_bad", -5, "'decision.cost.accept_bad' must be greater than 0, got -5"),
    ("train dt", "decision.cost", {"accept_bad": 5}, "'decision.cost.reject_good' is missing"),
    ("train dt", "search.metric", "f1", "'search.metric' must be 'auc' or 'average_precision', got 'f1'"),
    ("train dt", "search.max_rows", 50, "'search.max_rows' must be greater than or equal to 100, got 50"),
    ("train dt", "calibration.method", "platt", "'calibration.method' must be 'sigmoid', 'isotonic' or 'none'"),
    ("train dt", "calibration.max_cross_fitted", 50, "'calibration.max_cross_fitted' must be "),
    ("train dt", "out_of_fold.max_rows", 99, "'out_of_fold.max_rows' must be greater than or equal to 100, got 99"),
    ("train dt", "out_of_fold.folds", 1, "'out_of_fold.folds' must be greater than or equal to 2, got 1"),
    ("train dt", "speed", "high", "unknown key 'speed'"),
    ("blend", "blend.members", ["lr"], "'blend.members' must be a list of at least 2 values, got ['lr']"),
    ("blend", "blend.members", ["lr", "lr"], f"'blend.members' must be different ones of {FIRST}, got lr, lr"),
    ("blend", "blend.members", ["lr", "blend"], f"'blend.members' must be different ones of {FIRST}, got lr, blend"),
    ("blend", "blend.members", ["gbm", "lr"], f"'blend.members' must be different ones of {FIRST}, got gbm, lr"),
    ("scorecard", "scorecard.odds", 0, "'scorecard.odds' must be greater than 0, got 0"),
    ("scorecard", "scorecard.points_to_double", -20, "'scorecard.points_to_double' must be greater than 0, got -20"),
    *(
        ("select_best", "select_best.preference", order, "'select_best.preference' must name two or more of lr")
        for order in ([], ["lr"], ["lr", "lr"], [*FAMILIES, "lr"], [*FAMILIES, "gbm"])
    ),
    ("evaluate", "model", "gbm", f"'model' must be best or one of {', '.join(FAMILIES)}, got 'gbm'"),
    ("evaluate", "evaluate.bootstrap", 10, "'evaluate.bootstrap' must be greater than or equal to 100, got 10"),
    ("cutoff", "decision.cutoff", 0.2, "'decision.cutoff' must be 'cost'"),
    ("cutoff", "cutoff.bands", 1, "'cutoff.bands' must be greater than or equal to 2, got 1"),
    ("cutoff", "cutoff.cost_ratios", [], "'cutoff.cost_ratios' must be a list of at least 1 values, got []"),
    ("cutoff", "cutoff.cost_ratios", [2, 0], "'cutoff.cost_ratios.1' must be greater than 0, got 0"),
    ("cutoff", "cutoff.bad_rates", [30], "'cutoff.bad_rates.0' must be less than 1, got 30"),
    *(
        ("fairness", "fairness.cut.age", cut, "'fairness.cut.age' must be one or more different numbers, the lowest")
        for cut in ([], [60, 25], [25, 25])
    ),
    ("fairness", "fairness.four_fifths", 0, "'fairness.four_fifths' must be greater than 0, got 0"),
    ("fairness", "fairness.four_fifths", 1.25, "'fairness.four_fifths' must be less than or equal to 1, got 1.25"),
    ("fairness", "fairness.min_group_size", 0, "'fairness.min_group_size' must be greater than or equal to 1, got 0"),
    ("fairness", "fairness.min_bads", 2.5, "'fairness.min_bads' must be a whole number, got 2.5"),
    ("explain", "explain.repeats", 1, "'explain.repeats' must be greater than or equal to 2, got 1"),
    ("explain", "explain.tolerance", 1, "'explain.tolerance' must be less than 1, got 1"),
    ("explain", "explain.max_rows", 5, "'explain.max_rows' must be greater than or equal to "),
    ("check", "check.max_psi", 0, "'check.max_psi' must be greater than 0, got 0"),
    ("check", "check.max_auc", 1.5, "'check.max_auc' must be less than or equal to 1, got 1.5"),
]

# These are known to be wrong only beside the table or the files of other stages.
DERIVED = "'features.derived.{}': expected an expression of"
BESIDE_THE_TABLE = [
    ("eda", {"features.exclude": ["incom"]}, "'features.exclude' must name some of status, duration, "),
    ("eda", {"features.exclude": ["bad"]}, "'features.exclude' must name some of status, duration, "),
    ("eda", {"features.derived": {"x": "amount / loan"}}, DERIVED.format("x")),
    ("eda", {"features.derived": {"x": "amount / purpose"}}, DERIVED.format("x")),
    ("eda", {"features.derived": {"age": "amount / 2"}}, "'features.derived.age': expected a name that no column"),
    ("eda", {"features.derived": {"x": "amount / (age - age)"}}, "'features.derived.x' (amount / (age"),
    ("eda", {"features.derived": {"x": "age / 2"}, "features.exclude": ["age"]}, DERIVED.format("x")),
    ("eda", {"eda.split": "time"}, "'eda.split' is time: expected a column with the role time in data/dictionary.yaml"),
    ("train dt", {"train.dt.max_depth": -1}, "'train.dt' cannot be fitted with encoding=ordinal"),
    ("fairness", {"fairness.cut.age": [200]}, "'fairness.cut.age' must part the applicants, got [200.0]: all "),
    *(
        (stage, {"model": "knn"}, "knn.parquet: expected the file that an earlier stage writes, got no such file")
        for stage in ("cutoff", "fairness", "check")
    ),
    ("evaluate", {"model": "knn"}, "models/knn.joblib: expected the model that an earlier stage writes, got no such"),
    ("explain", {"model": "gbm"}, "models/gbm.joblib: expected the model that an earlier stage writes, got no such"),
    ("blend", {"blend.members": [*MADE, "knn"]}, "models/knn.joblib: expected the model that an earlier stage writes"),
]


@pytest.mark.parametrize(("stage", "name", "value", "said"), AT_ONCE)
def test_a_wrong_param_is_refused_before_anything_is_read(stage, name, value, said, workspace, refusal):
    assert said in refusal(stage, lambda: change({name: value}))


@pytest.mark.slow
@pytest.mark.parametrize(("stage", "changes", "said"), BESIDE_THE_TABLE)
def test_a_param_that_does_not_fit_the_table_is_refused(stage, changes, said, inputs_of, refusal):
    inputs_of(stage)
    assert said in refusal(stage, lambda: change(changes))


@pytest.mark.slow
@pytest.mark.parametrize("family", ["gbm", "blend"])
def test_an_unknown_family_is_wrong_usage(family, run_stage):
    found = run_stage("train", family)
    assert found.returncode == 2
    assert found.stderr.splitlines()[-1].startswith(
        f"python -m stages.train: error: argument family: invalid choice: '{family}'"
    )
