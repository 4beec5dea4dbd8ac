"""What `make validate` makes of the params, and what it refuses."""

import pytest

from credit.card.fingerprint import SECTIONS
from credit.core.errors import InputError
from credit.io.files import read_dictionary, read_params
from ops import validate
from tests.ops.small_validation import OUTPUTS, change, read_yaml, run, write_inputs
from tests.stages.small_training import applicants


@pytest.fixture
def small(workspace):
    """Change to a directory in which the program can run."""
    write_inputs()


def test_the_procedure_has_what_the_params_say(small):
    change(
        seed=5,
        eda={"rare_share": 0.1, "outlier_iqr": 1.5},
        features={"exclude": ["savings"], "derived": {"more": "duration * 2"}},
        search={"folds": 3, "metric": "average_precision"},
        calibration={"method": "isotonic"},
        select_best={"metric": "brier"},
        out_of_fold={"max_rows": 700},
        validation={"judged_folds": 4, "judged_repeats": 2, "max_rows": 800},
    )
    found = validate.procedure_of(read_params(validate.Params), read_dictionary(), 900)
    params = read_yaml("params.yaml")
    assert found.planned == {**params["features"], "exclude": ("savings",), "rare_share": 0.1, "outlier_iqr": 1.5}
    assert (found.searched.folds, found.searched.repeats, found.search_metric) == (3, 1, "average_precision")
    assert (found.judged.folds, found.judged.repeats, found.judged.max_rows) == (4, 2, 700)
    assert (found.calibration.method, found.calibration.folds) == ("isotonic", 2)
    assert found.decision.model_dump() == params["decision"]
    assert {family: len(settings.candidates) for family, settings in found.families.items()} == {"lr": 2, "dt": 2}
    assert (list(found.members), found.seed) == (["lr", "dt"], 5)
    assert found.selection.model_dump(mode="json") == params["select_best"]


def test_every_section_that_it_reads_is_digested():
    assert set(validate.Params.model_fields) == set(SECTIONS)


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"validation": {"folds": 1}}, r"^params.yaml: 'validation.folds' must be greater than or equal to 2, got 1$"),
        ({"validation": {"judged": 2}}, r"^params.yaml: unknown key 'validation.judged'; expected one of folds, "),
        ({"features": {"exclude": ["shoe_size"]}}, r"^params.yaml: 'features.exclude' must name some of duration, "),
        (
            {"blend": {"members": ["lr", "rf", "svc"]}},
            r"^params.yaml: 'blend.members' must be of those in 'train' \(lr, dt\), got rf, svc$",
        ),
        (
            {"select_best": {"preference": ["lr"]}},
            r"^params.yaml: 'select_best.preference' must name two or more of",
        ),
    ],
)
def test_wrong_params_are_refused_with_one_line_before_anything_is_done(sections, message, small):
    change(**sections)
    with pytest.raises(InputError, match=message) as refused:
        run()
    assert "\n" not in str(refused.value)
    assert not any(path.exists() for path in OUTPUTS)


@pytest.mark.parametrize("bad", [None, 2])
def test_a_missing_table_or_one_of_too_few_of_an_outcome_is_refused_with_one_line(small, bad):
    path = validate.SOURCES["train"]
    if bad is None:
        path.unlink()
    else:
        table = applicants(90)
        table.assign(bad=(table.index < bad).astype("int64")).to_parquet(path)
    with pytest.raises(InputError, match=r"expected .*got") as refused:
        run()
    assert "\n" not in str(refused.value)
    assert not any(path.exists() for path in OUTPUTS)
