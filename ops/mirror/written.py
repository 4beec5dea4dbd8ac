"""What a mirror wrote, and what it could not, in one line."""

from dataclasses import dataclass, field

from ops.mirror.store import REGISTERED

MOST_NAMES, MOST_PROBLEMS = 5, 3


@dataclass
class Written:
    """What a mirror wrote, and what it could not.

    Attributes
    ----------
    aliases : alias -> the version that has it now, where that is another than before.
    elsewhere : how many states another mirror is writing.
    absent : md5s of models that are neither in MLflow nor in DVC's cache.
    problems : what was refused, in words, each once.
    """

    revisions: list[str] = field(default_factory=list)
    renamed: int = 0
    models: int = 0
    versions: int = 0
    aliases: dict[str, str] = field(default_factory=dict)
    elsewhere: int = 0
    absent: set[str] = field(default_factory=set)
    problems: dict[str, None] = field(default_factory=dict)

    def __str__(self) -> str:
        more = f" and {len(self.revisions) - MOST_NAMES} more" if len(self.revisions) > MOST_NAMES else ""
        parts = [f"new {', '.join(self.revisions[-MOST_NAMES:])}{more}"] if self.revisions else []
        counts = {"renamed": self.renamed, "new models": self.models, f"new versions of {REGISTERED}": self.versions}
        parts += [f"{count} {what}" for what, count in counts.items() if count]
        parts += [f"{alias} is now version {version}" for alias, version in self.aliases.items()]
        parts = parts or ["nothing new"]
        if self.elsewhere:
            parts.append(f"{self.elsewhere} being written by another mirror")
        if self.absent:
            parts.append(f"{len(self.absent)} models are not in DVC's cache (dvc fetch --all-commits), so not here")
        if len(self.problems) > MOST_PROBLEMS:
            parts.append(f"{len(self.problems)} problems, of which the first are")
        return "; ".join([*parts, *list(self.problems)[:MOST_PROBLEMS]])
