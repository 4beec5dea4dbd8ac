import pytest
from pydantic import Field

from credit.core.errors import InputError
from credit.core.records import Record, check


class Tree(Record):
    depth: int = Field(default=3, ge=1)
    shares: tuple[float, float] = (0.1, 0.9)


class Forest(Record):
    name: str
    balanced: bool = False
    tree: Tree = Tree()
    others: dict[str, Tree] = Field(default_factory=dict)


def message(values: object) -> str:
    with pytest.raises(InputError) as caught:
        check(Forest, values, "params.yaml")
    return str(caught.value)


def test_builds_the_record_from_plain_values():
    forest = check(Forest, {"name": "oak", "tree": {"depth": 5}, "others": {"elm": {}}}, "params.yaml")
    assert forest == Forest(name="oak", tree=Tree(depth=5), others={"elm": Tree()})


def test_a_record_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        Tree().depth = 4


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (None, "params.yaml: the whole must be a mapping of keys to values, got nothing"),
        (["oak"], "params.yaml: the whole must be a mapping of keys to values, got ['oak']"),
        ({}, "params.yaml: 'name' is missing"),
        ({"name": 5}, "params.yaml: 'name' must be text, got 5"),
        ({"name": "oak", "tree": None}, "params.yaml: 'tree' must be a mapping of keys to values, got nothing"),
        ({"name": "oak", "nme": 1}, "params.yaml: unknown key 'nme'; expected one of name, balanced, tree, others"),
        ({"nme": 1}, "params.yaml: unknown key 'nme'; expected one of name, balanced, tree, others; 1 more fault"),
        ({"name": "oak", "tree": {"deep": 1}}, "params.yaml: unknown key 'tree.deep'; expected one of depth, shares"),
        (
            {"name": "oak", "others": {"elm": {"deep": 1}}},
            "params.yaml: unknown key 'others.elm.deep'; expected one of depth, shares",
        ),
        (
            {"name": "oak", "tree": {"depth": -1}},
            "params.yaml: 'tree.depth' must be greater than or equal to 1, got -1",
        ),
        ({"name": "oak", "tree": {"depth": "deep"}}, "params.yaml: 'tree.depth' must be a whole number, got 'deep'"),
        ({"name": "oak", "tree": {"depth": 1.5}}, "params.yaml: 'tree.depth' must be a whole number, got 1.5"),
        ({"name": "oak", "balanced": "very"}, "params.yaml: 'balanced' must be true or false, got 'very'"),
        (
            {"name": "oak", "tree": {"shares": [0, 1, 2]}},
            "params.yaml: 'tree.shares' must be a list of at most 2 values, got [0, 1, 2]",
        ),
        ({"name": "oak", "tree": {"shares": 0}}, "params.yaml: 'tree.shares' must be a list, got 0"),
        (
            {"name": "oak", "tree": {"shares": [0, float("nan")]}},
            "params.yaml: 'tree.shares.1' must be a finite number, got nan",
        ),
        (
            {"name": True},
            "params.yaml: 'name' must be text, got True (YAML reads an unquoted yes, no, on or off as true or false)",
        ),
    ],
)
def test_says_in_one_line_what_was_expected_what_came_and_where(values: object, expected: str):
    assert message(values) == expected


def test_counts_the_faults_it_does_not_describe():
    assert message({"name": 5, "tree": {"depth": 0}}).endswith("got 5; 1 more fault")
    assert message({"name": 5, "tree": {"depth": 0, "shares": 1}}).endswith("got 5; 2 more faults")


def test_shows_only_the_beginning_of_a_long_value():
    said = message({"name": ["oak\n"] * 1000})
    assert len(said) < 120
    assert "\n" not in said
