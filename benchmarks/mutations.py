"""Faults put into the engine one at a time, and how many of them its tests notice.

    pip install cosmic-ray
    python benchmarks/mutations.py rules --sample 200

Cosmic Ray makes the mutants: `<` for `<=`, `+` for `-`, 2 for 1, a loop that never runs. Two of its habits do not suit
this code, so its own runner is not used. It starts Python anew for each mutant, and most of that time goes into
importing NumPy, Numba and pandas; here they are imported once, and each mutant gets a fork. And it would replace each
arithmetic operator by all eleven others, so that three of four mutants were faults of one kind.

Every mutant is played in a temporary copy of the checkout by the tests that concern its module (`TESTS`): a mutant
that breaks them, or takes longer than all tests of its room, is noticed. Rules are played without compiling
(NUMBA_DISABLE_JIT=1), for they would be compiled anew for each mutant. The other rooms use compiled rules.

Not mutated: annotations (mypy checks them), decorators, text. `mutations_equivalent.csv` lists mutants that change
nothing a test could see, with the reason; they are left out of the sample.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import csv
import importlib
import math
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
EQUIVALENT = Path(__file__).with_name("mutations_equivalent.csv")
#: What mutants are played in.
COPIED = ("engine", "tests", "scenarios", "scripts", "docs", "pyproject.toml", "setup.cfg", "README.md")

#: The tests that concern each module, the quickest first.
TESTS = {
    "rules/algorithms": ["naive/test_algorithms.py", "rules/test_algorithms.py"],
    "rules/diffusion": ["naive/test_diffusion.py", "rules/test_diffusion.py"],
    "rules/elementary": ["rules/test_elementary.py"],
    "rules/governance": ["naive/test_governance.py", "rules/test_governance.py"],
    "rules/hardware": ["naive/test_hardware.py", "rules/test_hardware.py"],
    "rules/harm": ["naive/test_harm.py", "rules/test_harm.py"],
    "rules/hazard": ["rules/test_hazard.py", "naive/test_luck.py"],
    "rules/investment": ["naive/test_investment.py", "rules/test_investment.py"],
    "rules/luck": ["naive/test_luck.py", "rules/test_luck.py"],
    "rules/normal": ["rules/test_normal.py"],
    "rules/performance": ["rules/test_performance.py"],
    "rules/regime": ["naive/test_governance.py", "rules/test_governance.py"],
    "rules/secrecy": [
        "naive/test_algorithms.py",
        "naive/test_governance.py",
        "rules/test_algorithms.py",
        "rules/test_governance.py",
    ],
    "rules/training": ["naive/test_training.py", "rules/test_training.py"],
    "results/dataset": ["naive/test_results.py", "results/test_dataset.py", "results/test_variables.py"],
    "results/standard_errors": ["naive/test_results.py", "results/test_standard_errors.py"],
    "results/files": ["naive/test_results.py", "results/test_files.py", "results/test_hostile_files.py"],
    "simulation/jobs": [
        "naive/test_results.py",
        "simulation/test_simulate.py",
        "results/test_dataset.py",
        "execution/test_estimate.py",
    ],
    "results/netcdf_check_child": ["results/test_netcdf_check_child.py", "results/test_hostile_files.py"],
    "results/provenance": ["naive/test_results.py", "results/test_provenance.py", "results/test_known_id.py"],
    "results/quantiles": ["naive/test_results.py", "results/test_quantiles.py"],
    "results/risk": ["naive/test_results.py", "results/test_risk.py"],
    "results/sample_file": ["results/test_sample_file.py"],
    "results/samples": ["results/test_samples.py", "montecarlo/test_paths.py"],
    "statistics/cluster_means": ["statistics/test_cluster_means.py"],
    "statistics/labelled": ["statistics/test_labelled.py"],
    "statistics/metrics": ["statistics/test_metrics.py"],
    "statistics/performance_score": ["statistics/test_performance_score.py"],
    "statistics/precision": ["statistics/test_precision.py"],
    "simulation/simulate": ["simulation/test_simulate.py", "scenario/test_readings.py"],
    "results/netcdf_check": ["naive/test_results.py", "results/test_variables.py", "results/test_hostile_files.py"],
    "analyses/attainment/summary": ["naive/test_results.py", "analyses/attainment/test_summary.py"],
    "results/variables": ["naive/test_results.py", "results/test_variables.py", "results/test_dataset.py"],
    "scenario/checks": ["naive/test_scenario_edges.py", "scenario/test_errors.py", "scenario/test_extends.py"],
    "scenario/correlation": ["scenario/test_correlation.py"],
    "scenario/display": ["naive/test_scenario_edges.py", "scenario/test_display.py"],
    "scenario/errors": ["naive/test_scenario_edges.py", "scenario/test_errors.py", "scenario/test_hostile.py"],
    "scenario/families": ["naive/test_scenario_edges.py", "scenario/test_numbers.py", "scenario/test_errors.py"],
    "scenario/fingerprint": ["scenario/test_shift_median.py", "results/test_provenance.py"],
    "scenario/load": ["scenario/test_readings.py", "scenario/test_extends.py", "scenario/test_errors.py"],
    "scenario/measure": ["scenario/test_errors.py", "scenario/test_reference.py"],
    "scenario/measures": ["scenario/test_errors.py", "rules/test_governance.py", "scenario/test_reference.py"],
    "scenario/merging": ["scenario/test_extends.py"],
    "scenario/shift_median": ["naive/test_scenario.py", "scenario/test_shift_median.py"],
    "scenario/names": [
        "naive/test_scenario_edges.py",
        "scenario/test_designs.py",
        "scenario/test_worlds.py",
        "scenario/test_errors.py",
    ],
    "scenario/numbers": [
        "naive/test_scenario_edges.py",
        "scenario/test_numbers.py",
        "scenario/test_errors.py",
        "scenario/test_shift_median.py",
    ],
    "scenario/origins": ["naive/test_scenario_edges.py", "scenario/test_origins.py"],
    "scenario/policies": ["naive/test_governance.py", "rules/test_governance.py", "known/test_who_is_bound.py"],
    "text/printable": ["shell/test_printing.py"],
    "scenario/quantities": ["scenario/test_errors.py", "scenario/test_reference.py"],
    "scenario/readings": ["scenario/test_readings.py"],
    "scenario/samplers": ["scenario/test_worlds.py", "scenario/test_designs.py"],
    "scenario/sections": [
        "naive/test_scenario_edges.py",
        "scenario/test_errors.py",
        "scenario/test_worlds.py",
        "scenario/test_reference.py",
    ],
    "scenario/schema": [
        "naive/test_scenario.py",
        "scenario/test_errors.py",
        "scenario/test_worlds.py",
        "scenario/test_reference.py",
    ],
    "scenario/section": ["scenario/test_errors.py", "scenario/test_display.py", "scenario/test_numbers.py"],
    "scenario/source": [
        "naive/test_scenario_edges.py",
        "scenario/test_errors.py",
        "scenario/test_readings.py",
        "scenario/test_hostile.py",
    ],
    "scenario/units": ["scenario/test_units.py", "scenario/test_numbers.py"],
    "scenario/worlds": [
        "naive/test_scenario.py",
        "scenario/test_worlds.py",
        "scenario/test_designs.py",
        "scenario/test_correlation.py",
    ],
}

_COMPARISONS = ("Eq", "NotEq", "Lt", "LtE", "Gt", "GtE")
#: Cosmic Ray's operators that are used; of arithmetic the opposite of each.
OPERATORS = [
    *[f"ReplaceComparisonOperator_{a}_{b}" for a in _COMPARISONS for b in _COMPARISONS if a != b],
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_IsNot_Is",
    *[f"ReplaceBinaryOperator_{pair}" for pair in ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "Pow_Mul", "Mod_Mul")],
    *[f"ReplaceBinaryOperator_{pair}" for pair in ("FloorDiv_Mul", "LShift_RShift", "RShift_LShift")],
    *[f"ReplaceBinaryOperator_{pair}" for pair in ("BitAnd_BitOr", "BitOr_BitAnd", "BitXor_BitAnd")],
    *[f"ReplaceUnaryOperator_{pair}" for pair in ("Delete_Not", "Delete_USub", "Delete_Invert")],
    *["AddNot", "NumberReplacer", "ReplaceAndWithOr", "ReplaceOrWithAnd", "ReplaceTrueWithFalse"],
    *["ReplaceFalseWithTrue", "ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ZeroIterationForLoop"],
    "ExceptionReplacer",
]
_SWAPPED = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum"}
#: Imported once for all mutants; each is used by the engine or by its tests.
LIBRARIES = ("hypothesis", "netCDF4", "numba", "pandas", "pydantic", "pytest", "ruamel.yaml", "scipy.stats", "xarray")


class Mutant(NamedTuple):
    """One fault: what one module is with it, and the first line that differs."""

    module: str
    line: int
    before: str
    after: str
    source: str


class Place(NamedTuple):
    """Where one operator can put a fault: `occurrence` counts its places in a module such as "rules/harm"."""

    module: str
    operator: Any
    occurrence: int


def places(module: str) -> list[Place]:
    """All places of a module. Nothing is mutated yet, since each mutant takes a parse of the whole module."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator

    source = _source(module)
    nodes, skipped, found = list(ast_nodes(get_ast(source))), _annotated(source), []
    for operator in [*(get_operator(f"core/{name}")() for name in OPERATORS), _swap()]:
        positions = [start for node in nodes for start, _ in operator.mutation_positions(node)]
        found += [
            Place(module, operator, occurrence)
            for occurrence, (line, _) in enumerate(positions)
            if line - 1 not in skipped
        ]
    return found


