"""The first lines of a decision: what to do, the gain and its error, how sure, and what would change it."""

from __future__ import annotations

import re

import pytest
from helpers import merged, oom, scenario

from engine.analyses.decide.experiment import decide
from engine.analyses.decide.options import Option
from engine.analyses.decide.summary import decision_in_words
from engine.analyses.decide.value import ValueCurve

#: Algorithms of half an OOM a year: a run begun two years after the start is the first to have the skill.
LATER = {
    "algorithms": {"efficiency_trend": oom(0.5, "OOM/yr")},
    "capabilities": {
        "skill": {"kind": "valuable", "benefit_rate": 1e12, "requirement": oom(27.0, "log10 FLOP")},
    },
}
CAP = {"cap": {"measures": [{"measure": "compute_cap", "max_compute": 1e20}]}}


def told(options, curve=ValueCurve(), policies=(), worlds=1, **parts):  # noqa: B008
    """The dataset, and the verdict as one line of text."""
    spec = scenario(**merged(LATER, parts))
    found = decide(spec, "actor", options, curve=curve, policies=policies, worlds=worlds, futures=1)
    return found, " ".join(decision_in_words(found).split("\n\n")[0].split())


@pytest.mark.known
def test_who_gains_by_an_earlier_run_is_told_to_train_now():
    found, text = told([Option(), Option(entry_lag=3.0)])
    assert text.startswith("One actor of actor in scenario: train now, with budget x1 and data x1, for skill.")
    gain = float(found.gain_over_never.isel(policy=0, option=1, goal=0)) / 1e9
    assert f"It gains {gain:.3g} +- ? billion US$ over never training, on average; P(gain) is 100% +-?." in text
    more = gain - float(found.gain_over_never.isel(policy=0, option=2, goal=0)) / 1e9
    assert f"That is {more:.3g} +- ? billion US$ better than the best other start, budget x1, in 3 years" in text
    assert "Regulation: none was considered; --policies names those that may come." in text


@pytest.mark.known
def test_where_earlier_runs_are_in_vain_it_is_told_to_wait():
    """The first two runs, a year apart, cost and reach nothing: their price is what waiting saves."""
    _, text = told([Option(), Option(entry_lag=2.0)])
    assert "wait until 2022, then train, with budget x1 and data x1, for skill." in text
    saved = 0.1 * (1.0 + 1 / 1.08)
    more = float(re.search(r"That is (\S+) \+- \? billion US\$ better than the best other start", text)[1])
    assert more == pytest.approx(saved, rel=0.03)


@pytest.mark.known
def test_who_pays_more_than_it_earns_is_told_never_to_train_and_from_which_capture_it_pays():
    found, text = told([Option()], ValueCurve(0.001), capabilities={"skill": {"benefit_rate": 1e9}})
    assert "scenario: never train. The best plan to train, budget x1, now, data x1, for skill, loses" in text
    assert "P(gain) is 0% +-?." in text
    share = float(found.break_even_capture.isel(policy=0, option=1, goal=0))
    assert f"Capture: training pays from {100.0 * share:.3g}% +-? of the world's benefit" in text
    assert "(budget x1, now, data x1, for skill); here 0.1%." in text
    again, text = told([Option()], ValueCurve(share * 1.001), capabilities={"skill": {"benefit_rate": 1e9}})
    assert float(again.gain_over_never.max()) > 0.0
    assert "train now" in text


def test_the_capture_from_which_training_pays_is_the_least_of_all_plans():
    """A budget ten times as large is in vain; never is best, and the cheap plan pays first."""
    found, text = told([Option(10.0), Option()], ValueCurve(0.001), capabilities={"skill": {"benefit_rate": 1e9}})
    shares = found.break_even_capture.isel(policy=0, goal=0).values[1:]
    assert f"training pays from {100.0 * shares.min():.3g}% +-?" in text
    assert shares.min() < 0.9 * shares.max()


def test_what_no_capture_makes_pay_is_said_and_of_none_nothing_is_known():
    _, text = told([Option()], capabilities={"skill": {"requirement": oom(60.0, "log10 FLOP")}})
    assert "Capture: no share of the world's benefit makes training pay; here 2.2%." in text
    _, text = told([Option()], ValueCurve(0.0))
    assert "Capture: without any nothing is earned; give --capture above 0" in text


@pytest.mark.known
def test_regulation_that_ends_the_gain_is_named_with_the_probability_from_which_it_does():
    """Under the cap nothing is ever reached: (1 - p) gain = p cost."""
    spec = scenario(**merged(LATER, {"capabilities": {"skill": {"benefit_rate": 2e11}}, "policies": CAP}))
    found = decide(spec, "actor", [Option()], curve=ValueCurve(0.001), policies=["cap"], worlds=1, futures=1)
    text = " ".join(decision_in_words(found).split("\n\n")[0].split())
    free, bound = (float(found.gain_over_never.isel(policy=p, option=1, goal=0)) for p in (0, 1))
    assert free > 0.0 > bound
    share = free / (free - bound)
    shown = f"{share:.0%}" if share < 0.99 else ">99%"
    assert f"Regulation: if cap is likelier than {shown}, never to train is better." in text
    idle = {"idle": {"measures": [{"measure": "compute_cap", "start": 2029, "max_compute": 1e10}]}}
    spec = scenario(**merged(LATER, {"policies": idle}))
    found = decide(spec, "actor", [Option()], policies=["idle"], worlds=1, futures=1)
    assert "Regulation: idle does not change this, however probable." in " ".join(decision_in_words(found).split())


@pytest.mark.parametrize(("least", "unsure"), [(4e8, True), (4e10, False)])
def test_a_gain_within_two_errors_is_called_not_sure(least, unsure):
    """An uncertain benefit about what training costs, and one of a hundred times that."""
    benefit = {"lognormal": {"p5": least, "p95": 50.0 * least}, "max": 1e13}
    found, text = told([Option()], worlds=32, capabilities={"skill": {"benefit_rate": benefit}})
    here = found.isel(policy=0, option=1, goal=0)
    assert (abs(float(here.gain_over_never)) <= 2.0 * float(here.gain_over_never_se)) == unsure
    assert ("The sign is not sure (two errors)." in text) == unsure
    assert f"P(gain) is {100.0 * float(here.gain_probability):.3g}% +-" in text
