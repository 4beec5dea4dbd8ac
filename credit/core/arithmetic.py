"""The same floating-point results, bit for bit, from run to run and on every x86-64 processor with AVX2."""

import os
import platform

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# OpenBLAS and NumPy choose the widest instructions of the processor, which sum in another order than those of AVX2.
AVX2_AT_MOST = {"OPENBLAS_CORETYPE": "Haswell", "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR"}


def pin_arithmetic() -> None:
    """Set what OpenBLAS, OpenMP and NumPy read when they are imported; what the environment sets already stays.

    One thread per process sums in one order; the search runs processes beside each other instead.
    """
    x86_64 = platform.machine() in ("x86_64", "AMD64")
    for variable, value in (ONE_THREAD | AVX2_AT_MOST if x86_64 else ONE_THREAD).items():
        os.environ.setdefault(variable, value)
