"""Newcomers beyond the most that may enter are named."""

from __future__ import annotations

import re

import numpy as np
import pytest
from helpers import oom, scenario
from scipy import stats
from shell import call

from engine.rules.entry import entry_time
from engine.scenario import WorldSampler
from engine.scenario.entries import entries_left_out, expected_entries


@pytest.mark.known
@pytest.mark.parametrize("growth", [0.0, 1e-12, 0.05, -0.1])
def test_what_is_expected_is_the_inverse_of_the_rule(growth):
    """The rule gives the time by which so many entries are expected."""
    spec = scenario(
        actor_classes={"a": {"newcomers": 2, "newcomer_rate": 0.8, "newcomer_growth": oom(growth, "OOM/yr")}}
    )
    world = np.asarray(WorldSampler(spec, 1, 0).worlds())[0]
    world = world.view(np.dtype((np.record, world.dtype)))
    expected = float(expected_entries(np.array(0.8), np.array(growth), 5.0))
    assert float(entry_time(world, 0, expected)) == pytest.approx(spec.start + 5.0, abs=1e-6)


def test_a_class_is_named_with_the_share_of_futures_in_which_more_would_enter():
    """8 are expected in ten years: more than 6 in 69% of futures, and more than 30 hardly ever."""
    of = {"newcomer_rate": 0.8}
    spec = scenario(actor_classes={"few": {"newcomers": 6, **of}, "many": {"newcomers": 30, **of}, "still": {}})
    (sentence,) = entries_left_out(spec)
    assert sentence.startswith(
        f"few: in {stats.poisson.sf(6, 8.0):.0%} of futures more than 6 members would enter by 2030,"
    )
    assert list(entries_left_out(scenario())) == []


def test_validate_says_so(monkeypatch, capsys, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "extends: minimal\nactor_classes:\n  follower: {newcomers: 1, newcomer_rate: {value: 2, unit: per year}}\n"
    )
    code, out, _ = call(monkeypatch, capsys, "validate", path)
    assert code == 0
    assert re.search(r"^follower: in \d+% of futures more than 1 members would enter", out, re.M)
