import re

from hypothesis import given
from hypothesis import strategies as st

from credit.core import columns
from credit.core.column import Column
from credit.core.dictionary import Dictionary
from credit.core.errors import InputError
from ops.draft_dictionary.names import RESERVED, keys_of
from stages.prepare import check_names

OURS = [value for key, value in vars(columns).items() if key.isupper()]


def test_keys_are_simple_names_and_all_different():
    names = ["amount", "Höhe (EUR)", "hoehe_eur", "Höhe/EUR", "1st", "%", "line", "file", "bad", "LoanAmt", "été"]
    assert keys_of(names) == [
        "amount", "hoehe_eur_2", "hoehe_eur", "hoehe_eur_3", "column_1st", "column_6", "lender_line", "file",
        "lender_bad", "LoanAmt", "ete",
    ]  # fmt: skip
    assert keys_of(["bad", "x"], target="bad") == ["bad", "x"]
    assert keys_of(["BAD", " Bad!"], target="BAD") == ["BAD", "column_bad"]


def is_refused(key: str, target: str) -> bool:
    described = {
        "income": Column(role="numeric"),
        key: Column(role="ignored"),
        target: Column(role="target", codes={0: "", 1: ""}, bad_codes=(1,)),
    }
    try:
        check_names(Dictionary(columns=described))
    except InputError:
        return True
    return False


def test_keeps_every_name_that_prepare_does_not_refuse():
    for name in ("amount", "file", "LINE", *OURS):
        for target in ("kredit", name):
            assert (keys_of([name], target) == [name]) != is_refused(name, target), (name, target)


@given(st.lists(st.text(max_size=80) | st.sampled_from([*OURS, "Bad!", "file"]), unique=True, max_size=8))
def test_any_names_give_as_many_different_keys(names: list[str]):
    keys = keys_of(names)
    assert len(set(keys)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,80}", key) for key in keys)
    assert not {*RESERVED} & set(keys)
