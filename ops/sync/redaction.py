"""Texts of other programs in one line, without secrets."""

import json
import re
from collections.abc import Iterable, Mapping

LONGEST = 300
SHORTEST_SECRET = 6  # a shorter one would blot out common words
HIDDEN = "***"
VARIABLES = ("GDRIVE_CREDENTIALS_DATA", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID")
OPTIONS = re.compile(r"secret|password|token|passphrase|connection_string|sas|key|credentials_data")
SHAPES = (
    (re.compile(r"(?<=://)[^/\s@]+(?=@)"), HIDDEN),  # user and password in an address
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (
        re.compile(
            r"(?i)([\w-]*(?:secret|password|passwd|token|signature|credential|private_key|api_?key|access_?key)[\w-]*"
            r"[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;}]+"
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"-----BEGIN [A-Z ]+-----.*?(-----END [A-Z ]+-----|$)", re.DOTALL), HIDDEN),
)


def values_of(environment: Mapping[str, str], options: Mapping[str, object]) -> set[str]:
    """Collect the values that must not be printed, from the environment and from the options of a remote.

    A value that is JSON, such as the key of a service account, gives its parts as well.
    """
    values = {environment[name] for name in VARIABLES if environment.get(name)}
    values |= {str(value) for name, value in options.items() if OPTIONS.search(name) and "path" not in name}
    for value in list(values):
        try:
            parsed = json.loads(value)
        except ValueError:
            continue
        if isinstance(parsed, dict):
            values |= {str(part) for name, part in parsed.items() if OPTIONS.search(name)}
    return {value for value in values if len(value) >= SHORTEST_SECRET}


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Blot out known secrets, and what has the shape of one."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    for shape, replacement in SHAPES:
        text = shape.sub(replacement, text)
    return text


def one_line(trouble: BaseException | str, secrets: Iterable[str] = ()) -> str:
    """Say in one line, without secrets and not too long, what an exception or another program says."""
    text = str(trouble).strip() or type(trouble).__name__
    text = " ".join(redact(text, secrets).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
