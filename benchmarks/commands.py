"""What commands take: the first result after installation, every later one, the analyses; and what errors they have.

    python benchmarks/commands.py [--before FOLDER] [--rounds N] [--only first,later,errors]

Every row runs the command line in new processes, and reports processor seconds and seconds of wall clock (median of the
rounds). FOLDER is a checkout of another commit, which is measured in turns with this one, and needs the same packages;
then rows end with the ratio of processor seconds. `errors` runs `errors.py`.
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

import errors

ROOT = Path(__file__).resolve().parent.parent
RUN = ["run", "baseline", "--seed", "2026"]
HERE, BEFORE = "this checkout", "before"
RANDOM = ["--sampling", "random"]
#: Commands once everything is compiled, on one CPU; `report` reads what the row before wrote.
LATER = {
    "engine --help": ["--help"],
    "run, as it is": RUN,
    "run, 1,000 random worlds x 10": [*RUN, "--worlds", "1000", "--futures", "10", *RANDOM],
    "run, 5,000 random worlds x 2": [*RUN, "--worlds", "5000", "--futures", "2", *RANDOM],
    "run, 200 random worlds x 50": [*RUN, "--worlds", "200", "--futures", "50", *RANDOM],
    "run, 13 policies, 1,000 x 2": ["run", "policies", "--worlds", "1000", "--futures", "2", *RANDOM],
    "report of it": ["report", "first.nc"],
    "stress, 13 policies, 500 x 4": ["stress", "policies", "--worlds", "500", "--futures", "4", *RANDOM],
    "calibrate, 3 x 2,000 worlds x 4": ["calibrate", "--worlds", "2000", "--keep", "500"],
}
Found = dict[str, dict[str, list["Seconds"]]]


class Seconds(NamedTuple):
    """Seconds of a command and of all processes that it starts."""

    processor: float
    wall: float


def seconds(package: Path, command: Sequence[str], folder: Path, cpus: int) -> Seconds:
    """What `command` takes with the engine in the folder `package` on this number of CPUs."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    used = sorted(os.sched_getaffinity(0))[:cpus]
    ending = {"run": "nc", "report": "html", "stress": "nc", "calibrate": "nc"}.get(command[0])
    name = "first" if command[0] == "run" else command[0]
    output = ["-o", str(folder / f"{name}.{ending}")] if ending else []
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


def measure_first(packages: dict[str, Path], folder: Path, found: Found) -> None:
    """Compile from sources on one and on two CPUs; run from a wheel that carries compiled code."""
    for which, package in packages.items():
        for cpus in (1, 2):
            forget_compiled(package)
            row = f"run, from sources, {cpus} CPU{'s' if cpus > 1 else ''}"
            found.setdefault(row, {}).setdefault(which, []).append(seconds(package, RUN, folder, cpus))
    (wheel,) = folder.glob("*.whl")
    installed = folder / "installed"
    shutil.rmtree(installed, ignore_errors=True)
    zipfile.ZipFile(wheel).extractall(installed)
    found.setdefault("run, wheel with compiled code", {}).setdefault(HERE, []).append(
        seconds(installed, RUN, folder, 1)
    )


def measure_later(packages: dict[str, Path], folder: Path, found: Found) -> None:
    """Run all commands once that are compiled already."""
    for which, package in packages.items():
        for row, command in LATER.items():
            found.setdefault(row, {}).setdefault(which, []).append(seconds(package, command, folder, 1))


def table(found: Found) -> str:
    """Medians of processor seconds and of the clock, and ratios to before."""
    lines = [f"{'':36}{'':15}processor s    wall s     ratio"]
    for row, of_row in found.items():
        medians = {
            which: Seconds(*(statistics.median(values) for values in zip(*taken, strict=True)))
            for which, taken in of_row.items()
        }
        for which, (processor, wall) in medians.items():
            ratio = f"{processor / medians[BEFORE].processor:10.2f}" if which == HERE and BEFORE in medians else ""
            lines.append(f"{row:36}{which:15}{processor:10.1f}{wall:11.1f}{ratio}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description="What commands take, and what errors they have.")
    parser.add_argument("--before", type=Path, metavar="FOLDER", help="a checkout to compare with")
    parser.add_argument("--rounds", type=int, default=3, help="number of rounds")
    parser.add_argument("--only", default="first,later,errors", help="parts to measure")
    given = parser.parse_args(arguments)
    parts = given.only.split(",")
    found: Found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        packages = {HERE: sources_of(ROOT, folder / "here")}
        if given.before:
            packages[BEFORE] = sources_of(given.before, folder / "before")
        if "first" in parts:
            make = [sys.executable, str(ROOT / "scripts" / "make_wheel.py"), str(folder)]
            subprocess.run(make, check=True, capture_output=True)
            for _ in range(given.rounds):
                measure_first(packages, folder, found)
        if "later" in parts:
            measure_later(packages, folder, {})  # compiles
            for _ in range(given.rounds):
                measure_later(packages, folder, found)
    print(table(found))
    if "errors" in parts:
        errors.main([])


if __name__ == "__main__":
    main()
