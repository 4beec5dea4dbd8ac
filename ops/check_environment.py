"""Say where the installed packages differ from the pinned ones: `python -m ops.check_environment [FILE ...]`."""

import argparse
import re
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from credit.core.errors import InputError

COMMENT = re.compile(r"(^|\s)#.*")


def read_pins(path: Path) -> list[Requirement]:
    """Read those pins of a requirements file that are meant for this interpreter and platform."""
    if not path.is_file():
        raise InputError(f"{path}: expected pinned requirements, found no file")
    pins = []
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        text = COMMENT.sub("", line).strip()
        if text:
            pins.append(_pin(text, f"{path}, line {number}"))
    return [pin for pin in pins if pin.marker is None or pin.marker.evaluate()]


def _pin(text: str, where: str) -> Requirement:
    """Parse one line; what is no pin (an option, a range) is refused, for it could not be compared."""
    expected = f"{where}: expected one package pinned to one version, such as numpy==2.4.6, got {text!r}"
    try:
        pin = Requirement(text)
    except InvalidRequirement:
        raise InputError(expected) from None
    exact = [clause for clause in pin.specifier if clause.operator == "==" and not clause.version.endswith(".*")]
    if len(exact) != 1 or len(pin.specifier) != 1:
        raise InputError(expected)
    return pin


def differences(pins: Sequence[Requirement]) -> list[str]:
    """Compare pins with what is installed for this interpreter; a line for each package that differs, by name."""
    lines = set()
    for pin in pins:
        try:
            installed = version(pin.name)
        except PackageNotFoundError:
            installed = None
        if installed is None or not pin.specifier.contains(installed, prereleases=True):
            pinned = next(iter(pin.specifier)).version
            here = f"installed {installed}" if installed else "not installed"
            lines.add(f"{canonicalize_name(pin.name)}: pinned {pinned}, {here}")
    return sorted(lines)


def check_environment(paths: Sequence[Path]) -> int:
    """Print a line for each difference and one that sums up; returns 0 if there is none, otherwise 1."""
    pins = [pin for path in paths for pin in read_pins(path)]
    differing = differences(pins)
    for line in differing:
        print(line)
    packages = len({canonicalize_name(pin.name) for pin in pins})
    files = ", ".join(map(str, paths))
    if not differing:
        print(f"{packages} packages are installed as pinned in {files}")
        return 0
    install = " ".join(f"-r {path}" for path in paths)
    print(f"{len(differing)} of {packages} packages differ from {files}; `pip install {install}` puts that right")
    return 1


def main(arguments: Sequence[str]) -> int:
    """Check the files that the command line names; bad input ends with one line and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m ops.check_environment", description=__doc__.split(":")[0])
    parser.add_argument("files", metavar="FILE", nargs="*", type=Path, default=[Path("requirements.txt")])
    files = parser.parse_args(arguments).files
    try:
        return check_environment(files)
    except InputError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
