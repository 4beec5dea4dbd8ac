"""Texts of other programs in one line, without secrets."""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from urllib.parse import quote, quote_plus, unquote

LONGEST = 300
SEARCHED = 20 * LONGEST  # of a longer text only the beginning is read
SHORTEST_SECRET = 6  # a shorter one would blot out common words
HIDDEN = "***"
VARIABLES = re.compile(r"GDRIVE_CREDENTIALS_DATA|AWS_(?:SECRET_ACCESS_KEY|SESSION_TOKEN|ACCESS_KEY_ID)|AZURE_.*")
OPTIONS = re.compile(r"secret|password|token|passphrase|connection_string|sas|key|credentials_data")
# None takes more than linear time, whatever the text: what could begin at each letter of a word is looked for at its
# beginning alone.
ADDRESSED = re.compile(r"""(?<![^\s"'<>])[^\s"'<>]*@""")  # a word up to its last @
# User and password in an address. A password may hold any sign, but a colon, digits and a slash are of a port.
LOGIN = re.compile(r"(?<=://)(?:[^/:@]*:(?!\d+/).+|[^/]+)(?=@)")
NAMED = "secret|password|passwd|token|signature|credential|private_key|(?:api|access|account)_?key"
SHAPES = (
    (ADDRESSED, lambda match: LOGIN.sub(HIDDEN, match[0])),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)\b(token)\s+(?=\S*\d)[\w.~+/=-]{8,}"), rf"\1 {HIDDEN}"),  # with a digit, else it is a sentence
    (re.compile(r"(?i)(\bauthorization[\"']?\s*[=:]\s*[\"']?[\w-]+\s+)[^\s\"',;}]+"), rf"\1{HIDDEN}"),
    (
        re.compile(rf"(?i)((?<![\w-])(?=[\w-]*?(?:{NAMED}))[\w-]++[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;}}]+"),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(?i)([?&;]sig=)[^\s\"'&;]+"), rf"\1{HIDDEN}"),  # of Azure
    # What Google gives: an access token, a refresh token, a code
    (re.compile(r"\bya29\.[\w.-]+|\b1//0[\w-]+|\b4(?:/|%2[Ff])0[\w-]+"), HIDDEN),
    (re.compile(r"-----BEGIN [A-Z ]+-----.*?(-----END [A-Z ]+-----|$)", re.DOTALL), HIDDEN),
)


def values_of(environment: Mapping[str, str], options: Mapping[str, object]) -> set[str]:
    """Collect the values that must not be printed, from the environment and from the options of a remote.

    A value that is JSON, such as the key of a service account, gives its parts as well.
    """
    values = {value for name, value in environment.items() if VARIABLES.fullmatch(name)}
    values |= {str(value) for name, value in options.items() if OPTIONS.search(name) and "path" not in name}
    values |= set(_passwords(str(options.get("url", ""))))
    for value in list(values):
        with suppress(ValueError, AttributeError):  # no JSON, or no object
            values |= {str(part) for name, part in json.loads(value).items() if OPTIONS.search(name)}
    return {value for value in values if len(value) >= SHORTEST_SECRET}


def _passwords(url: str) -> Iterator[str]:
    """Give what may be the password in an address: it may hold a slash, and an @ too, so there may be several."""
    rest = url.partition("://")[2].partition(":")[2]
    for end in re.finditer("@", rest):
        password = rest[: end.start()]
        yield from (password, unquote(password))


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Blot out known secrets, and what has the shape of one."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    for shape, replacement in SHAPES:
        text = shape.sub(replacement, text)
    return text


def spellings(secret: str) -> set[str]:
    """Give a secret as it stands in headers, addresses, JSON and HTML."""
    text = secret.encode(errors="replace").decode().strip() or secret  # what is no UTF-8 comes as lone surrogates
    encoded = base64.b64encode(text.encode()).decode()
    quoted = {quote(text, safe=""), quote(text), quote_plus(text), json.dumps(text)[1:-1], repr(text)[1:-1]}
    return {secret, text, encoded, html.escape(text), *quoted}


def printable(text: str) -> str:
    """Replace what could steer a terminal."""
    return "".join(sign if sign.isprintable() or sign.isspace() else "?" for sign in text)


def one_line(trouble: BaseException | str, secrets: Iterable[str] = (), longest: int = LONGEST) -> str:
    """Say in one line, without secrets and not too long, what an exception or another program says."""
    text = str(trouble).strip() or type(trouble).__name__
    if len(text) > SEARCHED:
        text = text[:SEARCHED].rsplit(None, 1)[0]  # half a word may be half a secret
    text = " ".join(printable(redact(text, secrets)).split())
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
