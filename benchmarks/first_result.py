"""What the first result takes, and later ones: from a wheel with compiled code, from sources, and once compiled.

    python benchmarks/first_result.py [--before FOLDER] [--rounds N]

Every row runs the command line in new processes, and reports processor seconds and seconds of wall clock (median of the
rounds). FOLDER is a checkout of another commit, which is measured in turns with this one; it needs the same packages.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
RUN = ["run", "baseline", "--seed", "2026"]
HERE, BEFORE = "this checkout", "before"


class Seconds(NamedTuple):
    """Seconds of a command and of all processes that it starts."""

    processor: float
    wall: float


def seconds(package: Path, command: Sequence[str], folder: Path, cpus: int) -> Seconds:
    """What `command` takes with the engine in the folder `package` on this number of CPUs."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    used = sorted(os.sched_getaffinity(0))[:cpus]
    output = ["-o", str(folder / "first.nc")] if command[0] == "run" else []
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "engine", *command, *output],
        check=True,
        capture_output=True,
        cwd=folder,
        env={**environment, "PYTHONPATH": str(package)},
        preexec_fn=lambda: os.sched_setaffinity(0, used),
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Seconds(processor, time.perf_counter() - began)


def sources_of(checkout: Path, copy: Path) -> Path:
    """A copy of the sources of `checkout`, without anything compiled."""
    for name in ("engine", "scenarios"):
        shutil.copytree(checkout / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def forget_compiled(package: Path) -> None:
    """Remove compiled code; modules stay compiled to bytecode."""
    for compiled in (package / "engine" / "__pycache__").glob("compiled-*"):
        shutil.rmtree(compiled)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all rows."""
    parser = argparse.ArgumentParser(description="Time to the first result, and to later ones.")
    parser.add_argument("--before", type=Path, metavar="FOLDER", help="a checkout to compare with")
    parser.add_argument("--rounds", type=int, default=3, help="number of rounds")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        packages = {HERE: sources_of(ROOT, folder / "here")}
        if given.before:
            packages[BEFORE] = sources_of(given.before, folder / "before")
        make = [sys.executable, str(ROOT / "scripts" / "make_wheel.py"), str(folder)]
        subprocess.run(make, check=True, capture_output=True)
        (wheel,) = folder.glob("*.whl")
        found: dict[tuple[str, str], list[Seconds]] = {}
        for _ in range(given.rounds):
            for which, package in packages.items():
                for cpus in (1, 2):
                    forget_compiled(package)
                    row = f"from sources, {cpus} CPU{'s' if cpus > 1 else ''}"
                    found.setdefault((row, which), []).append(seconds(package, RUN, folder, cpus))
                found.setdefault(("compiled", which), []).append(seconds(package, RUN, folder, 1))
                found.setdefault(("engine --help", which), []).append(seconds(package, ["--help"], folder, 1))
            installed = folder / "installed"
            shutil.rmtree(installed, ignore_errors=True)
            zipfile.ZipFile(wheel).extractall(installed)
            found.setdefault(("wheel with compiled code", HERE), []).append(seconds(installed, RUN, folder, 1))
    print(f"{'':26}{'':15}processor s    wall s")
    for (row, which), taken in found.items():
        processor, wall = (statistics.median(values) for values in zip(*taken, strict=True))
        print(f"{row:26}{which:15}{processor:8.1f}{wall:13.1f}")


if __name__ == "__main__":
    main()
