"""What README and the scripts say works, works."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr

import engine
from engine.execution.slurm import read_config

ROOT = Path(__file__).parents[1]
MINIMAL = "minimal"


@pytest.fixture
def script(monkeypatch, capsys, tmp_path):
    """Runs a script with arguments in this process, from an empty folder; returns what it prints."""
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    monkeypatch.setenv("MPLBACKEND", "Agg")

    def run(name, *arguments):
        monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
        runpy.run_path(str(ROOT / "scripts" / f"{name}.py"), run_name="__main__")
        return capsys.readouterr().out

    return run


@pytest.mark.slow
def test_the_tour_of_the_readme_runs(tmp_path):
    tour = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    code = tour.replace("outputs/mine.nc", str(tmp_path / "mine.nc"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "frontier_lab" in done.stdout
    assert "world 17, future 1" in done.stdout
    assert "attainment_time" in engine.open_results(tmp_path / "mine.nc")


def test_the_scenario_of_the_readme_is_valid(tmp_path):
    written = re.search(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    variant = tmp_path / "variant.yaml"
    variant.write_text(written.replace("baseline.yaml", str(ROOT / "scenarios" / "baseline.yaml")))
    scenario = engine.load_scenario(variant)
    assert scenario.algorithms.efficiency_trend != engine.load_scenario("baseline").algorithms.efficiency_trend
    assert scenario.name == "variant"


def test_run_plot_and_pool(tmp_path, script):
    files = [tmp_path / f"minimal-{seed}.nc" for seed in (1, 2)]
    for seed, file in enumerate(files, start=1):
        assert "leader" in script("run_scenario", MINIMAL, file, seed)
    picture = tmp_path / "minimal.png"
    script("plot_attainment", files[0], picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "2 seeds" in script("pool_seeds", *files)
    with pytest.raises(SystemExit, match="two files have the same seed"):
        script("pool_seeds", files[0], files[0])


def test_replay_future_prints_the_earliest(script):
    assert "trains example_capability" in script("replay_future", MINIMAL, "follower", "example_capability")


def test_compare_policies_writes_a_table(tmp_path, script):
    scenario, table = tmp_path / "two.yaml", tmp_path / "two.csv"
    scenario.write_text(
        f"extends: {MINIMAL}\npolicies:\n  cap:\n    measures:\n"
        "      - {measure: compute_cap, max_compute: 1e26, classes: [leader]}\n"
    )
    assert "example_capability" in script("compare_policies", scenario, "cap", table, 1)
    written = pd.read_csv(table)
    delay = written[(written.quantity == "attainment_delay") & (written.actor_class == "leader")]
    assert delay.difference.item() > 4.0 * delay.standard_error.item() > 0.0


def test_slurm_array_refuses_to_run_outside_an_array():
    done = subprocess.run(
        ["bash", ROOT / "scripts" / "slurm_array.sh", MINIMAL],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"]},
    )
    assert done.returncode != 0
    assert "sbatch --array" in done.stderr


def test_the_example_of_slurm_jobs_is_a_configuration():
    config = read_config(ROOT / "scripts" / "slurm_config.yaml")
    assert config.workers % config.processes == 0
    assert config.cores == config.processes


def test_stress_policies_writes_a_stress_test(tmp_path, script):
    scenario, target = tmp_path / "two.yaml", tmp_path / "stress.nc"
    scenario.write_text(
        f"extends: {MINIMAL}\npolicies:\n  cap:\n    measures:\n"
        "      - {measure: compute_cap, max_compute: 1e26, classes: [leader]}\n"
    )
    said = script("stress_policies", scenario, "cap", target, 1)
    assert "Share of worlds in which requirements are met" in said
    with xr.open_dataset(target) as written:
        assert list(written["policy"].values) == ["baseline", "cap"]


def test_sensitivity_and_until_precise_write_their_results(tmp_path, script):
    assert "chance explains" in script("sensitivity", MINIMAL, tmp_path / "s.nc", 1)
    with xr.open_dataset(tmp_path / "s.nc") as written:
        assert (written["total"].isel(outcome=1).sum() > 0.9).item()
    assert "The target of 0.01 is met" in script("until_precise", MINIMAL, tmp_path / "p.nc", 1, 0.01)
    with engine.open_results(tmp_path / "p.nc") as results:
        assert float(results.attainment_probability_se.max()) <= 0.01


#: A leader that earns from a skill, and a follower that steals it; three years under a cap.
SMALL = """
start: 2025
horizon: 2028
hardware: {price_performance: 1e18}
output: {investments: [1e8]}
actor_classes:
  leader: {count: 2, budget: {lognormal: {p5: 1e7, p95: 1e9}, unit: US$}, run_duration: 0.3, run_pause: 0.4}
  follower: {count: 1, budget: 10, run_duration: 0.3, run_pause: 1, theft_rate: 0.01}
capabilities:
  skill: {kind: valuable, requirement: {value: 26, unit: log10 FLOP}, benefit_rate: 1e9}
policies:
  cap:
    measures:
      - {measure: compute_cap, max_compute: 1e24, classes: [leader]}
"""


@pytest.mark.parametrize(
    ("name", "before", "after", "words", "variable"),
    [
        ("access_and_performance", (), (1,), "Access effect: real actors", "access_cause"),
        ("leads_and_windows", (), (1,), "behind the first", "lead_years"),
        ("thresholds_and_costs", (), (1,), "Cheapest run that reaches a capability", "attaining_caught"),
        ("invest_or_wait", ("leader", "cap"), (1,), "Regulation risk", "gain_over_never"),
        ("rare_event", ("follower", "skill", 2), (1,), "follower steals skill within 2 years", "probability"),
        ("large_run", (), (100, 1), "benefit is less than under the baseline", "future_benefit"),
    ],
)
def test_scripts_of_what_futures_mean_print_and_write(tmp_path, script, name, before, after, words, variable):
    scenario, target = tmp_path / "small.yaml", tmp_path / "found.nc"
    scenario.write_text(SMALL)
    assert words in script(name, scenario, *before, target, *after)
    with xr.open_dataset(target) as written:
        assert written[variable].notnull().any()
        assert written.attrs["seed"] == 1
