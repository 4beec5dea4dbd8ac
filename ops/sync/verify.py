"""Whether the remotes and the cache really hold what dvc.lock names, and their repair."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from ops.sync.objects import KINDS, MISSING, Named, cached_outputs, faults_of, inspect, named, repository, set_aside
from ops.sync.processes import remote_call
from ops.sync.pull import fetch, keep_in_cache
from ops.sync.remotes import Remote
from ops.sync.report import show, tell

ROUNDS = 2  # what a directory holds may be known only when its list was healed
CACHE = "(the cache here)"


class Inspection(NamedTuple):
    """What a remote, or the cache, holds: the objects looked for, and what is wrong with which; or why no answer."""

    place: str
    objects: dict[str, Named]
    faults: dict[str, str]
    reason: str | None = None


def verify(remotes: Sequence[Remote], timeout: int, *, heal: bool) -> bool:
    """Read every object on every remote and in the cache, print what is wrong, repair it if asked to.

    Gives whether every remote is all right in the end, and nothing in the cache is damaged.
    """
    for healings_left in range(ROUNDS if heal else 0, -1, -1):
        inspections = list(_inspected(remotes, timeout))
        _print(inspections)
        if not any(place.faults for place in inspections):
            break
        if healings_left:
            _heal(inspections, remotes, timeout)
    return not any(place.faults or place.reason for place in inspections)


def _inspected(remotes: Sequence[Remote], timeout: int) -> Iterator[Inspection]:
    """Read the cache, and meanwhile the remotes."""
    with repository() as repo, ExitStack() as calls:
        objects = named(cached_outputs(repo))
        started = [calls.enter_context(remote_call("verify", remote.name, objects, timeout)) for remote in remotes]
        every, faults = inspect(repo.cache.local, objects)
        damaged = {oid: fault for oid, fault in faults.items() if fault != MISSING}  # a cache need not have everything
        yield Inspection(CACHE, {item.oid: item for item in every if faults.get(item.oid) != MISSING}, damaged)
        for remote, answer in zip(remotes, started, strict=True):
            failure, result = answer()
            every = {item.oid: item for item in result.get("objects", objects)}
            yield Inspection(remote.name, every, result.get("failed", {}), failure)


def _heal(inspections: Sequence[Inspection], remotes: Sequence[Remote], timeout: int) -> None:
    """Complete the cache from the workspace and the remotes, then replace what is faulty on these from the cache."""
    cache, *places = inspections
    faulty = {oid: place.objects[oid] for place in inspections for oid in place.faults}
    answering = [remote for remote, place in zip(remotes, places, strict=True) if place.reason is None]
    with repository() as repo:
        store = repo.cache.local
        with set_aside(store, faults_of(store, faulty.values())):  # a damaged copy may be the only one there is
            keep_in_cache(repo)
            missing = fetch(store, list(faulty.values()), answering, timeout)
    if cache.faults:
        tell(f"verify: {CACHE}: healed {len(cache.faults.keys() - missing)} of {len(cache.faults)} objects")
    for place in places:
        if place.faults:
            tell(f"verify: {place.place}: {_replace(place, missing, timeout)}")


def _replace(place: Inspection, missing: dict[str, Named], timeout: int) -> str:
    """Replace faulty objects of a remote by those of the cache; says what came of it."""
    objects = [place.objects[oid] for oid in place.faults if oid not in missing]
    if not objects:
        return "nothing healed, there is no intact copy"
    with remote_call("heal", place.place, objects, timeout) as answer:
        failure, result = answer()
    if failure is not None:
        return f"not healed: {failure}"
    why = "".join(f"; {reason}" for reason in dict.fromkeys(result["failed"].values()))
    return f"healed {result['uploaded']} of {len(place.faults)} objects{why}"


def _print(inspections: Sequence[Inspection]) -> None:
    """Print a row for each place, and below a line for each faulty object."""
    rows = []
    for place in inspections:
        counts = [sum(fault.startswith(kind) for fault in place.faults.values()) for kind in KINDS]
        right = len(place.objects) - len(place.faults)
        cells = (right, *counts) if place.reason is None else ("no answer", *("?" for _ in KINDS))
        rows.append((place.place, len(place.objects), *cells))
    show("Objects that dvc.lock names", ("where", "objects", "right", *KINDS), rows)
    for place in inspections:
        faulty = sorted(f"{place.objects[oid].path} ({oid}): {fault}" for oid, fault in place.faults.items())
        for line in faulty if place.reason is None else [place.reason]:
            print(f"{place.place}: {line}")
