"""Programs around the graph."""

from credit.core.arithmetic import pin_arithmetic
from credit.core.python import check_python

# Those that the server of MLflow, whose requirements are fewer, has too.
check_python("ops", "numpy", "packaging", "pandas", "pydantic", "yaml")
pin_arithmetic()
