"""The one language for fixed and searched settings: a value is fixed, a list is searched."""

from collections.abc import Mapping
from itertools import product
from typing import Any

from credit.core.errors import InputError


def expand(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List every combination of the settings.

    Parameters
    ----------
    settings : name -> one value (fixed), or a list of values (searched). A value that is itself a list, such
        as the layers of a network, stands in a list: `[[32, 16]]`.

    Returns
    -------
    One mapping a candidate, in the order of the lists, the last setting changing fastest.

    Raises
    ------
    InputError
        A list is empty or holds a value twice.
    """
    for name, values in settings.items():
        if isinstance(values, list) and (not values or any(value in values[:at] for at, value in enumerate(values))):
            raise InputError(f"'{name}' must be a value or a list of different values to search, got {values}")
    choices = [values if isinstance(values, list) else [values] for values in settings.values()]
    return [dict(zip(settings, combination, strict=True)) for combination in product(*choices)]
