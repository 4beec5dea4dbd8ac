"""Typed cells as text: as they stand in a CSV file that a program writes of the same table."""

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

_WRITTEN = (
    *(types.is_integer, types.is_floating, types.is_decimal, types.is_boolean, types.is_null),
    *(types.is_string, types.is_large_string, types.is_string_view),
    *(types.is_binary, types.is_large_binary, types.is_fixed_size_binary),
    *(types.is_date, types.is_time, types.is_timestamp),
)


def has_text(kind: pa.DataType) -> bool:
    """Tell whether a cell of this type is one value; lists, records and durations have no text that all agree on."""
    kind = _stored(kind)
    return any(is_such(kind) for is_such in _WRITTEN)


def _stored(kind: pa.DataType) -> pa.DataType:
    if types.is_dictionary(kind):
        return _stored(kind.value_type)
    return kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind


def cell_text(cells: pa.Array) -> pa.StringArray:
    """Write cells as text, a null and a NaN as an empty one.

    A floating-point number has the fewest digits that tell it from all others, and a point or an exponent; dates and
    times are ISO 8601, a time at midnight without a zone as its date, one with a zone in UTC.

    Raises
    ------
    pyarrow.ArrowInvalid
        Bytes are not UTF-8.

    >>> cell_text(pa.array([12.0, 0.5, None])).to_pylist()
    ['12.0', '0.5', '']
    """
    kind = cells.type
    if isinstance(kind, pa.BaseExtensionType):
        return cell_text(cells.storage)
    if types.is_dictionary(kind):
        return cell_text(cells.dictionary_decode())
    if types.is_boolean(kind):
        text = pc.if_else(cells, "True", "False")
    elif types.is_floating(kind):
        text = _float_text(cells)
    elif types.is_timestamp(kind):
        text = _timestamp_text(cells, kind)
    else:
        text = pc.cast(cells, pa.string())
    return text.fill_null("")


def _float_text(cells: pa.Array) -> pa.StringArray:
    cells = cells.cast(pa.float32()) if types.is_float16(cells.type) else cells
    text = pc.if_else(pc.is_nan(cells), None, pc.cast(cells, pa.string()))
    text = pc.replace_substring_regex(text, r"^(-?\d+)$", r"\1.0")
    # Arrow writes an exponent from 1e10 on and below 1e-5, others from 1e16 on and below 1e-4.
    differing = pc.match_substring_regex(text, r"e|^-?0\.0000").fill_null(False)
    usual = [repr(float(number)) for number in text.filter(differing).to_pylist()]
    return pc.replace_with_mask(text, differing, pa.array(usual, pa.string()))


def _timestamp_text(cells: pa.Array, kind: pa.TimestampType) -> pa.StringArray:
    text = pc.cast(cells.cast(pa.timestamp(kind.unit)), pa.string())  # of a zone, in UTC
    text = pc.utf8_rtrim(pc.replace_substring_regex(text, r"(\.\d*?)0+$", r"\1"), ".")
    if kind.tz is None:
        text = pc.replace_substring_regex(text, " 00:00:00$", "")
    return pc.binary_join_element_wise(pc.replace_substring(text, " ", "T"), "Z" if kind.tz else "", "")
