"""Keys of the data dictionary that once had other names."""

from typing import Any

_PRESENT_KEYS = {"changeable": "actionable", "expected_pd": "monotonicity"}
_PRESENT_VALUES = {"rising": "increasing", "falling": "decreasing"}


def with_present_keys(values: Any) -> tuple[Any, dict[str, str]]:
    """Rename the keys of columns that once had other names, before anything is checked.

    Parameters
    ----------
    values : of a dictionary's file, whatever is in it.

    Returns
    -------
    The values, and the old names that were in them with the present ones.
    """
    columns = values.get("columns") if isinstance(values, dict) else None
    if not isinstance(columns, dict):
        return values, {}
    old = {name: _old_keys(column) for name, column in columns.items()}
    present = {name: _renamed(column, old[name]) if old[name] else column for name, column in columns.items()}
    return {**values, "columns": present}, {
        key: new for key, new in _PRESENT_KEYS.items() if any(key in keys for keys in old.values())
    }


def _old_keys(column: Any) -> dict[str, str]:
    """Give the old keys of a column with their present names; beside its present name an old one is unknown."""
    keys = column if isinstance(column, dict) else {}
    return {key: new for key, new in _PRESENT_KEYS.items() if key in keys and new not in keys}


def _renamed(column: dict[str, Any], old: dict[str, str]) -> dict[str, Any]:
    return {
        old.get(key, key): _PRESENT_VALUES.get(str(value), value) if key in old else value
        for key, value in column.items()
    }
