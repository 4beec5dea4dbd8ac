"""Remote calls at the same time do not get in each other's way."""

import subprocess
import sys

TWO_CALLS = """
import multiprocessing, sys
from pathlib import Path
from types import SimpleNamespace

from dvc_data.index import DataIndex
from ops.sync.transport import make_index

def make(together, root):
    for number in range(40):
        folder = root / str(number)
        folder.mkdir(exist_ok=True)
        index = DataIndex.open(str(folder / "db.db"))
        together.wait(20)
        make_index(SimpleNamespace(tmp_dir=folder, data_index=index))
        index.close()

fork = multiprocessing.get_context("fork")
together = fork.Barrier(2)
calls = [fork.Process(target=make, args=(together, Path(sys.argv[1]))) for _ in range(2)]
for call in calls:
    call.start()
for call in calls:
    call.join()
sys.exit(any(call.exitcode for call in calls))
"""


def test_two_in_a_new_repository_can_make_its_index_at_the_same_time(repository, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", TWO_CALLS, str(tmp_path)], cwd=repository, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
