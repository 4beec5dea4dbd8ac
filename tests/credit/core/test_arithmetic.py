"""The libraries do what `pin_arithmetic` asks for, whatever the processor would allow, and what the user asks for."""

import json
import os
import platform
import subprocess
import sys

import pytest

from credit.core.arithmetic import AVX2_AT_MOST, ONE_THREAD, pin_arithmetic

SAY = """
import json, warnings
warnings.simplefilter("error")
import {package}
import numpy, scipy.linalg, threadpoolctl
from numpy._core._multiarray_umath import __cpu_dispatch__ as dispatched, __cpu_features__ as features
pools = [(pool["architecture"], pool["num_threads"]) for pool in threadpoolctl.threadpool_info()]
print(json.dumps([pools, [name for name in dispatched if features[name]]]))
"""
on_x86_64 = pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="of x86-64 only")


@pytest.fixture
def libraries(repository):
    def of(package: str, **environment: str) -> list:
        free = {name: value for name, value in os.environ.items() if name not in {**ONE_THREAD, **AVX2_AT_MOST}}
        said = subprocess.check_output(
            [sys.executable, "-c", SAY.format(package=package)], cwd=repository, env=free | environment, text=True
        )
        return json.loads(said)

    return of


@on_x86_64
@pytest.mark.parametrize("package", ["stages", "ops"])
def test_blas_and_numpy_use_no_wider_instructions_than_avx2_and_one_thread(package, libraries):
    pools, instructions = libraries(package)
    assert set(instructions) <= {"X86_V3"}  # AVX2
    assert len(pools) == 2  # NumPy and SciPy each bring one
    assert all(pool == ["Haswell", 1] for pool in pools)


@on_x86_64
def test_the_variables_of_the_user_have_precedence(libraries):
    pools, _ = libraries("stages", OPENBLAS_CORETYPE="Nehalem", OPENBLAS_NUM_THREADS="2")
    assert all(pool == ["Nehalem", 2] for pool in pools)


def test_elsewhere_the_processor_s_kernels_are_left_alone(monkeypatch):
    for variable in (*ONE_THREAD, *AVX2_AT_MOST):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    pin_arithmetic()
    assert {name: os.environ.get(name) for name in (*ONE_THREAD, *AVX2_AT_MOST)} == {
        **ONE_THREAD,
        **dict.fromkeys(AVX2_AT_MOST),
    }
