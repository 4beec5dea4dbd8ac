"""The phases of the graph, one standalone script each, declared in dvc.yaml."""

import os

from credit.core.python import check_python

check_python("stages", "numpy", "pandas", "pydantic", "yaml", "pyarrow", "sklearn", "dvclive", "optbinning")

# One thread per process makes floating-point sums, and so every file, the same bit for bit from run to run.
# Set before NumPy is imported; the search runs processes beside each other instead.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
