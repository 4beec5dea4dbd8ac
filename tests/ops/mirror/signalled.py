"""The mirror as a program that gets a signal while it forks, or at each write: `signalled URI SIGNAL fork|write`."""

import os
import signal
import sys

from mlflow import MlflowClient

from ops.mirror.__main__ import main

if __name__ == "__main__":
    uri, how, when = sys.argv[1:]
    whole = MlflowClient.log_batch

    def ask() -> None:
        os.kill(os.getpid(), signal.Signals[how])

    if when == "fork":
        os.register_at_fork(after_in_parent=ask)  # Python ignores what is raised while it forks
    else:
        MlflowClient.log_batch = lambda *given, **options: (ask(), whole(*given, **options))
    main(["--uri", uri])
