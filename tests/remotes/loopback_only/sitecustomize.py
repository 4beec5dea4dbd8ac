"""Every Python of a test project loads this first: no network but loopback, and Google is the fake one.

Python imports `sitecustomize` from PYTHONPATH at its start, so `dvc` itself stays as it was installed.
"""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httplib2

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
GOOGLE = {"www.googleapis.com", "oauth2.googleapis.com"}
original_request = httplib2.Http.request


def refuse_others(event: str, arguments: tuple) -> None:
    """Refuse any other host, and leave its name for the test to fail on: a client may swallow the error."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if host not in LOOPBACK:
        with Path(os.environ["REFUSED_HOSTS"]).open("a", encoding="utf-8") as refused:
            refused.write(f"{host}\n")
        raise PermissionError(f"expected a host of {sorted(LOOPBACK)}, got {host!r}")


def request_of_the_fake(self: httplib2.Http, uri: str, *arguments, **settings) -> tuple:
    """Send what is meant for Google to the fake Google Drive, everything else where it is meant for."""
    parts = urlsplit(uri)
    if parts.hostname in GOOGLE:
        uri = f"{os.environ['FAKE_GOOGLE']}{parts.path}?{parts.query}"
    return original_request(self, uri, *arguments, **settings)


sys.addaudithook(refuse_others)
httplib2.Http.request = request_of_the_fake
