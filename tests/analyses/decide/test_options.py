"""What an actor can choose, the actor as a class of its own, and its numbers in every world."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from helpers import merged, oom, scenario, scenario_data
from small_run import POLICIES, RICH, SEED

import engine
from engine.analyses.decide.goals import world_gain
from engine.analyses.decide.options import ACTOR, NEVER, Option, choose, option_grid, with_actor
from engine.scenario import WorldSampler

#: Uncertain numbers of every sort of the class that an actor is taken from.
UNCERTAIN = {
    "actor_classes": {
        "lab": {
            "count": 4,
            "budget": {"lognormal": {"p5": 1e7, "p95": 1e9}},
            "budget_growth": {"normal": {"mean": 0.2, "sd": 0.05}, "unit": "OOM/yr"},
            "budget_ceiling": {"lognormal": {"p5": 1e10, "p95": 1e11}},
            "budget_spread": 0.4,
            "procurement_lag": {"uniform": {"low": 0.1, "high": 0.5}},
            "research_share": {"lognormal": {"p5": 0.2, "p95": 0.6}},
            "elicitation_mean": {"normal": {"mean": -0.3, "sd": 0.1}},
            "proprietary_tokens": {"lognormal": {"p5": 1e11, "p95": 1e13}},
            "entry_lag": {"uniform": {"low": 0.0, "high": 1.0}},
            "security": {"beta": {"p5": 0.2, "p95": 0.8}},
        },
        "follower": {"research_share": 0.5},
    },
    "correlations": [
        {"between": ["actor_classes.lab.budget", "actor_classes.lab.research_share"], "rank": 0.8},
    ],
}
#: What an option changes.
MOVED = ("budget", "budget_ceiling", "proprietary_tokens", "entry_lag", "research_share", "budget_spread")


@pytest.fixture(scope="module")
def uncertain():
    return engine.parse_scenario(scenario_data(**UNCERTAIN), "uncertain")


def worlds_of(spec, actor_class, option):
    """Worlds before and after the choice, and the places of the actor and of its class."""
    alone, name = with_actor(spec, actor_class)
    plain = WorldSampler(alone, 30, SEED).worlds()
    chosen = WorldSampler(alone, 30, SEED, change=choose(alone, actor_class, name, option)).worlds()
    return plain, chosen, alone.class_number(name), alone.class_number(actor_class)


# Options.


def test_a_grid_is_every_combination_once_after_never():
    options = option_grid([0.1, 10.0, 0.1], [0.0, 2.0], [1.0, 5.0])
    assert options[0] == NEVER
    assert options[1:] == [Option(b, lag, d) for b in (0.1, 10.0) for lag in (0.0, 2.0) for d in (1.0, 5.0)]
    assert len(option_grid()) == 1 + 3 * 3 * 2
    assert option_grid([], [0.0], [1.0]) == [NEVER]


def test_options_are_named_by_what_they_choose():
    assert NEVER.name == "never"
    assert Option().name == "budget x1, now, data x1"
    assert Option(0.1, 2.5, 10.0).name == "budget x0.1, in 2.5 years, data x10"
    names = [option.name for option in option_grid()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"budget_factor": 0.0}, r"budget_factor \(--budgets\) must be above 0, such as 0.1, not 0"),
        ({"budget_factor": np.inf}, r"budget_factor \(--budgets\) must be above 0"),
        ({"budget_factor": np.nan}, r"budget_factor \(--budgets\) must be above 0"),
        ({"data_factor": -1.0}, r"data_factor \(--data\) must be above 0, such as 10 or inf, not -1"),
        ({"entry_lag": -0.5}, r"entry_lag \(--starts\) must be at least 0 years, not -0.5"),
        ({"entry_lag": np.nan}, r"entry_lag \(--starts\) must be at least 0 years"),
    ],
)
def test_bad_numbers_are_refused(chosen, words):
    with pytest.raises(ValueError, match=words):
        Option(**chosen)


# The actor as a class of its own.


def test_where_members_are_real_the_class_has_one_less(uncertain):
    alone, name = with_actor(uncertain, "lab")
    assert name == ACTOR
    assert alone.class_names == ["lab", "follower", ACTOR]
    assert (alone.actor_classes["lab"].count, alone.actor_classes[ACTOR].count) == (3, 1)
    assert uncertain.actor_classes["lab"].count == 4
    assert list(uncertain.actor_classes) == ["lab", "follower"]


def test_where_a_member_stands_for_several_the_class_keeps_its_members():
    spec = scenario(actor_classes={"lab": {"count": 1, "represents": 5, "budget_spread": 0.3}})
    alone, name = with_actor(spec, "lab")
    assert (alone.actor_classes["lab"].count, alone.actor_classes["lab"].represents) == (1, 5)
    assert (alone.actor_classes[name].count, alone.actor_classes[name].represents) == (1, 1)


def test_a_class_of_one_is_the_actor_itself_with_its_median_budget():
    spec = scenario(actor_classes={"only": {"budget_spread": 0.3}, "other": {"count": 2}})
    alone, name = with_actor(spec, "only")
    assert name == "only"
    assert alone.class_names == ["only", "other"]
    assert alone.actor_classes["only"].budget_spread.parameters == {"value": 0.0}


def test_a_class_of_one_with_newcomers_loses_one_of_those():
    """As many real actors as before, at most; one that stands for several loses none."""
    spec = scenario(actor_classes={"lab": {"newcomers": 3, "newcomer_rate": 0.5}})
    alone, name = with_actor(spec, "lab")
    left = alone.actor_classes["lab"]
    assert (left.count, left.newcomers, alone.actor_classes[name].simulated) == (1, 2, 1)
    several = scenario(actor_classes={"lab": {"newcomers": 3, "newcomer_rate": 0.5, "represents": 2}})
    left = with_actor(several, "lab")[0].actor_classes["lab"]
    assert (left.count, left.newcomers) == (1, 3)


def test_unknown_classes_taken_names_and_full_scenarios_are_refused():
    with pytest.raises(ValueError, match="no actor class is called 'labs'; did you mean 'lab'"):
        with_actor(scenario(actor_classes={"lab": {}}), "labs")
    with pytest.raises(ValueError, match="already has an actor class called the_actor; give it another name"):
        with_actor(scenario(actor_classes={"lab": {"count": 2}, ACTOR: {}}), "lab")
    full = {f"class_{n}": {"count": 2} for n in range(16)}
    with pytest.raises(ValueError, match="has 16 actor classes, so there is no room for that of the actor"):
        with_actor(scenario(actor_classes=full), "class_3")
    single = full | {"class_3": {"count": 1}}
    assert with_actor(scenario(actor_classes=single), "class_3")[1] == "class_3"


def test_measures_that_name_the_class_bind_the_actor_and_others_do_not():
    policies = {
        "p": {
            "measures": [
                {"measure": "compute_cap", "max_compute": 1e24, "classes": ["lab"]},
                {"measure": "compute_cap", "max_compute": 1e24, "classes": ["follower"]},
                {"measure": "compute_cap", "max_compute": 1e24},
            ]
        }
    }
    spec = scenario(**merged(UNCERTAIN, {"policies": policies}))
    named, other, everyone = with_actor(spec, "lab")[0].policies["p"].measures
    assert named.classes == ["lab", ACTOR]
    assert other.classes == ["follower"]
    assert everyone.classes is None
    assert spec.policies["p"].measures[0].classes == ["lab"]


def test_relations_and_refusals_of_the_class_are_those_of_the_actor():
    """The follower serves the lab no service, and the labs are slow to take up what they do not find together."""
    policies = {
        "p": {
            "measures": [
                {"measure": "hosting_safeguards", "classes": ["follower"], "refuses": ["lab"]},
                {"measure": "hosting_safeguards", "refuses": ["follower"]},
            ]
        }
    }
    relations = {
        "closed": {"of": ["follower"], "to": ["lab"], "serves": False, "theft_factor": 0.5},
        "apart": {"of": ["lab"], "to": ["lab", "follower"], "lag_factor": 4.0},
    }
    spec = scenario(**merged(UNCERTAIN, {"policies": policies, "relations": relations}))
    alone, name = with_actor(spec, "lab")
    relation = WorldSampler(alone, 1, SEED).worlds()[0].relation
    lab, follower, actor = (alone.class_number(one) for one in ("lab", "follower", name))
    others = [c for c in range(len(alone.actor_classes)) if c != actor]
    np.testing.assert_array_equal(relation[actor, others], relation[lab, others])
    np.testing.assert_array_equal(relation[others, actor], relation[others, lab])
    assert relation[follower, actor] == 1
    assert relation[actor, actor] == relation[lab, lab] == 2
    first, second = alone.policies["p"].measures
    assert (first.classes, first.refuses) == (["follower"], ["lab", ACTOR])
    assert (second.classes, second.refuses) == (None, ["follower"])
    assert spec.relations["closed"].to == ["lab"]


def test_a_cap_on_the_class_holds_the_actor():
    """1e24 FLOP in place of 1e26: it does not attain, and without the cap it does, with its first run."""
    cap = {"measure": "compute_cap", "max_compute": 1e24, "classes": ["lab"]}
    spec = scenario(actor_classes={"lab": {"count": 2}}, policies={"p": {"measures": [cap]}})
    alone, name = with_actor(spec, "lab")
    change = choose(alone, "lab", name, Option())
    times = engine.simulate(alone, 1, 1, keep="samples", change=change).attainment_time.sel(actor_class=name)
    np.testing.assert_array_equal(times.squeeze(), [2021.0, np.nan])


# Its numbers in every world.


def test_the_actor_has_its_classs_numbers_in_every_world(uncertain):
    """Those that no option moves, also correlated ones; drawn by themselves they would differ."""
    plain, chosen, actor, one_of = worlds_of(uncertain, "lab", Option())
    keys = [
        key for key, _ in uncertain.actor_classes["lab"].numbers() if key not in ("research_share", "budget_spread")
    ]
    for key in keys:
        np.testing.assert_array_equal(chosen[key][:, actor], chosen[key][:, one_of], err_msg=key)
        np.testing.assert_array_equal(chosen[key][:, one_of], plain[key][:, one_of], err_msg=key)
    assert (plain["budget"][:, actor] != plain["budget"][:, one_of]).all()
    assert (chosen["budget_spread"][:, actor] == 0.0).all()
    assert (chosen["budget_spread"][:, one_of] == 0.4).all()


def test_an_option_moves_budget_ceiling_data_and_start_and_nothing_else(uncertain):
    """In carried units: log10 and years."""
    _, usual, actor, one_of = worlds_of(uncertain, "lab", Option())
    _, chosen, _, _ = worlds_of(uncertain, "lab", Option(0.1, 2.0, 100.0))
    for key, by in (("budget", -1.0), ("budget_ceiling", -1.0), ("proprietary_tokens", 2.0), ("entry_lag", 2.0)):
        np.testing.assert_allclose(chosen[key][:, actor] - usual[key][:, actor], by, rtol=1e-12)
        np.testing.assert_array_equal(chosen[key][:, one_of], usual[key][:, one_of])
    for key in usual.dtype.names:
        if key not in MOVED:
            np.testing.assert_array_equal(chosen[key], usual[key], err_msg=key)


@pytest.mark.parametrize(("represents", "share"), [(1, 1 / 4), (3, 1 / 13)])
def test_the_actor_does_its_part_of_the_classs_research_and_the_sum_stays(uncertain, represents, share):
    """One of four real members; or one more beside 12."""
    spec = scenario(**merged(UNCERTAIN, {"actor_classes": {"lab": {"represents": represents}}}))
    plain, chosen, actor, one_of = worlds_of(spec, "lab", Option())
    # Worlds divide shares by their sum; the actor's own draw is no part of the class's.
    whole, other = (
        chosen["research_share"][:, one_of] + chosen["research_share"][:, actor],
        spec.class_number("follower"),
    )
    np.testing.assert_allclose(chosen["research_share"][:, actor], share * whole, rtol=1e-12)
    np.testing.assert_allclose(
        whole / chosen["research_share"][:, other],
        plain["research_share"][:, one_of] / plain["research_share"][:, other],
        rtol=1e-9,
    )


def test_how_many_may_enter_later_changes_neither_a_share_of_research_nor_the_benefit_of_all():
    """At most so many: few of them, or none, may ever enter."""
    found = []
    for newcomers in (0, 1000):
        lab = {"newcomers": newcomers, "newcomer_rate": 0.01} if newcomers else {}
        good = {"kind": "valuable", "requirement": 1e25, "benefit_rate": 1e9}
        spec = scenario(**merged(UNCERTAIN, {"actor_classes": {"lab": lab}, "capabilities": {"good": good}}))
        _, chosen, actor, _ = worlds_of(spec, "lab", Option())
        gain = world_gain(spec, WorldSampler(spec, 30, SEED).worlds())
        found.append((chosen["research_share"][:, actor], gain.values))
    np.testing.assert_array_equal(*(np.concatenate([part.ravel() for part in one]) for one in found))


def test_the_others_futures_are_those_without_the_actor_where_nothing_reaches_them():
    """Never to train: every other class attains as it does in the scenario with one member less."""
    parts = merged(RICH, {"actor_classes": {"lab": {"openness": 0.0}, "follower": {"count": 3, "theft_rate": 0.0}}})
    spec = engine.parse_scenario(scenario_data(**merged(parts, {"actor_classes": {"outsider": {"theft_rate": 0.0}}})))
    alone, name = with_actor(spec, "follower")
    fewer = engine.parse_scenario(
        scenario_data(
            **merged(parts, {"actor_classes": {"outsider": {"theft_rate": 0.0}, "follower": {"count": 2}}}),
        )
    )
    change = choose(alone, "follower", name, NEVER)
    with_it = engine.simulate(alone, 10, 5, SEED, keep="samples", change=change).attainment_time
    without = engine.simulate(fewer, 10, 5, SEED, keep="samples").attainment_time
    assert np.isnan(with_it.sel(actor_class=name)).all()
    np.testing.assert_array_equal(with_it.sel(actor_class=fewer.class_names), without)
    assert without.notnull().mean() > 0.3


def test_more_budget_never_delays_attainment():
    """In any of the same futures."""
    spec = engine.parse_scenario(
        scenario_data(**merged(RICH, {"actor_classes": {"lab": {"count": 3}}}), policies=POLICIES)
    )
    alone, name = with_actor(spec, "lab")

    def times(option):
        change = choose(alone, "lab", name, option)
        results = engine.simulate(alone, 12, 5, SEED, policies=(), keep="samples", change=change)
        return results.attainment_time.sel(actor_class=name).fillna(np.inf)

    by_budget = [times(Option(factor)) for factor in (0.1, 1.0, 10.0)]
    for less, more in pairwise(by_budget):
        assert (more <= less).all()
        assert (more < less).any()


@pytest.mark.known
def test_data_of_its_own_lets_a_run_reach_what_scarce_data_did_not():
    """1e26 FLOP need ten times the public tokens; each missing OOM costs one: 1e25 with the class's, 1e26 with more."""
    data = {"optimal_tokens": 1e12, "token_stock": 1e12, "shortfall_penalty": 1.0}
    classes = {"lab": {"count": 2, "proprietary_tokens": 1e11}}
    spec = scenario(data=data, actor_classes=classes, capabilities={"skill": {"requirement": oom(25.9, "log10 FLOP")}})
    alone, name = with_actor(spec, "lab")
    for factor, year in ((1.0, np.nan), (1000.0, 2021.0)):
        change = choose(alone, "lab", name, Option(data_factor=factor))
        times = engine.simulate(alone, 1, 1, keep="samples", change=change).attainment_time
        np.testing.assert_array_equal(times.sel(actor_class=name).squeeze(), year)
        assert np.isnan(times.sel(actor_class="lab")).all()
