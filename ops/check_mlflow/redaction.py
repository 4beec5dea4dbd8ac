"""Texts without secrets: the known ones in whatever spelling, and in foreign texts what has the shape of one."""

import base64
import html
import json
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from ops.shared.redaction import HIDDEN, one_line


class Redaction:
    """Knows the secrets that must not be printed."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def add(self, secrets: Iterable[str | None]) -> None:
        """Keep these out of everything that is printed from now on."""
        for secret in secrets:
            if secret:
                self._known |= set(_spellings(secret))

    def clean(self, text: str) -> str:
        """Blot out the known secrets, and make one printable line of it."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return " ".join(printable(text).split())


def _spellings(secret: str) -> Iterable[str]:
    """Give a secret as it stands in headers, addresses, JSON and HTML."""
    yield secret
    secret = secret.encode(errors="replace").decode().strip() or secret
    yield secret
    yield base64.b64encode(secret.encode()).decode()
    yield quote(secret, safe="")
    yield quote_plus(secret)
    yield json.dumps(secret)[1:-1]
    yield repr(secret)[1:-1]
    yield html.escape(secret)


def quoted(text: str) -> str:
    """Shorten what a server or a library says to a line, without what looks like a secret."""
    return one_line(printable(text)) if text.strip() else ""


def printable(text: str) -> str:
    """Replace what could steer a terminal."""
    return "".join(sign if sign.isprintable() or sign.isspace() else "?" for sign in text)
