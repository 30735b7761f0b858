"""A run that is killed at random moments and resumed; `python tests/crashes.py` does it fifty times."""

from __future__ import annotations

import random

import pytest
from crashes import Run, crash, played


@pytest.mark.slow
def test_a_killed_run_is_resumed_to_the_bit(tmp_path, scenario_file):
    run = Run(str(scenario_file), worlds=1000, futures=5, chunk=250, samples=True)
    expected = played(run, tmp_path / "whole")
    chance = random.Random(7)
    kept = crash(run, tmp_path / "killed", expected, [(0.2, chance.uniform(0.0, 0.1)), (0.6, chance.uniform(0.0, 0.1))])
    assert kept
