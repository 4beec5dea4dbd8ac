"""Whether the remotes really hold what dvc.lock names, and their repair."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from ops.sync.calls import call, calling
from ops.sync.content import MISSING, UNREADABLE, WRONG_HASH, WRONG_SIZE, faults_of
from ops.sync.objects import Named, cached_outputs, named
from ops.sync.remotes import Remote
from ops.sync.report import tell

KINDS = (MISSING, WRONG_SIZE, WRONG_HASH, UNREADABLE)
ROUNDS = 2  # what a directory holds may be known only when its list was healed


class Findings(NamedTuple):
    """What a remote holds: the objects looked for, and what is wrong with which; or why it gave no answer."""

    remote: str
    reason: str | None
    objects: dict[str, Named]
    faults: dict[str, str]

    @property
    def all_right(self) -> bool:
        return self.reason is None and not self.faults


def verify(remotes: Sequence[Remote], timeout: int, *, heal: bool) -> bool:
    """Read every object on every remote, print what was found, repair it if asked to.

    Returns
    -------
    Whether every remote is all right in the end.
    """
    from dvc.repo import Repo

    with Repo() as repo:
        objects = named(cached_outputs(repo))
    found = _look(remotes, objects, timeout)
    _print(found)
    for _ in range(ROUNDS if heal else 0):
        if any(findings.faults for findings in found):
            _heal(found, timeout)
            found = _look(remotes, objects, timeout)
            _print(found)
    return all(findings.all_right for findings in found)


def _look(remotes: Sequence[Remote], objects: Sequence[Named], timeout: int) -> list[Findings]:
    found = []
    with ExitStack() as calls:
        started = [
            (remote.name, calls.enter_context(calling("verify", remote.name, objects, timeout))) for remote in remotes
        ]
        for name, started_call in started:
            answer = started_call.answer()
            looked_for = [Named(*item) for item in answer.result.get("objects", objects)]
            faults = answer.result.get("failed", {})
            found.append(Findings(name, answer.reason, {item.oid: item for item in looked_for}, faults))
    return found


def _heal(found: Sequence[Findings], timeout: int) -> None:
    """Complete the cache from the remotes that are intact there, then replace what is faulty from the cache."""
    faulty = {oid: findings.objects[oid] for findings in found for oid in findings.faults}
    answering = [findings for findings in found if findings.reason is None]
    away = _drop_damaged(list(faulty.values()))
    for source in answering:
        offered = [faulty[oid] for oid in away if oid not in source.faults]
        if offered:
            answer = call("fetch", source.remote, offered, timeout)
            failed = {item.oid for item in offered} if answer.reason else answer.result["failed"]
            away -= {item.oid for item in offered if item.oid not in failed}
    for findings in answering:
        if findings.faults:
            mine = [findings.objects[oid] for oid in findings.faults if oid not in away]
            tell(f"verify: {findings.remote}: {_replace(findings, mine, timeout)}")


def _drop_damaged(objects: Sequence[Named]) -> set[str]:
    """Delete the damaged ones among these objects from the cache; says which ones the cache does not have then."""
    from dvc.repo import Repo

    with Repo() as repo:
        cache = repo.cache.local
        faults = faults_of(cache, objects)
        for oid, fault in faults.items():
            if fault.startswith((WRONG_SIZE, WRONG_HASH)):  # one that cannot be read just now may be the only copy
                cache.delete(oid)
    return set(faults)


def _replace(findings: Findings, objects: Sequence[Named], timeout: int) -> str:
    """Replace faulty objects of a remote by those of the cache; says what came of it."""
    if not objects:
        return "nothing healed, there is no intact copy"
    answer = call("heal", findings.remote, objects, timeout)
    if answer.reason is not None:
        return f"not healed: {answer.reason}"
    failed = answer.result["failed"]
    why = "; " + "; ".join(dict.fromkeys(failed.values())) if failed else ""
    return f"healed {len(objects) - len(failed)} of {len(findings.faults)} objects{why}"


def _print(found: Sequence[Findings]) -> None:
    """Print a row for each remote, and below a line for each faulty object."""
    table = Table("remote", "objects", "right", *KINDS, title="Objects that dvc.lock names", title_justify="left")
    for findings in found:
        counts = [str(sum(fault.startswith(kind) for fault in findings.faults.values())) for kind in KINDS]
        if findings.reason is not None:
            table.add_row(findings.remote, str(len(findings.objects)), "no answer", *("?" for _ in KINDS))
        else:
            right = len(findings.objects) - len(findings.faults)
            table.add_row(findings.remote, str(len(findings.objects)), str(right), *counts)
    Console().print(table)
    for findings in found:
        for line in [findings.reason] if findings.reason is not None else _faulty(findings):
            print(f"{findings.remote}: {line}")


def _faulty(findings: Findings) -> list[str]:
    """Say of each faulty object whose it is and what is wrong, by path."""
    return sorted(f"{findings.objects[oid].path} ({oid}): {fault}" for oid, fault in findings.faults.items())
