"""One mirror: what it says, what it says when nothing works, and that it shares."""

from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from credit.core.errors import InputError
from ops.mirror import mirror as module
from ops.mirror.mirror import mirror_to, read_cache_folder
from ops.mirror.written import Written


class Refusing(BaseHTTPRequestHandler):
    """Answers every request with one refusal."""

    answer = (500, "text/html", b"")

    def refuse(self) -> None:
        code, kind, body = self.answer
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = refuse  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def refusing(monkeypatch):
    """Serve refusals; gives a function that sets what is answered and returns the address."""
    server = HTTPServer(("127.0.0.1", 0), Refusing)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()

    def answer(code: int, kind: str, body: bytes) -> str:
        monkeypatch.setattr(Refusing, "answer", (code, kind, body))
        return f"http://127.0.0.1:{server.server_port}"

    yield answer
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("code", "kind", "body", "said"),
    [
        (403, "application/json", b'{"error_code": "PERMISSION_DENIED", "message": "Read only"}', "Read only"),
        (200, "text/html", b"<html>\n<body>\nSign in\n</body>\n</html>", "another service answers here"),
        (500, "text/html", b"<html>\n<body>\nTraceback\n</body>\n</html>", "500"),
    ],
)
def test_a_server_that_refuses_is_said_in_one_line(code, kind, body, said, refusing, small):
    with pytest.raises(InputError) as caught:
        mirror_to(refusing(code, kind, body), small.root)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("login", "said"),
    [("", r"^TCP: 127\.0\.0\.1:1 refuses the connection[^\n]*$"), ("ada:secret-word@", r"^URI: a user name or a pass")],
)
def test_a_server_that_is_down_and_a_password_in_the_address_are_said_in_one_line(login, said, small):
    with pytest.raises(InputError, match=said) as caught:
        mirror_to(f"http://{login}127.0.0.1:1", small.root)
    assert "secret-word" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_database_that_another_mirror_holds_is_said(small, uri, monkeypatch):
    monkeypatch.setattr(module, "sole_writer", lambda _: nullcontext(False))
    with pytest.raises(InputError, match="another mirror has been writing to the database"):
        mirror_to(uri, small.root)


def test_no_repository_is_said(tmp_path, uri):
    with pytest.raises(InputError, match="not a git repository"):
        mirror_to(uri, tmp_path)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (Written(), "nothing new"),
        (Written(revisions=list("abcdefg")), "new c, d, e, f, g and 2 more"),
        (Written(problems=dict.fromkeys("abcde")), "nothing new; 5 problems, of which the first are; a; b; c"),
        (
            Written(["a"], 2, 3, 4, {"champion": "8"}, elsewhere=5, absent=set("abcdef"), problems={"7": None}),
            "new a; 2 renamed; 3 new models; 4 new versions of credit-risk; champion is now version 8; "
            "5 being written by another mirror; "
            "6 models are not in DVC's cache (dvc fetch --all-commits), so not here; 7",
        ),
    ],
)
def test_what_was_written_is_said_in_one_line(written, words):
    assert str(written) == words


@pytest.mark.slow
class TestCache:
    """DVC is asked where its cache is."""

    @pytest.fixture
    def known_cache(self):
        """Ask DVC."""

    def test_it_is_in_the_repository_or_elsewhere(self, small, tmp_path):
        assert read_cache_folder(small.root) == small.cache
        small.write(".dvc/config.local", f"[cache]\n    dir = {tmp_path / 'shared'}\n")
        assert read_cache_folder(small.root) == tmp_path / "shared"

    def test_it_is_beside_the_repository_and_models_are_found_there(self, small, stand_ins, uri):
        small.cache.rename(small.root.parent / "shared")
        small.write(".dvc/config.local", "[cache]\n    dir = ../../shared\n")
        assert "2 new models" in mirror_to(uri, small.root)

    def test_where_dvc_cannot_tell_it_is_said_once(self, small, uri):
        small.write(".dvc/config.local", "[cache\n")
        said = mirror_to(uri, small.root)
        assert said.count("DVC's configuration: ") == 1
        assert "2 models are not in DVC's cache" in said
        assert "\n" not in said
