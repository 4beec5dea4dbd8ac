"""The card as a whole: every number of it comes from the evidence, and it says what it must."""

import re

import pytest

from credit.card.document import model_card
from credit.card.evidence import Evidence
from credit.card.functioning import SAMPLES
from credit.card.markdown import estimate
from tests.credit.card.made_up import evidence
from tests.credit.card.numbers import numbers_in, ways_to_write

MADE_UP = evidence()
HEADINGS = ("Settings of the model", "Families compared")


def plain_values(of: Evidence) -> list:
    return [part.model_dump() if hasattr(part, "model_dump") else part for part in of]


def without(of: Evidence, **changes: object) -> str:
    return model_card(of._replace(**changes))


def blended() -> Evidence:
    train = {"lr": {"calibration": "none"}, "rf": {}}
    estimator, picked = MADE_UP.evaluation | {"estimator": "blend"}, [{"setting": "members", "value": ["lr", "rf"]}]
    changed = {"evaluation": estimator, "params": MADE_UP.params | {"train": train}, "training": {"picked": picked}}
    return MADE_UP._replace(**changed)


def with_left_out() -> Evidence:
    of_lr = [{"which": "resampler=smote", "reason": "smote takes 6 | more", "candidates": [1]}]
    of_all = [{"family": "knn", "reason": "41 neighbours take 41 applicants"}]
    training, selection = MADE_UP.training | {"left_out": of_lr}, MADE_UP.selection | {"left_out": of_all}
    return MADE_UP._replace(training=training, selection=selection)


def variants() -> dict[str, Evidence]:
    """Give evidence that leads the card along its other ways."""
    last, params = MADE_UP.selection, MADE_UP.params
    return {
        "all there": MADE_UP,
        "another table": MADE_UP._replace(about=None),
        "not validated": MADE_UP._replace(validation=None),
        "validated with other settings": MADE_UP._replace(outdated=("calibration", "data/dictionary.yaml")),
        "no groups": MADE_UP._replace(fairness={"groups": [], "comparisons": []}),
        "no reasons": MADE_UP._replace(explanation={"importance": [], "examples": []}),
        "another family": MADE_UP._replace(selection=last | {"chosen": "rf", "lead_is_more_than_noise": True}),
        "nothing picked": MADE_UP._replace(training={"picked": []}),
        "nothing left out": MADE_UP._replace(plan={"gaps": [], "dropped": {}, "derived": {}}),
        "youden": MADE_UP._replace(params=params | {"decision": params["decision"] | {"cutoff": "youden"}}),
        "by time": MADE_UP._replace(params=params | {"eda": params["eda"] | {"split": "time"}}),
        "not calibrated": MADE_UP._replace(params=params | {"train": {"lr": {"calibration": "none"}}}),
        "blend": blended(),
        "left out": with_left_out(),
        "one family alone": MADE_UP._replace(selection=last | {"runner_up": None, "leader": "lr"}),
        "nothing failed": MADE_UP._replace(checks=MADE_UP.checks | {"checks": MADE_UP.checks["checks"][1:]}),
    }


@pytest.mark.parametrize("name", variants())
def test_every_number_comes_from_the_evidence(name):
    of = variants()[name]
    assert numbers_in(model_card(of)) - ways_to_write(*plain_values(of)) == set()


def test_a_number_that_is_of_no_file_is_noticed():
    card = model_card(MADE_UP)
    for intruder in ("0.5", "30 %", "17", "1,000", "[0.1, 0.2]", "2.11.3"):
        assert numbers_in(f"{card} {intruder}") - ways_to_write(*plain_values(MADE_UP))


@pytest.mark.parametrize(
    "part",
    [
        *("quality", "explored", "training", "selection", "evaluation", "fairness"),
        *("cutoff", "explanation", "checks", "validation", "pins", "params", "dictionary", "plan"),
    ],
)
def test_every_file_has_numbers_in_the_card(part):
    value = getattr(MADE_UP, part)
    own = ways_to_write(value.model_dump() if part == "dictionary" else value)
    others = ways_to_write(
        *(other for name, other in zip(Evidence._fields, plain_values(MADE_UP), strict=True) if name != part)
    )
    assert numbers_in(model_card(MADE_UP)) & (own - others)


