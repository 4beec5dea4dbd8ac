"""How stages read and write files. Every file appears whole or not at all."""

import io
import json
import logging
import math
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from credit.core.dictionary import Dictionary
from credit.core.errors import InputError, LeftOutError
from credit.core.present_keys import with_present_keys
from credit.core.records import LONGEST, Record, check
from credit.core.style import lacking_fonts

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

DIGITS = 6
LEFT_OUT = "left_out"
PARAMS_FILE = Path("params.yaml")
SECTIONS = (
    "model",
    "seed",
    "decision",
    "ingest",
    "prepare",
    "eda",
    "features",
    "search",
    "out_of_fold",
    "calibration",
    "train",
    "blend",
    "scorecard",
    "select_best",
    "evaluate",
    "cutoff",
    "fairness",
    "explain",
    "check",
    "validation",
)

FONT_LISTS = "matplotlib's list of fonts (~/.cache/matplotlib/fontlist-*.json)"
_FONTS_TOLD: set[str] = set()  # of letters that no font has, a process tells once

ParamsType = TypeVar("ParamsType", bound=Record)


@contextmanager
def replacing(path: Path | str) -> Iterator[Path]:
    """Give a temporary path to write to; it becomes `path` only if the block ends well."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def read_yaml(path: Path | str) -> Any:
    """Read a YAML file; raises InputError naming the file where it is absent or malformed."""
    try:
        return yaml.load(Path(path).read_text(encoding="utf-8"), Loader=_DistinctKeysLoader)
    except FileNotFoundError:
        raise InputError(f"{path}: expected a YAML file, got no such file") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: expected a YAML file in UTF-8, got another encoding") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}"
        raise InputError(f"{path}, {place}: expected valid YAML, got a fault: {error.problem}") from None
    except (yaml.YAMLError, ValueError) as error:  # the latter of a day such as 2026-02-30
        raise InputError(f"{path}: expected valid YAML, got a fault: {' '.join(str(error).split())}") from None


class _DistinctKeysLoader(yaml.SafeLoader):
    """Refuses a key that stands twice in a mapping; YAML's own loader silently keeps the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key, _ in node.value:
            if (key.tag, str(key.value)) in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key '{key.value}' twice", key.start_mark)
            seen.add((key.tag, str(key.value)))
        return super().construct_mapping(node, deep)


def read_params(kind: type[ParamsType], path: Path = PARAMS_FILE) -> ParamsType:
    """Read those top-level sections of params.yaml that the record `kind` has fields for."""
    params = read_yaml(path)
    if not isinstance(params, dict):
        received = "an empty file" if params is None else f"a {type(params).__name__}"
        raise InputError(f"{path}: expected the sections {', '.join(SECTIONS)}, got {received}")
    unknown = [key for key in params if key not in SECTIONS]
    if unknown:
        raise InputError(f"{path}: unknown key '{unknown[0]}'; expected one of {', '.join(SECTIONS)}")
    return check(kind, {key: value for key, value in params.items() if key in kind.model_fields}, str(path))


def read_dictionary(path: Path | str = "data/dictionary.yaml") -> Dictionary:
    """Read and check the data dictionary; keys by their old names are read too, with one line that says so."""
    values, old = with_present_keys(read_yaml(path))
    if old:
        names = ", ".join(f"'{key}' is now '{present}'" for key, present in old.items())
        logging.getLogger("dictionary").warning("%s: old names of keys are still read: %s", path, names)
    return check(Dictionary, values, str(path))


def read_parquet(path: Path | str, *, categories: Sequence[str] = ()) -> "pd.DataFrame":
    """Read a Parquet file that an earlier stage wrote; text columns named in `categories` as such."""
    import pandas as pd
    import pyarrow as pa

    try:
        return pd.read_parquet(path, read_dictionary=list(categories))
    except FileNotFoundError:
        raise InputError(f"{path}: expected the file that an earlier stage writes, got no such file") from None
    except pa.ArrowInvalid:
        raise InputError(f"{path}: expected a Parquet file, got something else or a damaged one") from None


