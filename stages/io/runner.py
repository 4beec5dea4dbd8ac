"""How a stage is run: its log, its clock, and how it fails."""

import argparse
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path

from credit.core.errors import InputError
from credit.io.files import PARAMS_FILE

LOG_FILE = Path("logs/stages.log")
# DVC reads them anew when the stage has ended, and keeps them as those that its results were made with.
CHANGED = f"{PARAMS_FILE}: expected the same text until the stage ends, got another one; run `dvc repro` again"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def run_stage(name: str, main: Callable[..., None], families: Sequence[str] = ()) -> None:
    """Run a stage's `main`; an expected failure ends it with one line on the log and exit code 1.

    Expected are bad input and what the operating system refuses: a full disk, a file that may not be read. Where there
    are `families`, the command line names one, which `main` takes after the log; any other argument has exit code 2.
    """
    parser = argparse.ArgumentParser(prog=f"python -m stages.{name}")
    if families:
        parser.add_argument("family", choices=families)
    arguments = vars(parser.parse_args()).values()
    log = logging.getLogger(" ".join([name, *arguments]))
    started = time.perf_counter()
    try:
        _send_log_to_console_and_file()
        params = _params()
        main(log, *arguments)
        if _params() != params:
            raise InputError(CHANGED)
    except (InputError, OSError) as error:
        log.error("%s", error)
        sys.exit(1)
    log.info("done in %.1f s", time.perf_counter() - started)


def _params() -> bytes:
    return PARAMS_FILE.read_bytes() if PARAMS_FILE.is_file() else b""


def _send_log_to_console_and_file() -> None:
    """Log to standard error and to a rotating file, at the level that LOG_LEVEL names."""
    LOG_FILE.parent.mkdir(exist_ok=True)
    console = logging.StreamHandler()
    console.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    file = RotatingFileHandler(LOG_FILE, maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True)
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    level = os.environ.get("LOG_LEVEL", "INFO").upper()
    logging.basicConfig(level=level if level in LEVELS else "INFO", handlers=[console, file])
    if level not in LEVELS:
        raise InputError(f"environment: 'LOG_LEVEL' must be one of {', '.join(LEVELS)}, got {level!r}")
    for noisy in ("matplotlib", "fontTools", "git", "dvc", "dvclive"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
