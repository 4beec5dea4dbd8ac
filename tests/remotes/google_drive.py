"""A small Google Drive on loopback: of its API, version 2, what dvc-gdrive asks for, and faults to order.

Left out: what no command of the tests uses (sharing, revisions, shared drives, the trash, uploads in several chunks).
A query it does not know is an error here, so a client that begins to ask for more is noticed.
"""

import base64
import functools
import itertools
import json
from dataclasses import replace
from uuid import uuid4

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from flask import Flask, Response, abort, jsonify, request

from tests.remotes.drive_items import FOLDER, Item, error, selected
from tests.remotes.loopback import LoopbackServer

PAGE = 3  # Drive may send fewer than asked for: here even a small listing has several pages
QUOTA = ("global", "storageQuotaExceeded", "The user's Drive storage quota has been exceeded.")
RATE = ("usageLimits", "userRateLimitExceeded", "User Rate Limit Exceeded")


class GoogleDrive(LoopbackServer):
    """A Drive of its own, with one empty folder to be the remote: `gdrive://` and `FOLDER_ID`."""

    FOLDER_ID = "shared-folder"

    def __init__(self) -> None:
        super().__init__(self._routes())
        self._items = {self.FOLDER_ID: Item(self.FOLDER_ID, "shared", "root", FOLDER)}
        self._uploads: dict[str, dict] = {}  # metadata of those on their way
        self._tokens: set[str] = set()
        self._numbers = itertools.count(1)
        self._uploads_left: int | None = None
        self._refusals_left = 0
        self.refused = 0

    # Faults, and what a test looks at

    def quota_after(self, objects: int) -> None:
        """Take so many objects more, then answer that the storage is full."""
        self._uploads_left = objects

    def recover(self) -> None:
        """Have room, and no limit."""
        super().recover()
        self._uploads_left, self._refusals_left, self.refused = None, 0, 0

    def rate_limit(self, times: int) -> None:
        """Answer the next requests that they are too many."""
        self._refusals_left = times

    def corrupt(self, title: str) -> None:
        """Flip the bits of an object."""
        item = self._titled(title)
        self._items[item.id] = replace(item, content=bytes(byte ^ 0xFF for byte in item.content))

    def remove(self, title: str) -> None:
        """Lose an object."""
        del self._items[self._titled(title).id]

    def contents(self) -> dict[str, Item]:
        """Give all that is stored, to `fill` it again."""
        return dict(self._items)

    def fill(self, contents: dict[str, Item]) -> None:
        """Store this, instead of what is stored."""
        self._items = dict(contents)

    @property
    def objects(self) -> dict[str, bytes]:
        """The contents of the files, by `folder/title`."""
        files = [item for item in self._items.values() if item.mime_type != FOLDER]
        by_name = {f"{self._items[item.parent].title}/{item.title}": item.content for item in files}
        assert len(by_name) == len(files), "two files of one name, which Drive allows; DVC reads any one of them"
        return by_name

    def _titled(self, title: str) -> Item:
        (titled,) = [item for item in self._items.values() if item.title == title]
        return titled

    # Tokens

    def service_account_key(self, private_key: rsa.RSAPrivateKey | None = None) -> str:
        """Give the key file of a service account; with another private key it gets no token."""
        private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        key = {
            "type": "service_account",
            "client_id": "1",
            "client_email": "tests@example.org",
            "private_key_id": "1",
            "private_key": (private_key or rsa_key()).private_bytes(*private).decode(),
            "token_uri": f"{self.url}/token",
        }
        return json.dumps(key)

    def _token(self) -> Response:
        signed, _, signature = request.form["assertion"].rpartition(".")
        try:
            rsa_key().public_key().verify(decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            refusal = jsonify(error="invalid_grant", error_description="Invalid JWT Signature.")
            refusal.status_code = 400
            abort(refusal)
        token = f"token-{next(self._numbers)}"
        self._tokens.add(f"Bearer {token}")
        return jsonify(access_token=token, expires_in=3600, token_type="Bearer")

    # The API

    def _routes(self) -> Flask:
        app = Flask(__name__)
        app.before_request(self._admit)
        for rule, methods, answer in (
            ("/token", ["POST"], self._token),
            ("/drive/v2/files", ["GET"], self._list),
            ("/drive/v2/files", ["POST"], self._create_folder),
            ("/drive/v2/files/<file_id>", ["GET"], self._get),
            ("/drive/v2/files/<file_id>", ["DELETE"], self._delete),
            ("/upload/drive/v2/files", ["POST"], self._begin_upload),
            ("/upload/drive/v2/files", ["PUT"], self._take_upload),
        ):
            app.add_url_rule(rule, endpoint=answer.__name__, view_func=answer, methods=methods)
        return app

    def _admit(self) -> None:
        """Refuse whoever has no token, and everybody while a rate limit is on."""
        if request.path == "/token":
            return
        if request.headers.get("Authorization") not in self._tokens:
            abort(error(401, "global", "authError", "Invalid Credentials"))
        with self._lock:
            limited = self._refusals_left > 0
            self._refusals_left -= limited
            self.refused += limited
        if limited:
            abort(error(403, *RATE))

    def _list(self) -> Response:
        resources = [item.resource() for item in selected(list(self._items.values()), request.args["q"])]
        begin = int(request.args.get("pageToken", 0))
        end = begin + min(PAGE, int(request.args.get("maxResults", 100)))
        more = {"nextPageToken": str(end)} if end < len(resources) else {}
        return jsonify(kind="drive#fileList", items=resources[begin:end], **more)

    def _create_folder(self) -> Response:
        body = request.get_json()
        assert body["mimeType"] == FOLDER, body
        return self._store(body, b"")

    def _get(self, file_id: str) -> Response:
        item = self._existing(file_id)
        if request.args.get("alt") == "media":
            answer = Response(item.content, mimetype="application/octet-stream")
            return answer.make_conditional(request, accept_ranges=True, complete_length=len(item.content))
        fields = request.args.get("fields")
        resource = item.resource()
        return jsonify({name: resource[name] for name in fields.split(",") if name in resource} if fields else resource)

    def _delete(self, file_id: str) -> Response:
        del self._items[self._existing(file_id).id]
        return Response(status=204)

    def _begin_upload(self) -> Response:
        with self._lock:
            if self._uploads_left == 0:
                abort(error(403, *QUOTA))
            self._uploads_left = self._uploads_left and self._uploads_left - 1
        number = str(next(self._numbers))
        self._uploads[number] = request.get_json() | {"mimeType": request.headers["X-Upload-Content-Type"]}
        address = f"https://www.googleapis.com/upload/drive/v2/files?uploadType=resumable&upload_id={number}"
        return Response(headers={"Location": address})

    def _take_upload(self) -> Response:
        content = request.get_data()
        total = request.headers.get("Content-Range", "bytes */0").rpartition("/")[2]  # an empty file comes without
        assert len(content) == int(total), "expected the file in one chunk"
        return self._store(self._uploads[request.args["upload_id"]], content)

    def _existing(self, file_id: str) -> Item:
        if file_id not in self._items:
            abort(error(404, "global", "notFound", f"File not found: {file_id}"))
        return self._items[file_id]

    def _store(self, metadata: dict, content: bytes) -> Response:
        parent = self._existing(metadata["parents"][0]["id"])
        item = Item(f"id-{uuid4()}", metadata["title"], parent.id, metadata["mimeType"], content)
        self._items[item.id] = item
        return jsonify(item.resource())


@functools.cache
def rsa_key() -> rsa.RSAPrivateKey:
    """Make the service account's key, once in a process."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def decoded(part: str) -> bytes:
    """Decode a part of a JSON web token, which has lost its padding."""
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
