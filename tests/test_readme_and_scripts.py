"""What README and the scripts say works, works."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import engine

MINIMAL = "scenarios/minimal.yaml"


def python(*arguments, **environment):
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "MPLBACKEND": "Agg", **environment},
    )


@pytest.mark.slow
def test_the_tour_of_the_readme_runs(tmp_path):
    tour = re.search(r"```python\n(.*?)```", Path("README.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    code = tour.replace("outputs/mine.nc", str(tmp_path / "mine.nc"))
    done = python("-c", code)
    assert done.returncode == 0, done.stderr
    assert "frontier_lab" in done.stdout
    assert "world 17, future 3" in done.stdout
    assert "attainment_time" in engine.open_results(tmp_path / "mine.nc")


def test_the_scenario_of_the_readme_is_valid(tmp_path):
    written = re.search(r"```yaml\n(.*?)```", Path("README.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    variant = tmp_path / "variant.yaml"
    variant.write_text(written.replace("baseline.yaml", str(Path("scenarios/baseline.yaml").resolve())))
    scenario = engine.load_scenario(variant)
    assert (
        scenario.algorithms.efficiency_trend
        != engine.load_scenario("scenarios/baseline.yaml").algorithms.efficiency_trend
    )
    assert scenario.name == "variant"


def test_run_plot_and_pool(tmp_path):
    files = [tmp_path / f"minimal-{seed}.nc" for seed in (1, 2)]
    for seed, file in enumerate(files, start=1):
        done = python("scripts/run_scenario.py", MINIMAL, file, seed)
        assert done.returncode == 0, done.stderr
        assert "leader" in done.stdout
    picture = tmp_path / "minimal.png"
    assert python("scripts/plot_attainment.py", files[0], picture).returncode == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    pooled = python("scripts/pool_seeds.py", *files)
    assert "2 seeds" in pooled.stdout
    assert python("scripts/pool_seeds.py", files[0], files[0]).returncode == 1


def test_tell_future_tells_the_earliest():
    done = python("scripts/tell_future.py", MINIMAL, "follower", "example_capability")
    assert done.returncode == 0, done.stderr
    assert "trains example_capability" in done.stdout


def test_compare_policies_writes_a_table(tmp_path):
    scenario, table = tmp_path / "two.yaml", tmp_path / "two.csv"
    scenario.write_text(
        f"extends: {Path(MINIMAL).resolve()}\npolicies:\n  cap:\n    measures:\n"
        "      - {measure: compute_cap, max_compute: 1e26, classes: [leader]}\n"
    )
    done = python("scripts/compare_policies.py", scenario, "cap", table, 1)
    assert done.returncode == 0, done.stderr
    assert "example_capability" in done.stdout
    written = pd.read_csv(table)
    delay = written[(written.quantity == "attainment_delay") & (written.actor_class == "leader")]
    assert delay.difference.item() > 4.0 * delay.standard_error.item() > 0.0


def test_slurm_array_refuses_to_run_outside_an_array():
    done = subprocess.run(
        ["bash", "scripts/slurm_array.sh", MINIMAL], capture_output=True, text=True, env={"PATH": os.environ["PATH"]}
    )
    assert done.returncode != 0
    assert "sbatch --array" in done.stderr
