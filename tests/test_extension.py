"""Another package adds an analysis, a metric, a measure and a sampler; nothing of the engine is edited for it.

The package under `tests/example_extension` is installed into a folder of its own, and tried in processes that find it
there: what is registered is read once in a process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import engine

HERE = Path(__file__).parent
SCENARIO = """
extends: minimal
name: levy
capabilities:
  attack: {kind: dangerous, requirement: 3.0e+25}
policies:
  levy:
    description: Chips cost half as much again, and defences are built twice as fast.
    measures:
      - measure: compute_levy
        price_multiplier: 1.5
        defence_speed: 2
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the example package, installed as pip does it, and a scenario that uses its measure."""
    folder = tmp_path_factory.mktemp("extension")
    source = shutil.copytree(HERE / "example_extension", folder / "source")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*pip, "--target", folder / "site", source], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (folder / "levy.yaml").write_text(SCENARIO, encoding="utf-8")
    return folder


def process(folder, site, *command):
    """A process in a folder that finds the packages in the folder `site`."""
    paths = [site, HERE, Path(engine.__file__).parents[1]]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    return subprocess.run([sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True)


def run(folder, *command):
    """What a process that finds the example package printed."""
    done = process(folder, folder / "site", *command)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def cli(folder, *command):
    return run(folder, "-m", "engine", *command)


def test_nothing_is_registered_without_the_package():
    code = "import engine; print('first_mover' in dir(engine.analyses))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_analysis_is_called_listed_run_and_reported(installed):
    assert "How often is each class the first" in cli(installed, "--help")
    printed = cli(installed, "first_mover", "levy.yaml", "--worlds", "20", "--futures", "2")
    assert ": first in " in printed
    code = """
import engine
from engine.report import report
results = engine.simulate(engine.load_scenario("levy.yaml"), 20, 2, 1, keep="samples")
shares = engine.analyses.first_mover(results)["first_share"]
print(float(shares.sel(policy="baseline").sum()))
page = report(results)
print(page.count("First of all"), page.count("is first of all most often"))
"""
    shares, sections = run(installed, "-c", code).splitlines()
    # Classes that attain in the same moment share nothing: both are first.
    assert float(shares) >= 0.99
    assert [int(number) for number in sections.split()] == [2, 1]


def test_the_metric_serves_stress_sensitivity_and_compare(installed):
    size = ("--worlds", "40", "--futures", "2", "--metric", "dangerous_attained")
    assert "dangerous_attained" in cli(installed, "compare", "levy.yaml", *size)
    assert "dangerous_attained" in (installed / "levy.csv").read_text()
    require = ("--require", "dangerous_attained <= 100%")
    assert "dangerous_attained" in cli(installed, "stress", "levy.yaml", *size, *require)
    assert "dangerous capabilities that any class attains" in cli(
        installed, "sensitivity", "levy.yaml", *size, "--method", "pawn"
    )


def test_the_measure_acts_alike_under_both_clocks(installed):
    code = """
import engine
from two_clocks import assert_clocks_agree
scenario = engine.load_scenario("levy.yaml")
assert scenario.policies["levy"].measures[0].measure == "compute_levy"
assert_clocks_agree(scenario, worlds=10, futures=2, seed=3)
results = engine.simulate(scenario, 50, 4, 3)
delays = results["attainment_delay"].sel(policy="levy")
print(float(delays.max()) > 0.0)
"""
    assert run(installed, "-c", code).strip() == "True"


def test_the_sampler_draws_antithetic_worlds_in_any_range(installed):
    code = """
import numpy as np
import engine
from engine.scenario import WorldSampler
sampler = WorldSampler(engine.load_scenario("baseline"), 64, 5, "antithetic")
whole = sampler.uniforms(0, 64)
np.testing.assert_allclose(whole[:16] + whole[16:32], 1.0)
np.testing.assert_allclose(whole[32:48] + whole[48:], 1.0)
np.testing.assert_array_equal(sampler.uniforms(3, 40), whole[3:43])
history = engine.replay(engine.load_scenario("levy.yaml"), 3, 0, worlds=10, seed=5, sampling="antithetic")
print(history.policy)
"""
    assert run(installed, "-c", code).strip() == "baseline"
    assert "sampling antithetic" in cli(
        installed, "run", "levy.yaml", "--worlds", "20", "--futures", "2", "--sampling", "antithetic"
    )


def foreign(folder, group, name, code):
    """A package that registers `thing` of the module `name` in a group, installed into the folder."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {name}:thing\n")
    (folder / f"{name}.py").write_text(code)