def read_model(path: Path | str, content: bytes | None = None) -> Any:
    """Read a fitted model that an earlier stage wrote; raises LeftOutError where that says why there is none.

    Parameters
    ----------
    content : of the file, where it was read already.
    """
    import joblib

    try:
        model = joblib.load(path if content is None else io.BytesIO(content))
    except FileNotFoundError:
        raise InputError(f"{path}: expected the model that an earlier stage writes, got no such file") from None
    except OSError:
        raise
    except Exception as error:  # damaged bytes lead a pickle anywhere
        said = str(error) or type(error).__name__
        raise InputError(f"{path}: expected a saved model, got a damaged file ({said}): run `dvc checkout`") from None
    if isinstance(model, dict) and LEFT_OUT in model:
        raise LeftOutError(path, model[LEFT_OUT])
    if not hasattr(model, "predict_proba"):
        raise InputError(f"{path}: expected a saved model, got a {type(model).__name__}: run `dvc checkout`")
    return model


class JsonObject(dict):
    """An object of a JSON file, which names the file where a key is asked for that is not there."""

    def __init__(self, values: dict[str, Any], path: Path | str) -> None:
        super().__init__(values)
        self.path = path

    def __missing__(self, key: str) -> None:
        keys = ", ".join(self) or "none"
        received = keys if len(keys) <= LONGEST else f"{keys[: LONGEST - 3]}..."
        raise InputError(f"{self.path}: expected the key '{key}', got {received}; run `dvc repro`")


def read_json(path: Path | str) -> JsonObject:
    """Read the JSON object in a file that an earlier stage wrote."""
    try:
        values = json.loads(Path(path).read_text(encoding="utf-8"), object_hook=lambda keys: JsonObject(keys, path))
    except FileNotFoundError:
        raise InputError(f"{path}: expected the file that an earlier stage writes, got no such file") from None
    except ValueError as error:
        raise InputError(f"{path}: expected JSON in UTF-8, got something else: {error}") from None
    if not isinstance(values, JsonObject):
        raise InputError(f"{path}: expected a JSON object, got a {type(values).__name__}")
    return values


def write_json(path: Path | str, values: Any) -> None:
    """Write UTF-8 JSON: sorted keys, floats rounded to 6 digits, a final newline."""
    text = json.dumps(as_plain(values), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    with replacing(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8", newline="\n")


def write_csv(path: Path | str, table: "pd.DataFrame") -> None:
    """Write a CSV without an index, floats rounded to 6 digits."""
    with replacing(path) as temporary:
        table.round(DIGITS).to_csv(temporary, index=False, lineterminator="\n", float_format=_number_text)


def write_parquet(path: Path | str, table: "pd.DataFrame") -> None:
    """Write a Parquet file."""
    with replacing(path) as temporary:
        table.to_parquet(temporary, index=False)


def write_figure(path: Path | str, figure: "Figure") -> None:
    """Write a PNG picture, without the program's version in it."""
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=110, metadata={"Software": None})
    for font, letter in lacking_fonts(figure).items():
        if font not in _FONTS_TOLD:
            _FONTS_TOLD.add(font)
            said = "%s: boxes stand for letters such as %s, which no font here has: install %s, and remove %s"
            logging.getLogger("pictures").warning(said, path, letter, font, FONT_LISTS)


def write_model(path: Path | str, model: Any) -> None:
    """Write a fitted model as a joblib file."""
    import joblib

    with replacing(path) as temporary:
        joblib.dump(model, temporary)


def write_no_model(path: Path | str, reason: str) -> None:
    """Write why there is no model in its place, for `read_model` to say."""
    write_model(path, {LEFT_OUT: reason})


def copy(source: Path | str, target: Path | str) -> None:
    """Copy a file byte for byte."""
    with replacing(target) as temporary:
        shutil.copyfile(source, temporary)


def _number_text(value: float) -> str:
    return f"{_rounded(value):.{DIGITS}f}".rstrip("0").rstrip(".")


def as_plain(value: Any) -> Any:
    """Turn records and NumPy scalars into what `write_json` writes: floats are rounded, a NaN becomes null."""
    if isinstance(value, Record):
        return as_plain(value.model_dump())
    if isinstance(value, dict):
        return {str(key): as_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_plain(item) for item in value]
    if hasattr(value, "tolist"):
        return as_plain(value.tolist())
    if isinstance(value, float):
        return _rounded(value) if math.isfinite(value) else None
    return value


def _rounded(value: float) -> float:
    return round(value, DIGITS) + 0.0  # adding zero makes -0.0, the rounded noise below zero, 0.0
