"""Before a run: everything that dvc.lock names is here, or nothing runs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from credit.errors import InputError
from ops.sync.calls import call
from ops.sync.objects import Named, cached_outputs, lacking, named
from ops.sync.remotes import Remote
from ops.sync.report import tell
from ops.sync.workspace import check_out, keep_in_cache

if TYPE_CHECKING:
    from dvc.repo import Repo


def pull(remotes: Sequence[Remote], timeout: int) -> None:
    """Fetch what the cache lacks from the first remote that has it, and bring missing outputs to the workspace.

    Raises
    ------
    InputError
        An object is nowhere: not in the cache, not in the workspace, on no remote.
    """
    from dvc.repo import Repo

    with Repo() as repo:
        outputs = cached_outputs(repo)
        objects = named(outputs)
        keep_in_cache(repo, outputs)
        missing = lacking(repo.cache.local, objects)
        if not missing:
            tell(f"pull: nothing to fetch, all {len(objects)} outputs that dvc.lock names are here")
        else:
            _fetch(repo, remotes, objects, missing, timeout)
        brought, kept = check_out(repo, outputs)
    if brought:
        tell(f"pull: {_some(brought)} brought to the workspace")
    if kept:
        tell(f"pull: {_some(kept)} differs from dvc.lock and is in no cache: left as it is")


def _fetch(
    repo: "Repo", remotes: Sequence[Remote], objects: Sequence[Named], missing: Sequence[Named], timeout: int
) -> None:
    said = []
    for remote in remotes:
        before = len(missing)
        answer = call("fetch", remote.name, objects, timeout)
        missing = lacking(repo.cache.local, objects)
        if not missing:
            tell(f"pull: all that was missing is here, from {remote.name}")
            return
        said.append(f"{remote.name}: {answer.reason or _why(answer.result['failed'])}")
        tell(f"pull: {said[-1]}" + (f" (objects that came: {before - len(missing)})" if before > len(missing) else ""))
    raise InputError(
        f"of what dvc.lock names, neither here nor on {', '.join(remote.name for remote in remotes)}: "
        f"{_some([item.path for item in missing])}; "
        "`make run` makes everything from the source, `python -m ops.sync push` then fills the remotes"
    )


def _why(failed: dict[str, str]) -> str:
    """Sum up why objects did not come, the commonest reason first."""
    reasons = list(failed.values())
    counted = sorted({(-reasons.count(reason), reason) for reason in reasons})
    return ", ".join(f"{-count} {reason}" for count, reason in counted[:3]) or "gave nothing"


def _some(paths: Sequence[str]) -> str:
    return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
