"""One call that runs the check as the command line does, in an environment that says nothing of MLflow."""

import json
import os
from pathlib import Path
from typing import NamedTuple

import pytest

from ops.check_mlflow.__main__ import main

OWN = ("HOME", "NETRC", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


class Checked(NamedTuple):
    """How a check ended, and what it printed as JSON."""

    code: int
    stages: dict[str, dict]
    printed: str

    @property
    def failed(self) -> tuple[str, str, str]:
        """Give name, cause and remedy of the stage that failed."""
        (failed,) = [stage for stage in self.stages.values() if stage["ok"] is False]
        return failed["name"], failed["detail"], failed["remedy"]

    def assert_failed(self, stage: str, code: int, cause: str, remedy: str) -> None:
        name, detail, advice = self.failed
        assert (name, self.code) == (stage, code), self.printed
        assert cause in detail
        assert remedy in advice


def run_check(capfd: pytest.CaptureFixture, *arguments: str) -> Checked:
    """Run the check; it prints nothing but its report."""
    capfd.readouterr()
    code = main([*arguments, "--json"])
    printed, complained = capfd.readouterr()
    assert complained == ""
    report = json.loads(printed)
    assert report["exit_code"] == code
    return Checked(code, {stage["name"]: stage for stage in report["stages"]}, printed)


def clear_environment(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Take away what the environment says of MLflow, proxies, certificates and logins, and work in a folder."""
    for name in list(os.environ):
        if name.startswith("MLFLOW_") or name.lower().endswith("_proxy") or name in OWN:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder / "home"))
    monkeypatch.chdir(folder)
