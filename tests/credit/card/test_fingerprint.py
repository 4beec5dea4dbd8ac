"""What a validation was made of: which changes are noticed, under which name, and which are none."""

import hashlib
from copy import deepcopy

import pytest

from credit.card.fingerprint import DICTIONARY, SECTIONS, changed, fingerprint
from credit.core.dictionary import Dictionary

PARAMS = {
    "seed": 7,
    "decision": {"cost": {"accept_bad": 5, "reject_good": 1}, "cutoff": "cost"},
    "eda": {"split": "random", "test_share": 0.2, "rare_share": 0.02, "outlier_iqr": 3.0, "subgroup_depth": 2},
    "features": {"exclude": [], "derived": {}},
    "search": {"folds": 5, "repeats": 3, "metric": "auc"},
    "calibration": {"method": "sigmoid", "folds": 5, "max_cross_fitted": None},
    "train": {"lr": {"encoding": "one_hot", "C": [0.1, 1.0]}, "mlp": {"hidden_layer_sizes": [[8], [16]]}},
    "blend": {"members": ["lr", "mlp"]},
    "select_best": {"metric": "auc", "rule": "one_standard_error", "preference": ["lr", "mlp", "blend"]},
    "validation": {"applicants": "train", "folds": 10},
    "out_of_fold": {"folds": 10, "repeats": 2},
    "explain": {"repeats": 20},
}
COLUMNS = {
    "age": {"role": "numeric", "label": "age", "range": [18, 99]},
    "savings": {"role": "ordinal", "codes": {1: "none", 2: "some"}},
    "purpose": {"role": "nominal"},
    "note": {"role": "ignored"},
    "bad": {"role": "target", "codes": {0: "good", 1: "bad"}, "bad_codes": [1]},
}


def of(params: dict = PARAMS, columns: dict = COLUMNS) -> dict[str, str]:
    return fingerprint(params, Dictionary(columns=columns))


def with_setting(path: str, value: object) -> dict:
    params = deepcopy(PARAMS)
    *sections, name = path.split(".")
    part = params
    for section in sections:
        part = part[section]
    part[name] = value
    return params


def with_column(name: str, **changes: object) -> dict:
    return COLUMNS | {name: COLUMNS[name] | changes}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("seed", 8),
        ("decision.cost.accept_bad", 6),
        ("eda.rare_share", 0.03),
        ("eda.outlier_iqr", 1.5),
        ("features.exclude", ["age"]),
        ("search.folds", 4),
        ("out_of_fold.max_rows", 5000),
        ("calibration.max_cross_fitted", 5000),
        ("train.lr.C", [0.1, 1.00000001]),
        ("train.lr.C", [1.0, 0.1]),  # of equals the first is picked
        ("train.mlp.hidden_layer_sizes", [[8, 16]]),
        ("train.dt", {"max_depth": 3}),
        ("blend.members", ["mlp", "lr"]),
        ("select_best.preference", ["mlp", "lr", "blend"]),
        ("validation.applicants", "all"),
    ],
)
def test_another_setting_is_noticed_and_its_section_alone_is_named(path, value):
    assert changed(of(), of(with_setting(path, value))) == [path.split(".")[0]]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("decision.cost.accept_bad", 5.0),
        ("eda.outlier_iqr", 3),
        ("eda.split", "time"),  # as the share of the test applicants: it shows in the data
        ("eda.test_share", 0.3),
        ("eda.subgroup_depth", 3),
        ("out_of_fold.folds", 5),
        ("explain.repeats", 5),
    ],
)
def test_what_changes_nothing_is_not_noticed(path, value):
    assert of(with_setting(path, value)) == of()


def test_the_order_of_keys_does_not_matter():
    turned = {name: dict(reversed(part.items())) if isinstance(part, dict) else part for name, part in PARAMS.items()}
    assert of(dict(reversed(turned.items()))) == of()


@pytest.mark.parametrize(
    "columns",
    [
        with_column("age", role="ignored", range=None),
        with_column("purpose", codes={"car": "a car", "tv": "a set"}),
        with_column("savings", codes={2: "some", 1: "none"}),
        {name: COLUMNS[name] for name in ("savings", "age", "purpose", "note", "bad")},
        COLUMNS | {"income": {"role": "numeric"}},
    ],
)
def test_what_models_see_of_the_dictionary_is_noticed(columns):
    assert changed(of(), of(columns=columns)) == [DICTIONARY]


@pytest.mark.parametrize(
    "columns",
    [
        with_column("age", label="years of age", protected=True, monotonicity="decreasing", range=[0, 120]),
        with_column("savings", codes={1: "nothing", 2: "something"}),
        {name: column for name, column in COLUMNS.items() if name != "note"},
    ],
)
def test_words_and_columns_that_no_model_sees_are_not_noticed(columns):
    assert of(columns=columns) == of()


def test_digests_are_the_beginnings_of_sha256_by_section():
    found = of()
    assert list(found) == [*SECTIONS, DICTIONARY]
    assert found["seed"] == hashlib.sha256(b"7").hexdigest()[:16]
    text = b'{"accept_bad": 5, "reject_good": 1}'
    assert found["decision"] == hashlib.sha256(b'{"cost": ' + text + b', "cutoff": "cost"}').hexdigest()[:16]


def test_what_is_in_one_of_the_two_alone_is_named():
    assert changed({}, {"seed": "a", "train": "b"}) == ["seed", "train"]
    assert changed({"seed": "a", "old": "c"}, {"seed": "a", "train": "b"}) == ["train", "old"]
    assert changed(of(), of()) == []
