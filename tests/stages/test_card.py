"""The stage in a directory of its own, on the files of a run that never was."""

import hashlib
import json
import logging
from pathlib import Path

import pytest
import yaml

from credit.card.fingerprint import DICTIONARY, SECTIONS, fingerprint
from credit.core.errors import InputError
from stages import card
from tests.credit.card.made_up import evidence
from tests.credit.card.numbers import numbers_in, ways_to_write

MADE_UP = evidence()
REQUIREMENTS = """\
absl-py==2.5.1
numpy==1.26.4 ; python_full_version < '3.12'
numpy==2.4.6 ; python_full_version >= '3.12'
pandas==3.1.1
pandas-stubs==9.9.9
"""


def write_text(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def about(**changes: object) -> None:
    write_text("data/about.yaml", yaml.safe_dump(MADE_UP.about.model_dump(mode="json") | changes))


@pytest.fixture
def run(workspace):
    write_text("params.yaml", yaml.safe_dump(MADE_UP.params))
    dictionary = MADE_UP.dictionary.model_dump(mode="json", exclude_defaults=True)
    write_text("data/dictionary.yaml", yaml.safe_dump(dictionary, sort_keys=False))
    write_text("requirements.txt", REQUIREMENTS)
    about()
    files = {
        "data/processed/feature_plan": MADE_UP.plan,
        "metrics/data_quality": MADE_UP.quality,
        "metrics/eda": MADE_UP.explored,
        "metrics/train/lr": MADE_UP.training,
        **{
            f"metrics/{name}": getattr(MADE_UP, name)
            for name in ("selection", "evaluation", "fairness", "cutoff", "explanation", "checks")
        },
    }
    for name, content in files.items():
        write_text(f"{name}.json", json.dumps(content))
    for name in (*card.FILES, "models/best.joblib"):
        write_text(name, f"the bytes of {name}")

    def run_once() -> str:
        card.main(logging.getLogger("card"))
        return Path("models/MODEL_CARD.md").read_text(encoding="utf-8")

    return run_once


def test_the_card_is_made_of_the_files_alone(run):
    own = [part.model_dump() if hasattr(part, "model_dump") else part for part in MADE_UP]
    text = run()
    assert numbers_in(text) - ways_to_write(own, card.read_pins(REQUIREMENTS)) == set()
    assert "# Model card" in text
    assert text.endswith("|\n")


def test_the_digests_are_those_of_the_files(run):
    text = run()
    for name in (*card.FILES, "models/best.joblib"):
        content = Path(name).read_bytes()
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        assert f"| `{name}` | `{md5}` | `{hashlib.sha256(content).hexdigest()}` |" in text


def test_versions_are_the_pinned_ones_whatever_is_installed():
    assert card.read_pins(REQUIREMENTS) == {"numpy": "1.26.4, 2.4.6", "pandas": "3.1.1"}


def test_every_library_named_is_pinned(repository):
    assert set(card.read_pins((repository / "requirements.txt").read_text(encoding="utf-8"))) == set(card.LIBRARIES)


def test_a_validation_of_the_same_data_is_shown_and_one_of_others_is_not(run):
    assert "is not there or is of other data" in run()
    of_others = dict(MADE_UP.validation)
    write_text("metrics/validation.json", json.dumps(of_others))
    assert "is not there or is of other data" in run()
    validated()
    shown = run()
    assert "is not there or is of other data" not in shown
    assert "always this family" in shown


def validated(**changes: object) -> None:
    """Write a validation of the data that are here, made with the params that are here."""
    digest = hashlib.md5(b"the bytes of data/processed/train.parquet", usedforsecurity=False).hexdigest()
    made = {"data_digest": digest, "made_of": fingerprint(MADE_UP.params, MADE_UP.dictionary)}
    write_text("metrics/validation.json", json.dumps(dict(MADE_UP.validation) | made | changes))


def another_order_of_codes() -> None:
    columns = MADE_UP.dictionary.model_dump(mode="json", exclude_defaults=True)["columns"]
    columns["rank"]["codes"] = dict(reversed(columns["rank"]["codes"].items()))
    write_text("data/dictionary.yaml", yaml.safe_dump({"columns": columns}, sort_keys=False))


def other_params() -> None:
    params = MADE_UP.params | {"seed": 1, "train": {"lr": {"C": 1}}, "check": {"max_psi": 0.2}}
    write_text("params.yaml", yaml.safe_dump(params))


@pytest.mark.parametrize(
    ("spoil", "differ"),
    [
        (lambda: None, []),
        (other_params, ["seed", "train"]),
        (another_order_of_codes, [DICTIONARY]),
        (lambda: validated(made_of={}), [*SECTIONS, DICTIONARY]),  # it does not tell its settings
    ],
)
def test_a_validation_made_with_other_settings_is_shown_as_outdated_with_a_warning(spoil, differ, run, caplog):
    validated()
    spoil()
    text = run()
    assert "always this family" in text
    assert ("It was made with the settings of `params.yaml`" in text) == (not differ)
    warned = f"was made with other settings than today's ({', '.join(differ)}): run `make validate` again"
    assert (warned in caplog.text) == bool(differ)
    named = ", ".join(f"`{name}`" for name in differ)
    assert (f"They differ in {named}. Run `make validate` again.**" in text) == bool(differ)


def test_words_about_another_table_are_left_out_with_a_warning(run, caplog):
    assert "Loans of nowhere" in run()
    assert not caplog.records or caplog.records[-1].levelname != "WARNING"
    about(of="another.csv")
    assert "Loans of nowhere" not in run()
    assert "data/about.yaml is of another table than table.csv" in caplog.text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"remarks": {"CR999": "what?"}},
            r"^data/about.yaml: 'remarks' must be on checks CR001 to .*, got 'CR999'$",
        ),
        ({"title": None}, r"^data/about.yaml: 'title' must be text, got nothing"),
        ({"author": "nobody"}, r"^data/about.yaml: unknown key 'author'; expected one of of, title, data, "),
    ],
)
def test_wrong_words_are_refused_with_one_line(change, message, run):
    about(**change)
    with pytest.raises(InputError, match=message):
        run()
    assert not Path("models/MODEL_CARD.md").exists()
