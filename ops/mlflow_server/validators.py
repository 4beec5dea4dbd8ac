"""What the settings may be. The description says what is expected, the error what came: of a secret, what it lacks."""

import re
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, StringConstraints
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

POSTGRESQL = "postgresql+psycopg2"
SHORTEST_PASSWORD, SHORTEST_KEY = 12, 32  # the first as MLflow's own rule
LEAST_VARIED = 6  # different characters
PASSWORD = (
    f"a password of at least {SHORTEST_PASSWORD} characters, {LEAST_VARIED} of them different, not a well-known one"
)
KEY = f"a random text of at least {SHORTEST_KEY} characters, as `openssl rand -hex 32` makes one"
# What is left of well-known passwords once digits and punctuation are gone (password1234, change-me, ...).
KNOWN_WORDS = set(
    "password passw0rd adminpassword mlflowpassword changeme changeit admin administrator mlflow mlflowadmin postgres "
    "postgresql secret supersecret topsecret secretkey mysecretkey default letmein letmeinplease welcome qwerty "
    "qwertyuiop example test testpassword insecure".split()
)
BUCKET = re.compile(r"(gs|s3)://[a-z0-9][a-z0-9._-]{1,61}[a-z0-9](/[^?#]*)?")


def strong(secret: SecretStr, shortest: int = SHORTEST_PASSWORD) -> SecretStr:
    """Take a secret that is neither short nor known to the world."""
    text = secret.get_secret_value()
    if len(text) < shortest:
        raise ValueError(f"{len(text)} characters")
    if len(set(text)) < LEAST_VARIED:
        raise ValueError(f"{len(set(text))} different ones")
    if not text.isprintable() or not text.isascii():
        raise ValueError("some that are not printable ASCII")
    if re.sub(r"[\W\d_]", "", text).lower() in KNOWN_WORDS | {""}:
        raise ValueError("a well-known one")
    return secret


def database_url(value: str | None) -> URL | None:
    """Take PostgreSQL only: sqlite locks all writers out but one, and loses nothing only on one disk."""
    if value is None:
        return None
    scheme = value.partition("://")[0] if "://" in value else "no scheme"
    if scheme not in ("postgresql", POSTGRESQL):
        raise ValueError(repr(scheme[:30]))
    try:
        url = make_url(value).set(drivername=POSTGRESQL)
    except (ArgumentError, ValueError):
        raise ValueError("another shape") from None
    host, port = url.query.get("host", url.host), url.query.get("port", "5432")
    if not (url.username and host and isinstance(host, str) and str(port).isdecimal() and url.database):
        raise ValueError("not one user, one host and one database")
    if url.password:
        strong(SecretStr(url.password))
    return url


def artifacts_destination(value: str) -> str:
    """Take a bucket, or a folder that can be written to; the folder is made if need be."""
    if BUCKET.fullmatch(value) and ".." not in value.split("/"):
        return value
    path = Path(value)
    if "://" in value or not path.is_absolute() or ".." in path.parts or path == Path(path.anchor):
        raise ValueError(repr(value))
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ValueError(f"{value!r} ({error.strerror})") from None
    return value


DatabaseURL = Annotated[
    URL | None,
    BeforeValidator(database_url),
    Field(description=f"postgresql://<user>:<password>@<host>/<name> with {PASSWORD}"),
]
Destination = Annotated[
    str,
    AfterValidator(artifacts_destination),
    Field(description="gs://BUCKET/..., s3://BUCKET/... or an absolute folder that can be written to"),
]
Password = Annotated[SecretStr, AfterValidator(strong), Field(description=PASSWORD)]
Key = Annotated[SecretStr, AfterValidator(partial(strong, shortest=SHORTEST_KEY)), Field(description=KEY)]
Username = Annotated[
    str,  # that survives the colon of basic authentication and an ini file
    Field(pattern="^[A-Za-z0-9_.@-]{1,64}$", description="1 to 64 letters, digits or one of . _ @ -"),
]
# No port and no pattern: a foreign name is how a web page reaches a local server.
HOST_NAME = r"(?i)^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])$"
HostName = Annotated[str, StringConstraints(pattern=HOST_NAME, to_lower=True, strip_whitespace=True)]
