"""The DVC remotes that are configured, the default one first."""

import os
from typing import NamedTuple

from dvc.config import Config, ConfigError

from credit.core.errors import InputError
from ops.shared.redaction import redact, values_of


class Remote(NamedTuple):
    """A DVC remote; `verified` says whether DVC compares what it pulls from there with its hash."""

    name: str
    url: str
    verified: bool


def configured() -> list[Remote]:
    """List all remotes of DVC's configuration (system, global, repository, local), the default one first."""
    config = Config(".dvc")
    default = config["core"].get("remote")
    if default and default not in config["remote"]:
        raise InputError(f"DVC's configuration: expected the default remote '{default}' among the remotes, it is not")
    return [
        Remote(name, redact(str(options.get("url", "")), values_of({}, options)), options.get("verify") is True)
        for name, options in sorted(config["remote"].items(), key=lambda item: item[0] != default)
    ]


def choose(names: str | None) -> list[Remote]:
    """Give the remotes to work with: those named, separated by commas, or else all that are configured.

    Refused (InputError) are none at all, one that is not configured, and one that would take over corrupt data unseen.
    """
    remotes = {remote.name: remote for remote in configured()}
    if not remotes:
        raise InputError("expected a DVC remote, none is configured; `dvc remote add --default NAME URL` adds one")
    wanted = list(remotes) if names is None else list(dict.fromkeys(names.split(",")))
    for name in wanted:
        if name not in remotes:
            raise InputError(f"--remotes: expected some of {', '.join(remotes)}, got {name!r}")
        if not remotes[name].verified:
            raise InputError(
                f"remote '{name}': expected the option verify = true, without which corrupt data are pulled unseen; "
                f"`dvc remote modify {_level_of(name)}{name} verify true` sets it"
            )
    return [remotes[name] for name in wanted]


def secrets_known() -> set[str]:
    """Collect the secrets that the environment and the configuration hold, to keep them out of what is printed."""
    try:
        remotes = list(Config(".dvc")["remote"].values())
    except ConfigError:  # it cannot be read; to say so is why we are asked
        remotes = []
    return {value for options in (*remotes, {}) for value in values_of(os.environ, options)}


def _level_of(name: str) -> str:
    """Give the option that makes `dvc remote modify` write where the remote was added."""
    config = Config(".dvc")
    levels = [level for level in reversed(config.LEVELS) if "url" in config.load_one(level)["remote"].get(name, {})]
    return "" if levels[0] == "repo" else f"--{levels[0]} "