def mutant(place: Place) -> Mutant | None:
    """The mutant with a fault at `place`; None if Cosmic Ray changes nothing there but the layout."""
    from cosmic_ray.mutating import mutate_code

    source = _source(place.module)
    mutated = mutate_code(source, place.operator, place.occurrence)
    lines, changed = source.split("\n"), mutated.split("\n")
    # What Cosmic Ray adds to a file stands at its end or is one line in place of another.
    number = next((n for n, pair in enumerate(zip(lines, changed)) if pair[0] != pair[1]), None)
    if number is None or number in _annotated(source):
        return None
    return Mutant(place.module, number + 1, lines[number].strip(), changed[number].strip(), mutated)


def drawn(modules: list[str], size: int, seed: int) -> tuple[list[Mutant], int, int]:
    """(a random sample of mutants that may change something, the number of places, how many equivalents were drawn)."""
    with open(EQUIVALENT, newline="", encoding="utf-8") as file:
        equivalent = {(row["module"], row["before"], row["after"]) for row in csv.DictReader(file)}
    every = [place for module in modules for place in places(module)]
    sample: list[Mutant] = []
    left_out = 0
    for place in random.Random(seed).sample(every, len(every)):
        if len(sample) == size:
            break
        if (found := mutant(place)) is None:
            continue
        if (found.module, found.before, found.after) in equivalent:
            left_out += 1
        else:
            sample.append(found)
    return sample, len(every), left_out


