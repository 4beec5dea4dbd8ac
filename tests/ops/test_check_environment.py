from importlib.metadata import version
from pathlib import Path

import pytest

from credit.core.errors import InputError
from ops.check_environment import differences, main, read_pins


@pytest.fixture(autouse=True)
def in_temporary_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def pins_of(text: str):
    path = Path("requirements.txt")
    path.write_text(text, encoding="utf-8")
    return read_pins(path)


def test_running_environment_is_the_pinned_one(repository):
    """Say when the packages that these tests run with differ from the pinned ones."""
    paths = [repository / "requirements.txt", repository / "requirements-dev.txt"]
    assert [one for path in paths for one in differences(read_pins(path))] == []


def test_equal_is_reported_in_one_line_and_what_differs_in_a_line_each(capsys):
    Path("requirements.txt").write_text(f"pytest=={version('pytest')}\n")
    assert main([]) == 0
    assert capsys.readouterr().out == "1 packages are installed as pinned in requirements.txt\n"
    Path("pins.txt").write_text("pytest==0.1\nno-such-package==1.0\n")
    assert main(["pins.txt"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "no-such-package: pinned 1.0, not installed",
        f"pytest: pinned 0.1, installed {version('pytest')}",
        "2 of 2 packages differ from pins.txt; `pip install -r pins.txt` puts that right",
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Scikit_Learn==0.0.1", ["scikit-learn"]),
        (f"Scikit_Learn=={version('scikit-learn')}", []),
        ("pytest==0.1\nPyTest==0.1", ["pytest"]),
        (f"pytest=={version('pytest')}.0", []),
        ("no-such-package==1.0 ; sys_platform == 'no-such-platform'", []),
        ("no-such-package==1.0 ; python_version >= '3'", ["no-such-package"]),
        ("# all\n\npytest==0.1  # runs the tests\n", ["pytest"]),
    ],
)
def test_what_differs_is_named_once_in_its_normal_form(text, names):
    """Versions are compared as versions; pins of other platforms, comments and blank lines are left out."""
    assert [one.partition(":")[0] for one in differences(pins_of(text))] == names


@pytest.mark.parametrize("line", ["-r other.txt", "a b"])
def test_line_that_names_no_package_is_refused(line):
    with pytest.raises(InputError, match=r"^requirements\.txt: expected pinned requirements, got .+$"):
        pins_of(f"# first\n{line}\n")


def test_absent_file_ends_with_one_line():
    with pytest.raises(SystemExit) as ended:
        main(["absent.txt"])
    assert ended.value.code == "absent.txt: expected pinned requirements, found no file"
