"""What each setting may be; every rule says in its error what was expected and, except of a secret, what came."""

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path

SHORTEST_PASSWORD = 12  # as MLflow's own rule
SHORTEST_KEY = 32
LEAST_VARIED = 6  # different characters
# What is left of well-known passwords once digits and punctuation are gone (password1234, change-me, ...).
KNOWN_WORDS = set(
    "password passw0rd adminpassword mlflowpassword changeme changeit admin administrator mlflow mlflowadmin postgres "
    "postgresql secret supersecret topsecret secretkey mysecretkey default letmein letmeinplease welcome qwerty "
    "qwertyuiop example test testpassword insecure".split()
)
# What MLflow wants for a login is the least; the rest is for those that the world knows.
EXPECTED = {
    "MLFLOW_ARTIFACTS_DESTINATION": "gs://BUCKET/..., s3://BUCKET/... or an absolute folder",
    "MLFLOW_AUTH_ADMIN_PASSWORD": f"a password of at least {SHORTEST_PASSWORD} characters",
    "MLFLOW_FLASK_SERVER_SECRET_KEY": f"a random text of at least {SHORTEST_KEY} characters",
}
HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)
BUCKET = re.compile(r"(gs|s3)://[a-z0-9][a-z0-9._-]{1,61}[a-z0-9](/[^?#]*)?")


def whole_number(least: int, most: int) -> Callable[[object], int]:
    """Give the rule for a whole number in a range, ends included."""

    def rule(value: object) -> int:
        text = str(value)
        if not (text.isascii() and text.isdecimal() and least <= int(text) <= most):
            raise ValueError(f"expected a whole number from {least} to {most}, got {text!r}")
        return int(text)

    return rule


def database_uri(value: str) -> str:
    """Take PostgreSQL only: sqlite locks all writers out but one, and loses nothing only on one disk."""
    scheme = value.partition("://")[0] if "://" in value else "no scheme"
    if scheme not in ("postgresql", "postgresql+psycopg2"):
        raise ValueError(f"expected postgresql://..., got {scheme[:30]!r}")
    return value


def artifacts(value: str) -> str:
    """Take a bucket, or a folder that can be written to; the folder is made if need be."""
    if BUCKET.fullmatch(value) and ".." not in value.split("/"):
        return value
    path = Path(value)
    if "://" in value or not path.is_absolute() or ".." in path.parts or path == Path(path.anchor):
        raise ValueError(f"expected {EXPECTED['MLFLOW_ARTIFACTS_DESTINATION']}, got {value!r}")
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ValueError(f"expected a folder that can be written to, got {value!r} ({error.strerror})") from None
    return value


def username(value: str) -> str:
    """Take a name that survives the colon of basic authentication and an ini file."""
    if not re.fullmatch(r"[\w.@-]{1,64}", value, re.ASCII):
        raise ValueError(f"expected 1 to 64 letters, digits or one of . _ @ -, got {value!r}")
    return value


def password(value: str) -> str:
    """Take a password that is neither short nor known to the world."""
    weak = weakness(value, SHORTEST_PASSWORD)
    if weak:
        raise ValueError(f"expected a password {weak}")
    return value


def secret_key(value: str) -> str:
    """Take a key that cannot be guessed; it signs the sign-up form."""
    weak = weakness(value, SHORTEST_KEY)
    if weak:
        raise ValueError(f"expected a random text {weak}; `openssl rand -hex 32` makes one")
    return value


def weakness(secret: str, shortest: int) -> str:
    """Say what a secret ought to be and is not, without showing it; an empty text if there is nothing to say."""
    if len(secret) < shortest:
        return f"of at least {shortest} characters, got {len(secret)}"
    if len(set(secret)) < LEAST_VARIED:
        return f"of at least {LEAST_VARIED} different characters, got {len(set(secret))}"
    if not secret.isprintable() or not secret.isascii():
        return "of printable ASCII characters, got others"
    if re.sub(r"[\W\d_]", "", secret).lower() in KNOWN_WORDS | {""}:
        return "that is not among the well-known ones, got one of them"
    return ""


def weakness_of_login(host: str, secret: str | None) -> str:
    """Say what is wrong with the database's password; over a Unix socket the system may know who calls."""
    if not secret:
        return "" if host.startswith("/") else f"of at least {SHORTEST_PASSWORD} characters, got none"
    return weakness(secret, SHORTEST_PASSWORD)


def address(value: str) -> str:
    """Take an address to listen on."""
    if value == "localhost":
        return value
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise ValueError(f"expected an IP address to listen on, or localhost, got {value!r}") from None


def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches an address."""
    return host == "localhost" or ipaddress.ip_address(host).is_loopback


def host_names(value: object) -> tuple[str, ...]:
    """Take names without a port, none of them a pattern: a foreign name is how a web page reaches a local server."""
    if isinstance(value, tuple):
        return value
    names = tuple(name.strip().lower() for name in str(value).split(","))
    for name in names:
        if not (HOST_NAME.fullmatch(name) or _is_ipv6(name)):
            raise ValueError(f"expected host names without port or wildcard, separated by commas, got {name!r}")
    return names


def _is_ipv6(name: str) -> bool:
    try:
        return name[:1] == "[" and name[-1:] == "]" and bool(ipaddress.IPv6Address(name[1:-1]))
    except ValueError:
        return False