def test_what_could_not_be_fitted_is_said_of_the_model_and_of_the_families():
    card = model_card(with_left_out())
    settings, families = (card.partition(f"### {title}\n")[2].partition("\n###")[0] for title in HEADINGS)
    assert "- resampler=smote: smote takes 6 \\| more" in settings
    assert "- k-nearest neighbours: 41 neighbours take 41 applicants" in families
    assert "Left out" not in model_card(MADE_UP)


def test_folds_are_said_to_be_fewer_where_bads_are():
    words = "folds (fewer where no more applicants are bad, or good)"
    asked = MADE_UP.params["search"]["folds"]
    for bads, rate in ((asked + 1, 0.25), (asked, 0.25), (asked, 0.75)):
        explored = MADE_UP.explored | {"train_rows": 4 * bads, "train_bad_rate": rate}
        assert (f"{asked} {words}" in without(MADE_UP, explored=explored)) == (bads == asked)


def test_every_heading_has_something_below():
    card = model_card(MADE_UP)
    assert card.count("\n## ") == 10
    blocks = card.split("\n\n")
    for block, following in zip(blocks, [*blocks[1:], "#"], strict=True):
        if block.startswith("#"):
            depth = block.index(" ")
            assert not following.startswith("#") or following.index(" ") > depth, f"nothing below {block}"


def test_every_table_has_as_many_cells_in_each_row():
    tables = re.findall(r"(?:^\|.*\|\n)+", model_card(MADE_UP), flags=re.MULTILINE)
    assert len(tables) > 10
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1


def test_it_claims_no_conformity():
    card = model_card(MADE_UP)
    assert "this is not a statement of conformity" in card
    assert "Headings follow Annex IV of Regulation (EU) 2024/1689 where they apply" in card
    assert "complian" not in card.lower()


def test_words_of_people_are_left_out_for_another_table():
    ours, others = model_card(MADE_UP), without(MADE_UP, about=None)
    for words in ("Loans of nowhere", "To be read by a test.", "Anything else.", "A remark on"):
        assert words in ours
        assert words not in others
    assert "`data/about.yaml` is of another table" in others


def test_a_validation_with_other_settings_is_called_outdated_and_they_are_named():
    outdated, current = model_card(variants()["validated with other settings"]), model_card(MADE_UP)
    assert "They differ in `calibration`, `data/dictionary.yaml`. Run `make validate` again.**" in outdated
    assert "as chosen (n = " in outdated  # it is still shown
    assert "| logistic regression | 0." in current.partition("| always this |")[2]
    absent = without(MADE_UP, validation=None)
    assert "`metrics/validation.json` is not there or is of other data" in absent
    assert "always this" not in absent
    assert "Outdated" not in current
    assert "It was made with the settings of `params.yaml`" in current
    assert "It was made with the settings of `params.yaml`" not in outdated


def test_failed_checks_stand_in_the_summary_and_remarks_beside_them():
    card = model_card(MADE_UP)
    assert "| **Failed checks** | Title of CR001 (CR001) |" in card
    (row,) = re.findall(r"^\| CR001 .*$", card, flags=re.MULTILINE)
    assert "**failed**" in row
    assert row.endswith("| A remark on \\<it>. |")
    assert "| **Failed checks** | none |" in model_card(variants()["nothing failed"])


def test_the_summary_and_the_table_of_results_are_of_the_samples_that_they_name():
    card = model_card(MADE_UP)
    values = {sample: estimate(MADE_UP.measured(sample, "auc"), "value") for sample in SAMPLES}
    assert f"AUC {values['test']} on the test applicants" in card
    assert f"| AUC | {' | '.join(values.values())} |" in card


def test_only_features_that_matter_for_sure_are_listed():
    card = model_card(MADE_UP)
    assert "unimportant" not in card
    assert card.count("| age | 0.") == 1


def test_of_a_blend_every_member_has_its_calibration():
    card = model_card(blended())
    assert ": logistic regression: none; random forest: sigmoid. CR003" in card
    assert "| members | lr, rf |" in card
    assert "What the members picked stands in `metrics/train/`, a file each." in card
    assert "members picked" not in model_card(MADE_UP)


def test_another_family_than_the_chosen_one_and_a_lead_within_noise_are_called_so():
    chosen, other = model_card(MADE_UP), model_card(variants()["another family"])
    assert "chosen among the families" in chosen
    assert re.findall(r"^\| (.*?) \|.*\| leads \|$", chosen, flags=re.MULTILINE) == ["random forest"]
    assert "the chosen family is random forest" in other
    assert ", which is no more than noise." in chosen
    assert ", which is more than noise." in other
