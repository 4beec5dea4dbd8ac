"""Whether the remotes and the cache really hold what dvc.lock names, and their repair."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from ops.sync.cache import set_aside
from ops.sync.calls import call, calling
from ops.sync.content import MISSING, UNREADABLE, WRONG_HASH, WRONG_SIZE, faults_of, faults_within
from ops.sync.objects import Named, cached_outputs, named
from ops.sync.remotes import Remote
from ops.sync.report import show, tell
from ops.sync.workspace import being_written, keep_in_cache

KINDS = (MISSING, WRONG_SIZE, WRONG_HASH, UNREADABLE)
ROUNDS = 2  # what a directory holds may be known only when its list was healed
CACHE = "(the cache here)"


class Findings(NamedTuple):
    """What a remote, or the cache, holds: the objects looked for, and what is wrong with which; or why no answer."""

    place: str
    reason: str | None
    objects: dict[str, Named]
    faults: dict[str, str]

    @property
    def all_right(self) -> bool:
        return self.reason is None and not self.faults


def verify(remotes: Sequence[Remote], timeout: int, *, heal: bool) -> bool:
    """Read every object on every remote and in the cache, print what was found, repair it if asked to.

    Returns
    -------
    Whether every remote is all right in the end, and nothing in the cache is damaged.
    """
    found = _look(remotes, timeout)
    _print(found)
    for _ in range(ROUNDS if heal else 0):
        if any(findings.faults for findings in found):
            _heal(found, timeout)
            found = _look(remotes, timeout)
            _print(found)
    return all(findings.all_right for findings in found)


def _look(remotes: Sequence[Remote], timeout: int) -> list[Findings]:
    """Read the cache, and meanwhile the remotes; the cache comes first in what is returned."""
    from dvc.repo import Repo

    with Repo() as repo, ExitStack() as calls:
        objects = named(cached_outputs(repo))
        started = [
            (remote.name, calls.enter_context(calling("verify", remote.name, objects, timeout))) for remote in remotes
        ]
        every, faults = faults_within(repo.cache.local, objects)
        damaged = {oid: fault for oid, fault in faults.items() if fault != MISSING}  # a cache need not have everything
        held = {item.oid: item for item in every if item.oid not in faults or item.oid in damaged}
        found = [Findings(CACHE, None, held, damaged)]
        for name, started_call in started:
            answer = started_call.answer()
            looked_for = [Named(*item) for item in answer.result.get("objects", objects)]
            faults = answer.result.get("failed", {})
            found.append(Findings(name, answer.reason, {item.oid: item for item in looked_for}, faults))
    return found


def _heal(found: Sequence[Findings], timeout: int) -> None:
    """Complete the cache from the workspace and the remotes, then replace what is faulty on these from the cache."""
    cache, *remotes = found
    faulty = {oid: findings.objects[oid] for findings in found for oid in findings.faults}
    answering = [findings for findings in remotes if findings.reason is None]
    away = _complete_cache(faulty, answering, timeout)
    if cache.faults:
        tell(f"verify: {CACHE}: healed {len(cache.faults.keys() - away)} of {len(cache.faults)} objects")
    for findings in answering:
        if findings.faults:
            mine = [findings.objects[oid] for oid in findings.faults if oid not in away]
            tell(f"verify: {findings.place}: {_replace(findings, mine, timeout)}")


def _complete_cache(faulty: dict[str, Named], remotes: Iterable[Findings], timeout: int) -> set[str]:
    """Bring to the cache what it lacks, or holds damaged, of the faulty objects; returns which ones it still lacks."""
    from dvc.repo import Repo

    with Repo() as repo:
        cache = repo.cache.local
        outputs = cached_outputs(repo)
        written = being_written(repo, outputs)
        with set_aside(cache, faults_of(cache, faulty.values())):  # a damaged copy may be the only one there is
            keep_in_cache(repo, [out for out in outputs if out not in written])
            away = set(faults_of(cache, faulty.values()))
            for source in remotes:
                offered = [faulty[oid] for oid in away if oid not in source.faults]
                if offered:
                    answer = call("fetch", source.place, offered, timeout)
                    away -= set(answer.result.get("brought", ()))
    return away


def _replace(findings: Findings, objects: Sequence[Named], timeout: int) -> str:
    """Replace faulty objects of a remote by those of the cache; says what came of it."""
    if not objects:
        return "nothing healed, there is no intact copy"
    answer = call("heal", findings.place, objects, timeout)
    if answer.reason is not None:
        return f"not healed: {answer.reason}"
    failed = answer.result["failed"]
    why = "; " + "; ".join(dict.fromkeys(failed.values())) if failed else ""
    return f"healed {len(objects) - len(failed)} of {len(findings.faults)} objects{why}"


def _print(found: Sequence[Findings]) -> None:
    """Print a row for each place, and below a line for each faulty object."""
    rows = []
    for findings in found:
        counts = [str(sum(fault.startswith(kind) for fault in findings.faults.values())) for kind in KINDS]
        right = str(len(findings.objects) - len(findings.faults))
        known = (right, *counts) if findings.reason is None else ("no answer", *("?" for _ in KINDS))
        rows.append((findings.place, str(len(findings.objects)), *known))
    show("Objects that dvc.lock names", ("where", "objects", "right", *KINDS), rows)
    for findings in found:
        for line in [findings.reason] if findings.reason is not None else _faulty(findings):
            print(f"{findings.place}: {line}")


def _faulty(findings: Findings) -> list[str]:
    """Say of each faulty object whose it is and what is wrong, by path."""
    return sorted(f"{findings.objects[oid].path} ({oid}): {fault}" for oid, fault in findings.faults.items())
