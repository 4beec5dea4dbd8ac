"""What the card says of its files and of people's words; credit/card has the card itself."""

import hashlib
import json
from pathlib import Path

import pytest
import yaml

from credit.card.fingerprint import DICTIONARY, SECTIONS, fingerprint
from credit.core.by_rows import params_at
from credit.core.errors import InputError
from credit.io.files import read_dictionary
from stages import card
from tests.credit.card.made_up import evidence
from tests.small_graph import TABLE, change, run

VALIDATION = evidence().validation
REQUIREMENTS = """\
absl-py==2.5.1
numpy==1.26.4 ; python_full_version < '3.12'
numpy==2.4.6 ; python_full_version >= '3.12'
pandas==3.1.1
pandas-stubs==9.9.9
"""


def made() -> str:
    run("card")
    return Path("models/MODEL_CARD.md").read_text(encoding="utf-8")


def about(**changes: object) -> None:
    path = Path("data/about.yaml")
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


def validated(**changes: object) -> None:
    """Write a validation of the data that are here, made with the params that are here."""
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    digest = card.digests("data/processed/train.parquet")["md5"]
    own = {"data_digest": digest, "made_of": fingerprint(params_at(params, 200), read_dictionary())}
    Path("metrics/validation.json").write_text(json.dumps(VALIDATION | own | changes), encoding="utf-8")


def test_versions_are_the_pinned_ones_and_every_library_named_is_pinned(repository):
    assert card.pinned_versions(REQUIREMENTS) == {"numpy": "1.26.4, 2.4.6", "pandas": "3.1.1"}
    assert set(card.pinned_versions((repository / "requirements.txt").read_text(encoding="utf-8"))) == set(
        card.LIBRARIES
    )


@pytest.mark.slow
def test_the_digests_are_those_of_the_files(project):
    text = made()
    for name in (*card.FILES, "models/best.joblib"):
        content = Path(name).read_bytes()
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        assert f"| `{name}` | `{md5}` | `{hashlib.sha256(content).hexdigest()}` |" in text


def test_results_of_a_family_that_is_not_trained_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("metrics/train").mkdir(parents=True)
    for family in ("lr", "blend"):
        Path(f"metrics/train/{family}.json").write_text("{}", encoding="utf-8")
    card.check_results(["lr", "svc"])
    Path("metrics/train/et.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match=r"^metrics/train: expected results of the families .* found those of et too"):
        card.check_results(["lr", "svc"])


def another_order_of_codes() -> None:
    path = Path("data/dictionary.yaml")
    dictionary = yaml.safe_load(path.read_text(encoding="utf-8"))
    savings = dictionary["columns"]["savings"]
    savings["codes"] = dict(reversed(savings["codes"].items()))
    path.write_text(yaml.safe_dump(dictionary, sort_keys=False), encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "differ"),
    [
        (lambda: None, []),
        (lambda: change({"seed": 1, "train.lr.C": 1, "check.max_psi": 0.2}), ["seed", "train"]),
        (another_order_of_codes, [DICTIONARY]),
        (lambda: validated(made_of={}), [*SECTIONS, DICTIONARY]),  # it does not tell its settings
    ],
)
def test_a_validation_made_with_other_settings_is_shown_as_outdated_with_a_warning(spoil, differ, project, caplog):
    validated(data_digest="d" * 32)
    assert "is not there or is of other data" in made()
    validated()
    spoil()
    text = made()
    assert "always this" in text
    assert ("It was made with the settings of `params.yaml`" in text) == (not differ)
    warned = f"was made with other settings than today's ({', '.join(differ)}): run `make validate` again"
    assert (warned in caplog.text) == bool(differ)
    named = ", ".join(f"`{name}`" for name in differ)
    assert (f"They differ in {named}. Run `make validate` again.**" in text) == bool(differ)


@pytest.mark.slow
def test_words_about_another_table_are_left_out_with_a_warning(project, caplog):
    about(title="Loans of nowhere")
    assert "Loans of nowhere" not in made()
    assert f"data/about.yaml is of another table than {TABLE}" in caplog.text
    caplog.clear()
    about(of=TABLE)
    assert "Loans of nowhere" in made()
    assert not caplog.messages


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"remarks": {"CR999": "what?"}}, "data/about.yaml: 'remarks' must be on checks CR001 to "),
        ({"title": None}, "data/about.yaml: 'title' must be text, got nothing"),
        ({"author": "nobody"}, "data/about.yaml: unknown key 'author'; expected one of of, title, data, "),
    ],
)
def test_wrong_words_are_refused_with_one_line(changes, said, inputs_of, refusal):
    inputs_of("card")
    assert refusal("card", lambda: about(**changes)).startswith(said)
