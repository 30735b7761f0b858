"""What the literature says of governance must be true of the library of policies, and what policies cost must show.

Pilz, Heim & Brown 2024 (arXiv:2311.15377v2): restrictions buy time, diffusion goes on; a static threshold erodes.
"""

from __future__ import annotations

import numpy as np
import pytest
from one_future import play

import engine
from engine.montecarlo.clock import EVERYTHING
from engine.montecarlo.future import Setting, new_future
from engine.montecarlo.tally import log10_thresholds
from engine.scenario import WorldSampler, library

pytestmark = [pytest.mark.known, pytest.mark.statistics]

SEED = 20_231_115
LIBRARY = engine.load_scenario("policies")
RESTRICTIONS = ("compute_cap", "licensing_above_1e26", "export_control", "publication_restraint", "open_weights_limit")
#: Scenarios with the policies of the library.
VARIANTS = sorted(
    path.stem for path in library.FOLDER.glob("*.yaml") if path.stem not in ("baseline", "minimal", "hindcast_2018")
)


@pytest.fixture(scope="module")
def library():
    """300 worlds of 10 futures under every policy."""
    return engine.simulate(LIBRARY, 300, 10, SEED)


def test_the_library_has_the_policies_it_should_have():
    named = {name for policy in LIBRARY.policies.values() for name in (m.measure for m in policy.measures)}
    assert len(LIBRARY.policies) >= 8
    assert len(named) == 12, "every kind of measure is used"
    for name, policy in LIBRARY.policies.items():
        assert policy.source, name
        assert policy.description, name


@pytest.mark.parametrize("policy", RESTRICTIONS)
def test_restrictions_delay_valuable_capabilities_too(library, policy):
    """Mean delay over classes of each valuable capability, and less benefit: four standard errors."""
    one = library.sel(policy=policy)
    valuable = one.capability[one.capability_kind == "valuable"]
    delay = one.attainment_delay.sel(capability=valuable)
    assert float(delay.mean()) > 0.0
    later = delay > 4.0 * one.attainment_delay_se.sel(capability=valuable)
    assert bool(later.any())
    assert float(one.benefit_mean_difference) < -4.0 * float(one.benefit_mean_difference_se)


@pytest.mark.parametrize("policy", RESTRICTIONS)
def test_restrictions_buy_time_and_do_not_stop_diffusion(library, policy):
    """The malicious have the easier dangerous capabilities by the horizon in most futures all the same."""
    has = library.attainment_probability.sel(actor_class="malicious_group", capability="autonomous_cyber_attack")
    assert float(has.sel(policy=policy).isel(time=-1)) > 0.8


def test_secrecy_lengthens_the_lead_of_the_leaders():
    """Publication restraint of the leaders alone: others attain later, they themselves do not."""
    data = {
        "start": 2025,
        "horizon": 2040,
        "hardware": {"price_performance": 1e18},
        "algorithms": {"breakthrough_rate": 4, "small_gain_mean": 0.2, "published_lag": 0.3, "secret_lag": 2.0},
        "actor_classes": {
            "leader": {"count": 3, "budget": 1e9, "run_duration": 0.25, "run_pause": 0.25, "research_share": 4},
            "follower": {"count": 5, "budget": 1e8, "run_duration": 0.25, "run_pause": 0.25, "research_share": 1},
        },
        "capabilities": {"skill": {"kind": "valuable", "requirement": {"value": 29, "unit": "log10 FLOP"}}},
        "policies": {
            "secrecy": {"measures": [{"measure": "publication_control", "least_secrecy": 0.95, "classes": ["leader"]}]}
        },
    }
    results = engine.simulate(engine.parse_scenario(data), 1, 1000, SEED).squeeze("capability")
    lead = results.lead_time.sel(actor_class="follower", quantile=0.5)
    assert float(lead.sel(policy="secrecy")) > float(lead.sel(policy="baseline")) + 0.5
    delay = results.attainment_delay.sel(policy="secrecy")
    assert float(delay.sel(actor_class="leader")) < 0.1 * float(delay.sel(actor_class="follower"))


def test_a_static_threshold_catches_ever_fewer_of_the_runs_that_reach_a_capability():
    """Of the runs by which actors attain it, those of at least 1e27 FLOP, by the year in which they finish."""
    k, threshold = LIBRARY.capability_names.index("autonomous_cyber_attack"), 27.0
    records, policies = WorldSampler(LIBRARY, 150, SEED).draw()
    future = new_future(LIBRARY, records, policies)
    step = (LIBRARY.horizon - LIBRARY.start) / (len(LIBRARY.time_grid) - 1)
    years, compute = [], []
    for w, record in enumerate(records):
        setting = Setting((SEED, w, 0), record, policies[w, 0], log10_thresholds(LIBRARY), step)
        play(setting, EVERYTHING, future)
        ledger, runs = future.ledger, int(future.ledger.runs[0])
        having = np.flatnonzero(ledger.capabilities[:runs] >> k & 1)
        # Runs of an actor come in order of time, so that its first row is the run by which it attains.
        first = having[np.unique(ledger.actor[having], return_index=True)[1]]
        years.append(ledger.finished[first])
        compute.append(ledger.compute[first])
    years, caught = np.concatenate(years), np.concatenate(compute) >= threshold
    shares = [caught[(years >= a) & (years < a + 3.0)].mean() for a in (2027.0, 2030.0, 2033.0, 2036.0, 2039.0)]
    assert (np.diff(shares) < 0.0).all(), shares
    assert shares[-1] < 0.3 * shares[0]


def test_the_same_luck_makes_differences_sharper(library):
    """The error of a paired difference against that of two independent runs, from the errors of both."""
    for name in ("benefit_mean", "exposure_mean"):
        apart = np.sqrt(library[f"{name}_se"] ** 2 + library[f"{name}_se"].sel(policy="baseline") ** 2)
        ratio = (library[f"{name}_difference_se"] / apart).sel(policy=library.policy[1:])
        assert float(ratio.max()) < 1.0
        assert float(ratio.median()) < 0.35


def test_independent_luck_gives_the_same_difference_within_its_larger_error(library):
    """Another seed for the policy than for the baseline: unbiased, and four standard errors wide."""
    other = engine.simulate(LIBRARY, 300, 10, SEED + 1, policies=["compute_cap"])
    apart = other.benefit_mean.sel(policy="compute_cap") - library.benefit_mean.sel(policy="baseline")
    error = np.hypot(other.benefit_mean_se.sel(policy="compute_cap"), library.benefit_mean_se.sel(policy="baseline"))
    paired = library.benefit_mean_difference.sel(policy="compute_cap")
    assert abs(float(apart - paired)) < 4.0 * float(error)
    assert float(library.benefit_mean_difference_se.sel(policy="compute_cap")) < 0.3 * float(error)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_runs_with_every_policy(variant):
    scenario = engine.load_scenario(variant)
    results = engine.simulate(scenario, 20, 2, SEED)
    assert list(results.policy.values) == scenario.policy_names
    assert bool(np.isfinite(results.attainment_delay).all())
