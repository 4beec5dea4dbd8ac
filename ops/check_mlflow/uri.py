"""What the address of a server is made of, and how much of any address may be printed."""

import re

import requests
from urllib3.exceptions import HTTPError
from urllib3.util import Url, parse_url

from ops.check_mlflow.causes import StepError, failure
from ops.shared.redaction import HIDDEN, printable


def parse(uri: str) -> Url:
    """Read the address of a server as `requests` does; raises StepError where it is none, or has a password in it."""
    try:
        url = parse_url(requests.Request("GET", uri).prepare().url)
    except (requests.RequestException, HTTPError):
        raise wrong(uri) from None
    if url.scheme not in ("http", "https") or re.search(r"[@?#\s]", uri) or not uri.isprintable():
        raise wrong(uri)
    return url


def wrong(uri: str) -> StepError:
    """Say what is wrong with a URI."""
    return failure(f"URI {uri}", bare=shown(uri).rstrip("/"))


def shown(uri: str) -> str:
    """Give a URI as it may be printed, however wrong it is: without user, password, query and what follows."""
    scheme, rest = re.fullmatch(r"([a-z][\w+.-]*://|sqlite:)?(.*)", uri, re.DOTALL | re.IGNORECASE).groups(default="")
    if not (scheme.startswith("sqlite") and rest.startswith("/")):  # a path may have an @ in it
        rest = re.sub(r".*@", f"{HIDDEN}@", rest, flags=re.DOTALL)
    rest = re.sub(r"[?#].*", "", rest, flags=re.DOTALL)
    rest = re.sub(r"^([^/:[]*):(?!\d+(/|$))[^/]+", rf"\1:{HIDDEN}", rest)  # user:password, and the @ was forgotten
    return printable(scheme + rest)


def name_of(host: str, port: int) -> str:
    """Write a host and a port, an IPv6 address in its brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine by its very name; what a name resolves to can change."""
    return bool(re.fullmatch(r"(.+\.)?localhost|127(\.\d+){3}|\[?::1\]?", host))