def _source(module: str) -> str:
    return (ROOT / "engine" / f"{module}.py").read_text(encoding="utf-8")


def _annotated(source: str) -> set[int]:
    """Lines, from 0, that hold nothing but the head of a function or an annotation."""
    found: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            found.update(range(node.lineno - 1, node.body[0].lineno - 1))
        elif isinstance(node, ast.AnnAssign) and node.value is None:
            found.update(range(node.lineno - 1, node.end_lineno or node.lineno))
    return found


def _swap() -> object:
    """An operator that Cosmic Ray lacks: the smallest in place of the largest, and the other way round."""
    from cosmic_ray.operators.operator import Operator
    from parso.python.tree import Name

    class Swap(Operator):
        """`min` for `max`."""

        def mutation_positions(self, node):  # type: ignore[no-untyped-def]
            if node.type == "name" and node.value in _SWAPPED:
                yield node.start_pos, node.end_pos

        def mutate(self, node, index):  # type: ignore[no-untyped-def]
            return Name(_SWAPPED[node.value], node.start_pos, node.prefix)

        @classmethod
        def examples(cls):  # type: ignore[no-untyped-def]
            return ()

    return Swap()


def play(mutant: Mutant, files: list[str], limit: int, log: str) -> None:
    """Play the tests in `files` with a mutant in a copy of the checkout; the exit code is 0 if all of them pass."""
    os.setsid()
    signal.alarm(limit)
    with tempfile.TemporaryDirectory() as name, open(log, "wb") as said:
        copy = copied(Path(name))
        (copy / "engine" / f"{mutant.module}.py").write_text(mutant.source, encoding="utf-8")
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
        os.chdir(copy)
        sys.path[:0] = [str(copy)]
        os.environ["PYTHONPATH"] = str(copy)
        import pytest

        how = ["-x", "-q", "-n", "0", "--tb=line", "-p", "no:cacheprovider", "-W", "ignore:Module already imported"]
        code = pytest.main([*how, *(f"tests/{file}" for file in files)])
    os._exit(int(code))


