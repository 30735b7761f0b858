"""What the replay tells of policies: triggers, delays, refusals, thefts, incidents; two policies side by side."""

from __future__ import annotations

import re

import pytest
from helpers import with_measures

import engine
from engine.replay.side_by_side import merged, side_by_side

IDLE = {"run_duration": 20, "budget": 1.0}
#: The frontier attains at 2021.0; weights are refused until 2024; the first theft triggers a licence.
SPEC = with_measures(
    {"measure": "licensing", "threshold": 1e25, "licence_delay": 0.5, "trigger": "theft", "delay": 0.25, "duration": 2},
    {"measure": "open_weights_limit", "release_delay": float("inf"), "end": 2024},
    actor_classes={
        "frontier": {"openness": 1.0},
        "attacker": {**IDLE, "attempt_rate": 6.0, "theft_rate": 3.0, "count": 2},
    },
    capabilities={
        "skill": {
            "success_probability": 0.5,
            "loss_median": 3e6,
            "learning_lag": 0.4,
            "defence_duration": 1,
            "defence_effectiveness": 0.5,
        }
    },
)


def told(name, future=0):
    return engine.replay(SPEC, 0, future, policy=name, worlds=1, seed=3)


@pytest.mark.parametrize(
    "words",
    [
        r"attacker \d steals the weights of run \d of frontier 1",
        r"attacker \d runs a stolen model with skill",
        r"skill triggers licensing",
        r"In force: licensing",
        r"No longer in force: licensing",
        r"In force: open_weights_limit",
        r"frontier 1 waits 6\.0 months for a licence for run \d, 10\^26\.0 FLOP",
        r"frontier 1 must postpone the release of weights with skill by 3\.0 years",
        r"frontier 1 releases weights with skill",
        r"Authorities learn of skill",
        r"A defence against skill is ready",
        r"Incident: a member of attacker misuses skill, 3 million US\$ lost",
        r"\d+ incidents cost [\d.]+ million US\$; \d+ runs waited for a licence; \d releases were postponed or refused",
    ],
)
def test_the_narrative_tells(words):
    assert re.search(words, told("policy").narrative()), told("policy").narrative()


def test_a_refused_release_is_told_as_one():
    spec = with_measures(
        {"measure": "open_weights_limit", "detection_probability": 1.0}, actor_classes={"frontier": {"openness": 1.0}}
    )
    history = engine.replay(spec, 0, 0, policy="policy", worlds=1)
    assert "frontier 1 is refused the release of weights with skill" in history.narrative()
    assert history.narrative().count("is refused the release") == 1
    assert history.counts()["postponed"] == history.counts()["runs"] == 9
    assert history.counts()["weight_releases"] == 0


def test_side_by_side_shows_what_is_common_once_and_marks_the_first_difference():
    baseline, governed = told("baseline"), told("policy")
    text = side_by_side(baseline, governed)
    lines = text.splitlines()
    mark = next(i for i, line in enumerate(lines) if "first difference" in line)
    assert sum("first difference" in line for line in lines) == 1
    # Before the mark every line stands on both sides; it is put before the first that does not.
    before = [line for line in lines[:mark] if re.match(r"\d{4}\.\d\d", line)]
    assert all(" = " in line for line in before)
    assert "In force: open_weights_limit" in lines[mark + 1]
    assert not lines[mark + 1].startswith("20")
    together = merged(baseline.lines(), governed.lines())
    both, left, right = [], [], []
    for time, mine, theirs in together:
        (both if mine == theirs else left if mine else right).append(time)
    assert len(both) + len(left) == len(baseline.lines())
    assert len(both) + len(right) == len(governed.lines())


def test_the_same_policy_twice_has_no_difference():
    text = side_by_side(told("policy"), told("policy"))
    assert "No difference." in text
    assert "first difference" not in text


def test_different_futures_are_not_compared():
    with pytest.raises(ValueError, match="same seed, world and future"):
        side_by_side(told("baseline", 0), told("policy", 1))


def test_an_unknown_policy_is_refused():
    with pytest.raises(ValueError, match="did you mean 'policy'"):
        told("polcy")
