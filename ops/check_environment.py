"""Say where the installed packages differ from the pinned ones: `python -m ops.check_environment [FILE ...]`."""

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from credit.core.errors import InputError


def read_pins(path: Path) -> list[Requirement]:
    """Read those pins of a file that `make lock` wrote that are meant for this interpreter and platform."""
    if not path.is_file():
        raise InputError(f"{path}: expected pinned requirements, found no file")
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    try:
        pins = [Requirement(line) for line in lines if line]
    except InvalidRequirement as error:
        raise InputError(f"{path}: expected pinned requirements, got {' '.join(str(error).split())}") from None
    return [pin for pin in pins if pin.marker is None or pin.marker.evaluate()]


def differences(pins: Sequence[Requirement]) -> list[str]:
    """Compare pins with what is installed for this interpreter; a line for each package that differs, by name."""
    lines = set()
    for pin in pins:
        try:
            installed, here = version(pin.name), f"installed {version(pin.name)}"
        except PackageNotFoundError:
            installed, here = None, "not installed"
        if installed is None or not pin.specifier.contains(installed, prereleases=True):
            lines.add(f"{canonicalize_name(pin.name)}: pinned {str(pin.specifier).removeprefix('==')}, {here}")
    return sorted(lines)


def check_environment(paths: Sequence[Path]) -> int:
    """Print a line for each difference and one that sums up; returns 0 if there is none, otherwise 1."""
    pins = [pin for path in paths for pin in read_pins(path)]
    differing = differences(pins)
    packages = len({canonicalize_name(pin.name) for pin in pins})
    files = ", ".join(map(str, paths))
    if not differing:
        print(f"{packages} packages are installed as pinned in {files}")
        return 0
    install = " ".join(f"-r {path}" for path in paths)
    last = f"{len(differing)} of {packages} packages differ from {files}; `pip install {install}` puts that right"
    print(*differing, last, sep="\n")
    return 1


def main(arguments: Sequence[str]) -> int:
    """Check the files that the command line names; bad input ends with one line and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m ops.check_environment", description=__doc__.split(":")[0])
    parser.add_argument("files", metavar="FILE", nargs="*", type=Path, default=[Path("requirements.txt")])
    try:
        return check_environment(parser.parse_args(arguments).files)
    except InputError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
