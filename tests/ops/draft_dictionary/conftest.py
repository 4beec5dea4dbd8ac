from collections.abc import Callable
from pathlib import Path

import pytest

from ops.draft_dictionary.__main__ import main

DRAFT = Path("data/dictionary.yaml")


@pytest.fixture
def drafted(workspace: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> Callable[..., str]:
    """Run the program on a file, a folder or an address, in the workspace; what it prints is its dictionary there."""

    def run(source: str, *arguments: str) -> str:
        capsysbinary.readouterr()
        main([source, *arguments])
        DRAFT.write_bytes(capsysbinary.readouterr().out)
        return DRAFT.read_text(encoding="utf-8")

    return run


@pytest.fixture
def draft(drafted, write) -> Callable[..., str]:
    """Draft the dictionary of a table with this content."""

    def run(content: str | bytes, *arguments: str) -> str:
        write("applications.csv", content)
        return drafted("applications.csv", *arguments)

    return run


@pytest.fixture
def fault(workspace: Path) -> Callable[..., str]:
    """Run the program with arguments that it refuses, in one line."""

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as caught:
            main(list(arguments))
        assert "\n" not in str(caught.value)
        return str(caught.value)

    return run
