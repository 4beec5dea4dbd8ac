"""Any table of text gives a draft that is valid YAML and says what was guessed."""

import pyarrow as pa
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from credit.io.files import read_dictionary
from ops.draft_dictionary.as_yaml import as_yaml
from ops.draft_dictionary.dictionary import draft_dictionary
from ops.draft_dictionary.source import Source

NAMES = st.text(max_size=20) | st.sampled_from(["line", "file", "bad", "Risk", "default", "yes", "null", "class", "id"])
TRICKY = (
    "0|1|2.0|-3|1e9|1e400|010|good|bad|yes|no|null|~|?|1,5|2020-01-01|a: b|=|<<|1_000|0x1F|12:30|\x85|\u2028|'|\ufeff|"
    "True|-|y|- a|#|%|@|[|&a|*a|!a|>|12 %|Jan 2020"
)
CELLS = st.text(max_size=12) | st.sampled_from(TRICKY.split("|"))


@st.composite
def tables(draw) -> pa.Table:
    """Draw lines and columns of any text; a few levels repeat, for else nearly every column would be ignored."""
    names = draw(st.lists(NAMES.filter(bool), unique=True, min_size=1, max_size=5))
    rows = draw(st.sampled_from([1, 2, 7, 150]))
    columns = []
    for _ in names:
        levels = draw(st.lists(CELLS, min_size=1, max_size=8))
        columns.append([levels[row * row % len(levels)] for row in range(rows)])
    return pa.table([list(range(2, rows + 2)), *columns], names=["line", *names])


@pytest.mark.slow
@given(tables())
def test_any_table_of_text_gives_a_draft_with_every_column_once(tmp_path_factory, table: pa.Table):
    found = draft_dictionary(table)
    text = as_yaml(found, Source("x.csv", table, "comma, utf-8", True))
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, encoding="utf-8")
    columns = yaml.safe_load(text)["columns"]
    assert [column.get("source", key) for key, column in columns.items()] == table.column_names[1:]
    roles = {draft.role for draft in found.columns}
    if "target" in roles and roles & {"numeric", "nominal"}:
        dictionary = read_dictionary(path)
        for draft in found.columns:
            read = dictionary.columns[draft.key]
            assert (read.role, read.range, list(read.codes or ())) == (draft.role, draft.range, list(draft.codes))
            assert all(str(code) == label for code, label in (read.codes or {}).items())
