"""The phases of the graph, one standalone script each, declared in dvc.yaml."""

from credit.core.arithmetic import pin_arithmetic
from credit.core.python import check_python

check_python("stages", "numpy", "pandas", "pydantic", "yaml", "pyarrow", "sklearn", "dvclive", "optbinning")
pin_arithmetic()
