"""A draft as YAML, with what was not sure as comments."""

import textwrap
from typing import Any

import yaml

from credit.core.number_form import NumberForm
from ops.draft_dictionary.cells import ColumnDraft, counted, shown
from ops.draft_dictionary.dictionary import Draft
from ops.draft_dictionary.source import Source

WIDEST = 110
MARKS = ("unsure:", "check:")
TO_DO = (
    "2. Write what the codes mean (code: meaning), label and unit; widen each range to what is possible, not only what "
    "was seen: a value outside becomes missing.",
    "3. Save it as data/dictionary.yaml, set ingest.source in params.yaml to the table (`--output` and `--set-source` "
    "do), and `make run`.",
)
# Text that other readers of YAML would take for something else.
AMBIGUOUS = ("y", "n", "t", "f", "yes", "no", "on", "off", "true", "false")


def as_yaml(draft: Draft, source: Source) -> str:
    """Write a draft as a data dictionary, with what was not sure as comments."""
    names = source.table.column_names[1:]
    remarks = [*source.notes, *draft.notes]
    if numbers := [shown(name) for name in names if is_number(name)]:
        remarks.append(f"check: the first line is taken for names, and has {', '.join(numbers[:3])} in it: is it data?")
    notes = [line for remark in remarks for line in comment(remark)]
    columns = [line for column in draft.columns for line in column_lines(column)]
    marked = sum(f"# {mark}" in line for line in [*notes, *columns] for mark in MARKS)
    extent = f"{counted(len(names), 'column')}, {counted(source.table.num_rows, 'row')}"
    extent += "" if source.is_whole else ", the first of more: the others were not looked at"
    head = [
        f"First draft, guessed from {shown(source.name)} ({source.written}): {extent}.",
        "To do:",
        f"1. Decide the {counted(marked, 'line')} marked unsure or check, and look at every role.",
        *TO_DO,
    ]
    commented = [line for text in head for line in comment(text)]
    return "\n".join([*commented, *(["#", *notes] if notes else []), "columns:", *columns, ""])


def comment(text: str, indent: str = "") -> list[str]:
    """Write a remark as comment lines."""
    lines = textwrap.wrap(text, WIDEST - len(indent) - 4, break_long_words=False, break_on_hyphens=False)
    return [f"{indent}# {'' if number == 0 else '  '}{line}" for number, line in enumerate(lines)]


def column_lines(column: ColumnDraft) -> list[str]:
    """Write a column as an entry of the dictionary."""
    lines = [f"  {scalar(column.key)}:", *(line for note in column.notes for line in comment(note, "    "))]
    if column.source != column.key:
        lines.append(f"    source: {scalar(column.source)}")
    lines.append(f"    role: {column.role}")
    if column.unit:
        lines.append(f"    unit: {scalar(column.unit)}")
    if column.number:
        lines.append(f"    number: {{{', '.join(form_parts(column.number))}}}")
    if column.range:
        lines.append(f"    range: [{', '.join(map(scalar, column.range))}]")
    if column.missing:
        lines.append(f"    missing: [{', '.join(map(scalar, column.missing))}]")
    quoted = any(map(is_ambiguous, column.codes))
    if column.codes:
        lines.append("    codes:")
        for code, note in column.codes.items():
            lines.append(f"      {scalar(code, quoted)}: {scalar(str(code))}{f'  # {note}' if note else ''}")
    if column.bad_codes:
        lines.append(f"    bad_codes: [{', '.join(scalar(code, quoted) for code in column.bad_codes)}]")
    if column.good_codes:
        lines.append(f"    good_codes: [{', '.join(scalar(code, quoted) for code in column.good_codes)}]")
    if column.protected:
        lines.append("    protected: true  # check: so by its name")
    return lines


def form_parts(form: NumberForm) -> list[str]:
    """Write what is not plain in a form of numbers, a key each."""
    parts = []
    for key, value in form.model_dump(exclude_defaults=True).items():
        several = isinstance(value, tuple) and len(value) > 1
        words = [scalar(word, quoted=True) for word in (value if isinstance(value, tuple) else [value])]
        parts.append(f"{key}: [{', '.join(words)}]" if several else f"{key}: {words[0]}")
    return parts


def scalar(value: Any, quoted: bool = False) -> str:
    """Write a value as YAML's own representer does; in double quotes, what it would spread over lines or leave open."""
    style = '"' if isinstance(value, str) and (quoted or is_ambiguous(value) or not value.isprintable()) else None
    written = yaml.safe_dump(
        [value], default_flow_style=True, default_style=style, allow_unicode=True, width=float("inf")
    )
    return written.strip("\n")[1:-1]


def is_ambiguous(value: Any) -> bool:
    """Whether some reader of YAML could take a text for a number or for true or false."""
    return isinstance(value, str) and (value.lower() in AMBIGUOUS or is_number(value))


def is_number(text: str) -> bool:
    """Whether text can be read as a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True
