"""What dvc.lock says of a state: the digests of files and of trainings, and whether all belongs together."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import yaml

from credit.core.errors import InputError
from credit.core.families import BLEND

SUFFIX = ".dir"  # of a folder's digest in dvc.lock
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as quick, where it is built


def read_yaml(text: bytes, place: str) -> dict[str, Any]:
    """Read a YAML mapping; an empty file is an empty one. Raises InputError, with the place, where it is none."""
    try:
        values = yaml.load(text, Loader=Loader) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{place}: expected YAML, got a fault: {' '.join(str(error).split())}") from None
    if not isinstance(values, dict):
        raise InputError(f"{place}: expected a YAML mapping, got a {type(values).__name__}")
    return values


def outputs(lock: Mapping[str, Any]) -> dict[str, str]:
    """Path -> digest of every output."""
    return dict(_files(lock, "outs"))


def inputs(lock: Mapping[str, Any]) -> dict[str, str]:
    """Path -> digest of every dependency."""
    return dict(_files(lock, "deps"))


def sources(lock: Mapping[str, Any]) -> dict[str, str]:
    """Path -> digest of what stages read and no stage wrote, such as code; a folder that holds outputs is none."""
    made = outputs(lock)
    folders = {str(folder) for path in made for folder in PurePosixPath(path).parents}
    return {path: digest for path, digest in inputs(lock).items() if path not in made and path not in folders}


def md5_of(content: bytes) -> str:
    """Identify a file as DVC does."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _files(lock: Mapping[str, Any], kind: str) -> Iterator[tuple[str, str]]:
    for stage in lock.get("stages", {}).values():
        for file in stage.get(kind, []):
            yield file["path"], _digest(file)


def _digest(file: Mapping[str, Any]) -> str:
    """Give a file's hash; an address has a checksum or an ETag instead."""
    return next((str(file[name]) for name in ("md5", "checksum", "etag") if name in file), "")


def training(lock: Mapping[str, Any], family: str) -> str:
    """Identify how a family was trained and what came out: the digest of its entry."""
    stage = family if family == BLEND else f"train@{family}"
    entry = json.dumps(lock["stages"][stage], sort_keys=True, default=str)
    return hashlib.sha256(entry.encode()).hexdigest()


def families(lock: Mapping[str, Any]) -> list[str]:
    """Name the families that were trained, the blend too, in the order of the lock."""
    stages = lock.get("stages", {})
    return [stage.removeprefix("train@") for stage in stages if stage.startswith("train@") or stage == BLEND]


def is_complete(lock: Mapping[str, Any], params: Mapping[str, Any], stages: Iterable[str]) -> bool:
    """Whether every stage ran, on what the others made and used too, with the parameters as they are now.

    Parameters
    ----------
    stages : as dvc.yaml names them; one of a matrix stands for all.
    """
    ran = {stage.partition("@")[0] for stage in lock.get("stages", {})}
    if not ran.issuperset(stages):
        return False
    made, latest = outputs(lock), outputs(lock)
    for file in (file for stage in lock.get("stages", {}).values() for file in stage.get("deps", [])):
        digest = _digest(file)
        if not digest or latest.setdefault(file["path"], digest) != digest:
            return False
        if digest.endswith(SUFFIX) and not _has_latest(file, made):
            return False
    return not other_params(lock, params)


def other_params(lock: Mapping[str, Any], params: Mapping[str, Any]) -> list[str]:
    """Name the parameters with which a stage ran that are others now."""
    used = (stage.get("params", {}).get("params.yaml", {}) for stage in lock.get("stages", {}).values())
    return sorted({name for values in used for name, value in values.items() if value_of(params, name) != value})


def other_deps(lock: Mapping[str, Any], params: Mapping[str, Any], graph: Mapping[str, Any]) -> dict[str, list[str]]:
    """Name the stages that ran without files that they would read with the parameters as they are now, and the files.

    Parameters
    ----------
    graph : of dvc.yaml.
    """
    lacking = {}
    for stage, ran in lock.get("stages", {}).items():
        read = {file["path"] for file in ran.get("deps", [])}
        lacking[stage] = [path for path in _declared_deps(stage, params, graph) if path not in read]
    return {stage: paths for stage, paths in lacking.items() if paths}


def _declared_deps(stage: str, params: Mapping[str, Any], graph: Mapping[str, Any]) -> Iterator[str]:
    """Give the paths that dvc.yaml says a stage reads, `${...}` filled in as DVC does."""
    name, _, item = stage.partition("@")
    declared = graph.get("stages", {}).get(name, {})
    values = {**params, "item": dict.fromkeys(declared.get("matrix", ()), item)}
    for path in declared.get("deps", []):
        yield re.sub(r"\$\{([\w.]+)\}", lambda found: str(value_of(values, found[1])), path)


def _has_latest(folder: Mapping[str, Any], made: Mapping[str, str]) -> bool:
    """Whether a folder that a stage read holds what others made in it; where it holds more, nobody can tell."""
    top = f"{folder['path']}/"
    inside = {path.removeprefix(top): digest for path, digest in made.items() if path.startswith(top)}
    return not inside or folder.get("nfiles", 0) > len(inside) or digest_of_folder(inside) == _digest(folder)


def digest_of_folder(files: Mapping[str, str]) -> str:
    """Identify a folder as DVC does, by the path and MD5 of each of its files."""
    entries = [{"md5": md5, "relpath": path} for path, md5 in sorted(files.items())]
    return md5_of(json.dumps(entries, sort_keys=True).encode()) + SUFFIX


def value_of(params: Mapping[str, Any], name: str) -> Any:
    """Look up `train.xgb.max_depth`; None if there is no such parameter."""
    for part in name.split("."):
        if not isinstance(params, Mapping) or part not in params:
            return None
        params = params[part]
    return params
