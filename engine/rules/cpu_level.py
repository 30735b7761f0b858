"""The type of CPU that code is compiled for: a level that many CPUs share, so that compiled code can be carried along.

On a CPU of level x86-64-v3 (all since about 2013 to 2015) code for that level gives the same bits as code for the CPU
itself, as fast. Numba compiles for one type of CPU in a process, so other functions compiled in it have that level,
too. NUMBA_CPU_NAME takes precedence, and so does a compiler that is in use before the engine is imported.
"""

from __future__ import annotations

import os

import llvmlite.binding
from numba import config
from numba.core.registry import cpu_target

LEVEL = "x86-64-v3"
_FEATURES = ("avx", "avx2", "bmi", "bmi2", "cx16", "f16c", "fma", "lzcnt", "movbe", "popcnt", "sahf", "sse4.2", "xsave")


def compile_for_level() -> None:
    """Let Numba compile for LEVEL from now on, if this CPU has it and nothing else is decided."""
    decided = config.CPU_NAME is not None or config.CPU_FEATURES is not None or not config.ENABLE_AVX
    in_use = "_toplevel_target_context" in vars(cpu_target)
    if decided or in_use or not llvmlite.binding.get_process_triple().startswith("x86_64"):
        return
    features = llvmlite.binding.get_host_cpu_features()
    if all(features.get(name, False) for name in _FEATURES):
        # In the environment too, for Numba reads it again after a change, and so do further processes.
        os.environ.update(NUMBA_CPU_NAME=LEVEL, NUMBA_CPU_FEATURES="")
        config.CPU_NAME, config.CPU_FEATURES = LEVEL, ""


def name() -> str:
    """What Numba compiles for: the type of CPU, and its features if they are not those of a level."""
    cpu = config.CPU_NAME or llvmlite.binding.get_host_cpu_name()
    features = config.CPU_FEATURES
    if features is None:
        features = llvmlite.binding.get_host_cpu_features().flatten()
    return f"{cpu}{features and ' '}{features}"
