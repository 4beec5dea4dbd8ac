"""The credentials that MLflow's client would send: the environment's, those of ~/.mlflow/credentials, or of .netrc."""

import base64
import binascii
import configparser
import json
import os
import time
from pathlib import Path
from typing import NamedTuple

from requests.utils import get_netrc_auth

from ops.check_mlflow.stages import StageError

USERNAME, PASSWORD, TOKEN = "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"
FILE = "~/.mlflow/credentials"
UNKNOWN_LOGINS = ("MLFLOW_TRACKING_AUTH", "MLFLOW_TRACKING_AWS_SIGV4")


class Credentials(NamedTuple):
    """What goes into the Authorization header; `source` says where it comes from, `missing` what would complete it."""

    user: str | None = None
    password: str | None = None
    token: str | None = None
    source: str = ""
    missing: str | None = None

    def __bool__(self) -> bool:
        return bool(self.token or self.password)

    def __str__(self) -> str:
        if self.token:
            return f"the token in {self.source}"
        return f"user {self.user} ({self.source})" if self else "no credentials"

    @property
    def scheme(self) -> str:
        return "Bearer" if self.token else "Basic"

    @property
    def header(self) -> str:
        return f"{self.scheme} {self.token or _encoded(self.user, self.password)}"

    @property
    def secrets(self) -> list[str | None]:
        return [self.password, self.token, self.password and _encoded(self.user, self.password)]

    def expired_since(self) -> str | None:
        """Say when a token that is a JSON Web Token has expired; None if it has not, or does not tell."""
        try:
            claims = json.loads(base64.urlsafe_b64decode(self.token.split(".")[1] + "=="))
            expires = float(claims["exp"])
        except (AttributeError, IndexError, KeyError, TypeError, ValueError, binascii.Error):
            return None
        return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(expires)) if 0 <= expires < time.time() else None


def _encoded(user: str | None, password: str | None) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def read_credentials(url: str) -> Credentials:
    """Read the credentials as MLflow's client does for requests to a server.

    Raises
    ------
    StageError
        They cannot be read, or could not be sent.
    """
    for name in UNKNOWN_LOGINS:
        if os.environ.get(name, "").lower() not in ("", "false", "0"):
            raise StageError(f"{name} is set, which this check cannot follow", "unset it, or use the client")
    netrc = get_netrc_auth(url)  # requests, and so the client, prefers it to a header
    if netrc is not None:
        return Credentials(user=netrc[0], password=netrc[1], source=os.environ.get("NETRC", "~/.netrc"))
    return _checked(_chosen())


def _chosen() -> Credentials:
    """Choose as the client does: user and password, each from the environment or else from the file; else the token."""
    file = _file()
    user = os.environ.get(USERNAME) or file.get(USERNAME.lower())
    password = os.environ.get(PASSWORD) or file.get(PASSWORD.lower())
    token = os.environ.get(TOKEN)
    if user and password:
        return Credentials(user=user, password=password, source=PASSWORD if os.environ.get(PASSWORD) else FILE)
    if token:
        return Credentials(token=token, source=TOKEN)
    missing = {(True, False): PASSWORD, (False, True): USERNAME}.get((bool(user), bool(password)))
    return Credentials(missing=missing)


def _file() -> dict[str, str]:
    config = configparser.ConfigParser()
    try:
        config.read_string(Path(FILE).expanduser().read_text(encoding="utf-8"))
        return dict(config["mlflow"]) if "mlflow" in config else {}
    except FileNotFoundError:
        return {}
    except configparser.InterpolationError:  # messages of configparser hold the line
        raise StageError(f"{FILE}: a % that is not written %%", "write %% for % in it") from None
    except (configparser.Error, UnicodeDecodeError, OSError):
        raise StageError(
            f"{FILE}: cannot be read as an INI file",
            f"give it a section [mlflow] with {USERNAME.lower()} and {PASSWORD.lower()}",
        ) from None


def _checked(credentials: Credentials) -> Credentials:
    """Refuse what no header can carry."""
    if credentials.token and not (credentials.token.isascii() and credentials.token.isprintable()):
        raise StageError(f"{TOKEN} has a character that no header may have", "take out the line break at its end")
    if credentials.token and " " in credentials.token.strip(" "):
        raise StageError(f"{TOKEN} has a space in it", "set it to the token alone, without Bearer")
    if not _is_text(f"{credentials.user}{credentials.password}"):
        raise StageError(f"{USERNAME} or {PASSWORD} is not in UTF-8", "set it anew on a terminal that speaks UTF-8")
    if ":" in (credentials.user or ""):
        raise StageError(f"{USERNAME} has a colon in it", "take another user name: basic authentication splits at it")
    return credentials


def _is_text(value: str) -> bool:
    """Tell whether a value of the environment was UTF-8; what was not comes as lone surrogates."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
