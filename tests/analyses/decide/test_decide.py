"""A whole decision: paired options, goals, break-even points, labels and words."""

from __future__ import annotations

import re
from itertools import product

import numpy as np
import pytest
import xarray as xr
from helpers import merged, oom, scenario, scenario_data
from small_run import POLICIES, RICH, SEED
from written import assert_labelled_and_survives

import engine
from engine.analyses.decide.experiment import decide
from engine.analyses.decide.options import NEVER, Option, choose, with_actor
from engine.analyses.decide.regulation import break_even
from engine.analyses.decide.summary import decision_in_words
from engine.analyses.decide.value import ValueCurve
from engine.execution import Execution

WORLDS, FUTURES = 10, 5
OPTIONS = (Option(), Option(10.0), Option(10.0, 2.0), Option(10.0, 2.0, 5.0))
CURVE = ValueCurve(0.3, 1.0, 0.1)
#: The small scenario with three labs and two valuable capabilities, which are worth training for.
WORTH = merged(
    RICH,
    {
        "actor_classes": {"lab": {"count": 3}},
        "capabilities": {
            "late": {"benefit_rate": {"lognormal": {"p5": 1e8, "p95": 1e10}}},
            "sooner": {"kind": "valuable", "requirement": oom(27.5, "log10 FLOP"), "benefit_rate": 3e8},
            "worthless": {"kind": "valuable", "requirement": oom(26.5, "log10 FLOP")},
        },
    },
)


@pytest.fixture(scope="module")
def spec():
    return engine.parse_scenario(scenario_data(**WORTH, policies=POLICIES), "worth")


def decided(spec, options=OPTIONS, curve=CURVE, policies=("caution", "brake"), **more):
    size = {"worlds": WORLDS, "futures": FUTURES, "seed": SEED, "sampling": "random", **more}
    return decide(spec, "lab", options, curve=curve, policies=policies, **size)


@pytest.fixture(scope="module")
def found(spec):
    return decided(spec)


def by_option(decision):
    """A decision without what it says of the best option for each goal, which depends on all options."""
    best = [name for name, values in decision.variables.items() if values.dims in (("goal",), ("goal", "year"))]
    return decision.drop_vars([name for name in best if name != "goal"]).drop_attrs()


def test_never_gains_exactly_nothing_and_costs_nothing(found):
    never = found.sel(option="never")
    for name in ("gain", "gain_over_never", "gain_over_never_se", "gain_probability", "cost"):
        assert (never[name] == 0.0).all(), name
    assert np.isnan(never.break_even_capture).all()
    assert (never.value > 0.0).any()