def copied(folder: Path) -> Path:
    """A copy of the checkout in `folder`, in which Hypothesis does not look for the simplest failure."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder)
    with open(folder / "tests" / "conftest.py", "a", encoding="utf-8") as conftest:
        conftest.write("\nfrom hypothesis import Phase\n")
        conftest.write("settings.register_profile('once', phases=[Phase.explicit, Phase.generate])\n")
        conftest.write("settings.load_profile('once')\n")
    return folder


def play_all(
    chosen: list[Mutant], tests: list[str] | None, limit: int, processes: int, logs: Path
) -> list[tuple[Mutant, bool]]:
    """(mutant, whether all `tests`, or those of its module, passed); after Ctrl-C of those done, a sample, too."""
    fork, running, done = multiprocessing.get_context("fork"), {}, []
    waiting = list(enumerate(chosen))
    while waiting or running:
        while waiting and len(running) < processes:
            number, mutant = waiting.pop(0)
            files = tests or TESTS[mutant.module]
            process = fork.Process(target=play, args=(mutant, files, limit, str(logs / f"{number}.txt")))
            process.start()
            running[process.sentinel] = (process, mutant)
        try:
            ended = wait(list(running))
        except KeyboardInterrupt:
            for process, _ in running.values():
                os.killpg(process.pid, signal.SIGKILL)
            return done
        for sentinel in ended:
            process, mutant = running.pop(sentinel)
            process.join()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # what its tests started and left
            done.append((mutant, process.exitcode == 0))
            if process.exitcode == 0:
                print(f"{mutant.module}.py:{mutant.line}: {mutant.before}  ->  {mutant.after}", flush=True)
    return done


def limit_of(modules: list[str], logs: Path) -> int:
    """The seconds that the tests of a mutant may take: as many as those of all `modules` without a fault, and 60."""
    nothing = Mutant(modules[0], 0, "", "no fault", _source(modules[0]))
    tests = list(dict.fromkeys(file for module in modules for file in TESTS[module]))
    began = time.perf_counter()
    ((_, passed),) = play_all([nothing], tests, 3600, 1, logs)
    if not passed:
        raise SystemExit(f"tests fail without a fault: {(logs / '0.txt').read_text()[-2000:]}")
    return 60 + int(time.perf_counter() - began)


def interval(count: int, size: int, of: int) -> tuple[float, float]:
    """95% limits of a share, by Wilson (1927), for a sample without replacement of `size` `of` so many."""
    share, z = count / size, 1.96 * math.sqrt((of - size) / max(of - 1, 1))
    middle = (share + z * z / (2 * size)) / (1 + z * z / size)
    half = z / (1 + z * z / size) * math.sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    return max(0.0, middle - half), min(1.0, middle + half)


def main() -> None:
    """Play a sample of the mutants of a room, print those that no test notices, and their share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("room", help="the first part of a module, such as scenario; or a module, such as rules/harm")
    parser.add_argument("--sample", type=int, default=200, help="so many mutants, or all if there are fewer")
    parser.add_argument("--seed", type=int, default=2026, help="of the sample")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    modules = [module for module in TESTS if options.room in (module, module.split("/")[0])]
    if not modules:
        parser.error(f"{options.room} is no room and no module")
    chosen, total, left_out = drawn(modules, options.sample, options.seed)
    with tempfile.TemporaryDirectory() as name:
        os.environ["NUMBA_CACHE_DIR"] = name
        for compiled in (ROOT / "engine" / "__pycache__").glob("compiled-*"):
            shutil.copytree(compiled, Path(name) / compiled.name)
        if modules[0].startswith("rules/"):
            os.environ["NUMBA_DISABLE_JIT"] = "1"
        sys.dont_write_bytecode = True
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        for library in LIBRARIES:
            importlib.import_module(library)
        limit = limit_of(modules, Path(name))
        done = play_all(chosen, None, limit, options.processes, Path(name))
    survivors = sum(passed for _, passed in done)
    low, high = interval(survivors, len(done), total)
    print(
        f"{options.room}: {total} places for a fault; {left_out} equivalent mutants drawn and left out; of {len(done)}"
    )
    print(f"  {survivors} survive: {survivors / len(done):.1%}, 95% from {low:.1%} to {high:.1%}")


if __name__ == "__main__":
    main()