def tried(folder, *command):
    """A command where the packages in the folder are installed."""
    return process(folder, folder, "-m", "engine", *command)


METRIC = "from engine.statistics.metrics import Metric\nthing = Metric({}, 'a metric', '1', 'less')\n"
MEASURE = "from engine.scenario.measure import Measure\nclass thing(Measure):\n    {}\n"


@pytest.mark.parametrize(
    ("group", "code", "reason"),
    [
        ("engine.metrics", "1 / 0", "cannot be loaded: ZeroDivisionError: division by zero"),
        ("engine.metrics", "raise SystemExit(3)", "cannot be loaded: SystemExit: 3"),
        ("engine.metrics", "thing = 3", "must be an engine.statistics.metrics.Metric, not 3"),
        ("engine.metrics", METRIC.format("lambda: 3"), "its values must be a function of (results), not <function"),
        ("engine.samplers", "thing = 3", "must be a function of (names, worlds, seed, first, count), not 3"),
        ("engine.samplers", "thing = lambda names: 3", "must be a function of (names, worlds, seed, first, count)"),
        ("engine.measures", MEASURE.format("pass"), "must declare measure: Literal['odd']"),
        (
            "engine.analyses",
            "import sys\nfrom engine.analyses import Room\nROOM = Room(__name__, '?')\nthing = sys.modules[__name__]",
            "must be a package called odd with a ROOM = Room(__name__, ...)",
        ),
        ("engine.analyses", "thing = 3", "must be a package called odd with a ROOM = Room(__name__, ...)"),
    ],
)
def test_what_cannot_be_used_is_left_out_with_a_warning(tmp_path, group, code, reason):
    """The line names the entry point, the group and the package, and the command works without the extension."""
    foreign(tmp_path, group, "odd", code)
    done = tried(tmp_path, "run", "minimal", "--worlds", "2", "--futures", "1", "--sampling", "nothing")
    if group in ("engine.samplers", "engine.measures", "engine.analyses"):
        assert f"engine: odd:thing ({group}, of odd) is left out: {reason}" in done.stderr
    assert "sampling must be one of qmc, random, lhs, not nothing" in done.stderr
    assert "Traceback" not in done.stderr
    if group == "engine.metrics":
        done = tried(tmp_path, "stress", "minimal", "--help")
        assert f"engine: odd:thing ({group}, of odd) is left out: {reason}" in done.stderr
        assert done.returncode == 0


def test_names_that_the_engine_uses_are_left_to_it(tmp_path):
    foreign(tmp_path, "engine.metrics", "loss", METRIC.format("lambda results: results"))
    foreign(tmp_path, "engine.samplers", "qmc", "def thing(names, worlds, seed, first, count): 1 / 0")
    done = tried(tmp_path, "sensitivity", "minimal", "--worlds", "40", "--sampling", "qmc", "--method", "pawn")
    for name in ("loss", "qmc"):
        assert f"of {name}) is left out: there is another {name!r}; rename one of them" in done.stderr
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("lambda results: 3.0", "as an xarray.DataArray, not a float"),
        ("lambda results: results.future_loss.mean('future')", "not values over {'policy': 1, 'world': 4}"),
        ("lambda results: results.future_loss * float('nan')", "some values are not"),
    ],
)
def test_a_metric_that_gives_other_values_is_named(tmp_path, code, reason):
    foreign(tmp_path, "engine.metrics", "odd", METRIC.format(code))
    done = tried(tmp_path, "sensitivity", "policies", "--worlds", "4", "--method", "pawn", "--metric", "odd")
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1] == (
        f"engine: the metric 'odd' must give a finite number for every (policy, world, future)"
        f"{'; ' if reason.startswith('some') else ' ' if reason.startswith('as') else ', '}{reason}"
    )


def test_a_fault_in_the_code_of_another_package_is_reported_as_such(tmp_path):
    foreign(tmp_path, "engine.metrics", "odd", METRIC.format("lambda results: results['nowhere']"))
    done = tried(tmp_path, "sensitivity", "policies", "--worlds", "4", "--method", "pawn", "--metric", "odd")
    assert done.returncode == 1
    assert "KeyError" in done.stderr
    assert done.stderr.strip().splitlines()[-1] == (
        "engine: this arose in the package odd, which extends the engine. Please report it there."
    )