def test_parts_make_the_whole(found):
    """Net present value, gains and means are those of single futures."""
    np.testing.assert_allclose(found.net_present_value, found.value - found.cost, rtol=1e-9, atol=1e-3)
    np.testing.assert_allclose(found.gain_over_never, found.gain.mean(["world", "future"]), rtol=1e-9, atol=1e-3)
    error = found.gain.mean("future").std("world", ddof=1) / np.sqrt(WORLDS)
    np.testing.assert_allclose(found.gain_over_never_se, error, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(found.gain_probability, (found.gain > 0.0).mean(["world", "future"]), rtol=1e-12)
    less_never = found.net_present_value - found.net_present_value.isel(option=0, drop=True)
    np.testing.assert_allclose(found.gain_over_never, less_never, rtol=1e-6, atol=1.0)
    assert (found.lead_value <= found.value * (1.0 + 1e-9)).all()
    assert (found.gain_over_never.isel(option=slice(1, None)) != 0.0).any()


def test_goals_are_valuable_capabilities_that_earn_the_easiest_first(found):
    """What earns nothing is no goal; a further goal costs no less."""
    assert list(found["goal"].values) == ["sooner", "late"]
    assert (found.cost.diff("goal") >= 0.0).all()
    assert (found.value.isel(option=0, goal=0) == found.value.isel(option=0, goal=1)).all()


def test_the_first_is_who_attains_before_everyone_else(found, spec):
    """Counted again in the same futures, for an option and a policy; the lead is cut at the horizon.

    Those who attain at the same moment, and later if the actor never trains, have its own weights.
    """
    alone, name = with_actor(spec, "lab")

    def times(option, policy, goal):
        """When the actor and the first of the others attain."""
        size = {"policies": ["brake"], "keep": "samples", "sampling": "random"}
        change = choose(alone, "lab", name, option)
        samples = engine.simulate(alone, WORLDS, FUTURES, SEED, **size, change=change)
        found = samples.attainment_time.sel(policy=policy, capability=goal).fillna(np.inf)
        return found.sel(actor_class=name).values, found.drop_sel(actor_class=name).min("actor_class").values

    ties = 0
    for option, policy, goal in product((Option(), Option(10.0)), ("baseline", "brake"), ("sooner", "late")):
        own, others = times(option, policy, goal)
        given = (own == others) & (own < times(NEVER, policy, goal)[1])
        lead = np.where(own < others, np.minimum(others, 2032.0) - np.minimum(own, 2032.0), 0.0)
        here = found.sel(policy=policy, option=option.name, capability=goal)
        assert float(here.first_probability) == pytest.approx(((own < others) | given).mean(), abs=1e-12)
        assert float(here.expected_lead) == pytest.approx(lead.mean(), abs=1e-4)
        ties += int(given.sum())
    assert ties > 0
    assert (
        0.0 < float(found.first_probability.sel(policy="baseline", option=Option(10.0).name, capability="late")) < 1.0
    )


def test_with_the_break_even_share_an_option_gains_nothing_on_average(found, spec):
    """Value is in proportion to the share, cost is not: decided again with it."""
    option = Option(10.0)
    even = found.break_even_capture.sel(policy="baseline", option=option.name, goal="late")
    assert 0.0 < float(even) < 1.0
    again = decided(spec, [option], ValueCurve(float(even), CURVE.rivalry, CURVE.discount_rate), ())
    here = again.sel(policy="baseline", option=option.name, goal="late")
    assert abs(float(here.gain_over_never)) < 1e-6 * float(here.cost)
    assert float(here.break_even_capture) == pytest.approx(float(even), rel=1e-9)
    error = found.break_even_capture_se.sel(policy="baseline", option=option.name, goal="late")
    assert 0.0 < float(error) < float(even)


def test_who_captures_nothing_has_only_cost(spec):
    nothing = decided(spec, [Option()], ValueCurve(0.0), ())
    assert (nothing.value == 0.0).all()
    np.testing.assert_array_equal(nothing.gain_over_never, -nothing.cost)
    assert np.isnan(nothing.break_even_capture).all()
    assert "nan" not in decision_in_words(nothing)


def test_an_option_does_not_depend_on_the_others(found, spec):
    """All are played in the same futures; nor does one policy on another."""
    few = decided(spec, [Option(10.0)], CURVE, ("brake",))
    same = found.sel(policy=["baseline", "brake"], option=["never", Option(10.0).name])
    xr.testing.assert_identical(by_option(few), by_option(same))


def test_threads_do_not_matter(found, spec):
    few = decided(spec, OPTIONS[:1], execution=Execution(threads=2))
    xr.testing.assert_identical(by_option(few), by_option(found.isel(option=[0, 1])))


def test_never_is_there_once_however_options_are_given(spec):
    given = decided(spec, [Option(), NEVER, Option()], policies=())
    assert list(given["option"].values) == ["never", Option().name]


# Regulation.


@pytest.mark.known
@pytest.mark.parametrize(
    ("free", "bound", "expected"),
    [
        # Gains over never 4 and -6: (1 - p) 4 - p 6 = 0 at p = 0.4.
        ([0.0, 4.0], [0.0, -6.0], (0.4, 0)),
        # From the second on to the third at 5 - 9 p = 3 - 2 p, before never at 5/9.
        ([0.0, 5.0, 3.0], [0.0, -4.0, 1.0], (2 / 7, 2)),
        # Regulation helps who waits: 4 - 4 p = 3 + 2 p.
        ([0.0, 4.0, 3.0], [0.0, 0.0, 5.0], (1 / 6, 2)),
        # It changes nothing, or makes the best better.
        ([0.0, 4.0], [0.0, 4.0], (np.nan, 1)),
        ([0.0, 4.0, 1.0], [0.0, 9.0, 1.0], (np.nan, 1)),
        # Never is the best until regulation comes that rewards training.
        ([0.0, -1.0], [0.0, 3.0], (0.25, 1)),
    ],
)
def test_the_probability_at_which_another_option_is_better(free, bound, expected):
    """Mean gains are linear in the probability of the regulation."""
    free, bound = np.array(free), np.array(bound)
    best = int(free.argmax())
    share, other = break_even(free, bound, best)
    np.testing.assert_allclose(share, expected[0])
    assert other == expected[1]
    if np.isfinite(share):
        for p, wins in ((share - 1e-6, best), (share + 1e-6, other)):
            assert int(((1 - p) * free + p * bound).argmax()) == wins


# Errors.


def test_unknown_names_are_refused(spec):
    with pytest.raises(ValueError, match="no actor class is called 'labs'; did you mean 'lab'"):
        decide(spec, "labs", worlds=2, futures=1)
    with pytest.raises(ValueError, match="no policy is called 'cautious'; did you mean 'caution'"):
        decide(spec, "lab", policies=["cautious"], worlds=2, futures=1)


def test_without_anything_that_earns_there_is_no_decision():
    for capability in ({"kind": "dangerous"}, {"kind": "valuable"}):
        with pytest.raises(ValueError, match="has no valuable capability with a benefit_rate; give one a benefit_rate"):
            decide(scenario(capabilities={"skill": capability}), "actor", worlds=2, futures=1)


def test_without_an_option_to_train_there_is_no_decision(spec):
    for options in ([], [NEVER]):
        with pytest.raises(ValueError, match="there is no option to train; give at least one"):
            decided(spec, options)


# Labels and words.

#: Dimensions of what is said of own data, but for what is by (policy, option, goal) as the rest.
DATA = {
    **{f"unlimited_{name}": {"goal"} for name in ("data_gain", "data_years_earlier", "attainment_probability")},
    **{name: {"goal", "year"} for name in ("short_probability", "lost_compute", "missing_tokens")},
    "own_token_share": set(),
    "added_tokens": {"option"},
}


def test_dimensions_labels_and_files(found, tmp_path):
    of_option = {"policy", "option"}
    for name, variable in found.data_vars.items():
        plain = str(name).removesuffix("_se")
        if (dims := DATA.get(plain)) is not None:
            assert set(variable.dims) == dims, name
            continue
        dims = of_option | ({"capability"} if str(name).startswith(("first", "expected")) else {"goal"})
        dims |= {"quantile"} if name == "net_present_value_quantile" else set()
        dims |= {"world", "future"} if name == "gain" else set()
        assert set(variable.dims) == dims, name
    assert list(found["option"].values) == ["never", *(option.name for option in OPTIONS)]
    np.testing.assert_array_equal(found.budget_factor, [1.0] + [option.budget_factor for option in OPTIONS])
    np.testing.assert_array_equal(found.data_factor, [1.0] + [option.data_factor for option in OPTIONS])
    np.testing.assert_array_equal(found.entry_lag[1:], [option.entry_lag for option in OPTIONS])
    assert list(found["policy"].values) == ["baseline", "caution", "brake"]
    assert (found.attrs["actor_class"], found.attrs["scenario_name"]) == ("lab", "worth")
    assert (found.attrs["capture"], found.attrs["rivalry"], found.attrs["discount_rate"]) == (0.3, 1.0, 0.1)
    assert_labelled_and_survives(found, tmp_path)


def test_words_are_the_numbers_of_the_dataset(found):
    text = decision_in_words(found)
    assert "nan" not in text
    assert max(map(len, text.splitlines())) <= 150
    assert "earns 30.0% of the world's benefit if all had access, divided by n^1" in text
    baseline = text.split("Under baseline")[1].split("Under caution")[0]
    rows = re.findall(
        r"^  x10 +now +x1 +(\w+) +(\S+) +(\S+) +(\S+) +(\S+) \+- (\S+) +.* (\S+)% \+-\S+ +(\S+)% \+-\S+$",
        baseline,
        re.M,
    )
    ((goal, *cells, share),) = rows
    here = found.sel(policy="baseline", option=Option(10.0).name)
    assert goal == str(here["goal"][int(here.gain_over_never.argmax("goal"))].item())
    here = here.sel(goal=goal)
    told = [float(cell.replace(",", "")) for cell in cells]
    for value, name in zip(
        told, ("cost", "value", "lead_value", "gain_over_never", "gain_over_never_se"), strict=False
    ):
        assert value == pytest.approx(float(here[name]) / 1e9, rel=0.05), name
    assert told[-1] == pytest.approx(100.0 * float(here.gain_probability), rel=0.01)
    assert float(share) == pytest.approx(100.0 * float(here.break_even_capture), rel=0.01)
    best = found.gain_over_never.sel(policy="baseline").stack(plan=("option", "goal"))
    assert "Best on average: {}, for {}".format(*best["plan"].values[int(best.argmax("plan"))]) in baseline
    first = re.search(r"^  late .*?(\d+)% (\S+) .*$", text, re.M)
    chosen = found.sel(policy="baseline", option=Option().name, capability="late")
    assert float(first[1]) == pytest.approx(100.0 * float(chosen.first_probability), abs=0.51)
    assert float(first[2]) == pytest.approx(float(chosen.expected_lead), abs=0.0051)
    assert re.search(
        r"^  caution: the best plan to train, budget x10, .*,\n    gains \S+, and \S+ under it;$", text, re.M
    )


def test_words_of_one_world_know_no_error(spec):
    text = decision_in_words(decided(spec, [Option(data_factor=5.0)], policies=(), worlds=1, futures=2))
    assert "nan" not in text
    assert "standard errors unknown; data x5" in text
