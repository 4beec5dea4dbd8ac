"""What lies in the small Google Drive: files and folders, the query that chooses among them, and a refusal."""

import functools
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Response, abort, jsonify

FOLDER = "application/vnd.google-apps.folder"

# All that pydrive2 puts into a query.
IN_PARENTS = re.compile(r"'([^']+)' in parents")
TITLE = re.compile(r"title='((?:[^'\\]|\\.)*)'")
TRASHED = re.compile(r"trashed=false")  # nothing is thrown away
MIME_TYPE = re.compile(r"mimeType='([^']*)'")
AROUND_TERMS = re.compile(r"\b(and|or)\b|[()\s]")


@dataclass(frozen=True)
class Item:
    """A file or a folder."""

    id: str
    title: str
    parent: str
    mime_type: str
    content: bytes = b""

    def resource(self) -> dict:
        """Say what the API says of it."""
        common = {
            "kind": "drive#file",
            "id": self.id,
            "title": self.title,
            "mimeType": self.mime_type,
            "labels": {"trashed": False},
            "parents": [{"id": self.parent}],
        }
        if self.mime_type == FOLDER:
            return common
        return common | {
            "fileSize": str(len(self.content)),
            "md5Checksum": hashlib.md5(self.content, usedforsecurity=False).hexdigest(),
        }


def selected(items: list[Item], query: str) -> Iterator[Item]:
    """Choose by a query; Drive compares titles without regard to case, and so do we."""
    rest = functools.reduce(lambda text, term: term.sub("", text), (IN_PARENTS, TITLE, TRASHED, MIME_TYPE), query)
    if AROUND_TERMS.sub("", rest):
        abort(error(400, "global", "invalid", f"Invalid query: {query}"))
    parents, mime_types = IN_PARENTS.findall(query), MIME_TYPE.findall(query)
    titles = [re.sub(r"\\(.)", r"\1", title).casefold() for title in TITLE.findall(query)]
    for item in items:
        if (
            (not parents or item.parent in parents)
            and (not titles or item.title.casefold() in titles)
            and (not mime_types or item.mime_type in mime_types)
        ):
            yield item


def error(status: int, domain: str, reason: str, message: str) -> Response:
    """Make the answer that Drive makes, https://developers.google.com/drive/api/guides/handle-errors."""
    first = {"domain": domain, "reason": reason, "message": message}
    answer = jsonify(error={"errors": [first], "code": status, "message": message})
    answer.status_code = status
    return answer
