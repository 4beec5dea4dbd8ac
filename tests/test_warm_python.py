"""A program that is started quickly is what it would be if it were started anew."""

import os
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow
PROGRAM = """\
import atexit, os, signal, sys, time
import beside
what, *_ = sys.argv[1:]
atexit.register(print, "last words")
signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))
print(os.getcwd(), os.environ.get("SAID"), sys.argv[1:], __name__, what == "wait" or sys.stdin.read())
print("complaint", file=sys.stderr)
if what == "wait":
    sys.stdout.flush()
    time.sleep(60)
if what == "die":
    os.kill(os.getpid(), signal.SIGKILL)
if what == "fail":
    raise ValueError("fault")
sys.exit({"text": "in words", "code": 3, "end": None}[what])
"""


@pytest.fixture
def start(programs, tmp_path):
    """Start the program by one Python or the other; gives the process."""
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "beside.py").write_text("", encoding="utf-8")

    def run(python: object, what: str) -> subprocess.Popen:
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        environment = {**os.environ, "SAID": "hello"}
        return subprocess.Popen(
            [python, "-m", "program", what, "a b"], cwd=tmp_path, env=environment, text=True, **pipes
        )

    return lambda what: [run(python, what) for python in (sys.executable, programs / "python")]


@pytest.mark.parametrize("what", ["end", "code", "text", "die", "fail"])
def test_it_says_and_ends_the_same(start, what):
    ended = [(*process.communicate("asked"), process.returncode) for process in start(what)]
    (real, complained, code), (quick, of_quick, of_quick_code) = ended
    assert (quick, of_quick_code) == (real, code)
    assert of_quick.splitlines()[-1:] == complained.splitlines()[-1:]


def test_a_signal_reaches_it(start):
    for process in start("wait"):
        assert "hello" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.communicate()[0] == "last words\n"
        assert process.returncode == 5


def test_it_ends_with_who_has_asked_for_it(start):
    for process in start("wait"):
        process.stdout.readline()
        process.kill()
        assert process.communicate()[0] == ""  # comes when nobody is left who could write


def test_all_else_is_done_by_the_real_one(programs):
    code = "import sys; print(sys.flags.dev_mode, 'sklearn' in sys.modules)"
    said = subprocess.run([programs / "python", "-X", "dev", "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "True False\n"
