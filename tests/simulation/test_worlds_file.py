"""Posterior worlds given to another run: exact numbers, new numbers beside them, and errors for what does not fit."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from helpers import scenario_data
from scipy import stats
from small_calibration import SMALL, observed_tables, small

import engine
from engine.analyses.calibrate.experiment import calibrate
from engine.record import read_observations
from engine.scenario import WorldSampler
from engine.simulation.worlds_file import correlations, design_from, distributions

KEPT = 200
LAB = "actor_classes.lab"
#: A measure with an uncertain number of its own.
POLICIES = {
    "cap": {
        "measures": [{"measure": "compute_cap", "start": 2019, "max_compute": {"uniform": {"low": 1e22, "high": 1e24}}}]
    }
}


@pytest.fixture(scope="module")
def posterior(tmp_path_factory):
    observations = read_observations(observed_tables(tmp_path_factory.mktemp("worlds_file")))
    return calibrate(small(), observations, worlds=500, rounds=1, kept=KEPT, seed=5)


def numbers(scenario, posterior, worlds, seed=0):
    """The numbers of worlds of the posterior in `scenario`, by path."""
    design = design_from(posterior, scenario, worlds, seed)
    values = WorldSampler(scenario, worlds, seed, design=design).parameters(0, worlds)
    return dict(zip(scenario.uncertain(), values.T, strict=True))


def changed(**changes):
    """The small scenario with `changes` of its actor class."""
    return small("other", actor_classes={"lab": {**SMALL["actor_classes"]["lab"], **changes}})


def refused(posterior, scenario, *more):
    with pytest.raises(ValueError, match=r"posterior worlds") as error:
        design_from(posterior, scenario, *more)
    text = str(error.value)
    assert text.isprintable()
    return text


def test_a_run_plays_the_very_numbers_of_the_posterior(posterior):
    design = design_from(posterior, small(), 30)
    results = engine.simulate(small(), 30, 2, 1, sampling=design, keep="samples")
    np.testing.assert_array_equal(results["parameters"].values, posterior["parameters"].values[:30])
    expected = f"posterior of small, conditioned on observations until 2022, id {posterior.attrs['id']}"
    assert results.attrs["worlds_from"] == expected
    assert results.attrs["sampling"] == "design"


def test_all_worlds_are_taken_unless_some_are_asked_for_and_their_luck_is_new(posterior):
    design = design_from(posterior, small())
    np.testing.assert_array_equal(design.uniforms, posterior["uniforms"].values)
    np.testing.assert_array_equal(design.luck, np.arange(KEPT))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: p.drop_vars("number"), "it has no number"),
        (lambda p: p.rename(number="figure"), "uniforms is not by world and number"),
        (lambda p: p.assign(uniforms=p.uniforms.transpose()), "uniforms is not by world and number"),
        (lambda p: p.assign(uniforms=p.uniforms * np.nan), "uniforms are not between 0 and 1"),
        (lambda p: p.assign(uniforms=p.uniforms + 1.0), "uniforms are not between 0 and 1"),
        (lambda p: p.assign_coords(number=["x"] * p.sizes["number"]), "its numbers do not have distinct names"),
        (lambda p: p.assign_attrs(conditioned_until="soon"), "its attribute conditioned_until is not a number"),
        (lambda p: p.assign_attrs(effective_worlds="many"), "its attribute effective_worlds is not a number"),
        (lambda p: p.assign_attrs(correlations="[1]"), "its attribute correlations is not a list of pairs"),
        (lambda p: p.assign_attrs(correlations="["), "its attribute correlations is not a list of pairs"),
        (lambda p: p.assign_attrs(scenario_name="a\nb"), "its attribute scenario_name is not text of one line"),
    ],
)
def test_a_strangers_file_is_held_against_what_is_read(change, said, posterior):
    """Kind: a file of worlds that opens, and fails with a traceback where it is read."""
    assert f"this file contains no posterior worlds ({said}" in refused(change(posterior), small())


@pytest.mark.known
def test_a_scenario_that_extends_it_takes_the_shared_numbers_and_draws_the_rest(posterior):
    longer = small("longer", horizon=2026, policies=POLICIES)
    found = numbers(longer, posterior, KEPT, seed=8)
    drawn = dict(zip(longer.uncertain(), WorldSampler(longer, KEPT, 8, "random").parameters(0, KEPT).T, strict=True))
    shared = [str(name) for name in posterior["parameter"].values]
    for n, name in enumerate(shared):
        np.testing.assert_array_equal(found[name], posterior["parameters"].values[:, n])
    (new,) = set(found) - set(shared)
    assert new.startswith("policies.cap")
    np.testing.assert_array_equal(found[new], drawn[new])


@pytest.mark.statistics
def test_correlated_numbers_keep_their_correlation(posterior):
    """Of the posterior: the observations say the number of runs, so that it is not that of the prior."""
    found = numbers(small(), posterior, KEPT)
    budget, pause = (found[f"{LAB}.{name}"] for name in ("budget", "run_pause"))
    names = list(posterior["parameter"].values)
    exact = [posterior["parameters"].values[:, names.index(f"{LAB}.{name}")] for name in ("budget", "run_pause")]
    assert stats.spearmanr(budget, pause).statistic == stats.spearmanr(*exact).statistic
    # Of the prior's numbers in the same file it is the scenario's, 0.5, within 4 standard errors.
    uniforms = WorldSampler(small(), 2000, 1).uniforms(0, 2000)
    prior = posterior.isel(world=np.zeros(2000, int)).assign(uniforms=(("world", "number"), uniforms))
    found = numbers(small(), prior, 2000)
    rank = stats.spearmanr(found[f"{LAB}.budget"], found[f"{LAB}.run_pause"]).statistic
    assert abs(rank - 0.5) < 4 / np.sqrt(2000)


def test_another_distribution_is_refused(posterior):
    for other in ({"lognormal": {"p5": 3e5, "p95": 4e6}}, {"uniform": {"low": 3e5, "high": 3e6}}):
        assert refused(posterior, changed(budget=other)) == (
            f"{LAB}.budget has another distribution in other than in small, whose posterior worlds these are; "
            "calibrate again"
        )
    cut = {**SMALL["actor_classes"]["lab"]["budget_growth"], "min": -0.2}
    assert refused(posterior, changed(budget_growth=cut)).startswith(f"{LAB}.budget_growth has another distribution")


def test_other_correlations_are_refused(posterior):
    pair = [f"{LAB}.run_pause", f"{LAB}.budget"]
    more = {"between": [f"{LAB}.run_pause", f"{LAB}.budget_growth"], "rank": 0.2}
    for given in ([], [{"between": pair, "rank": 0.4}], [*SMALL["correlations"], more]):
        words = refused(posterior, small("other", correlations=given))
        assert words.startswith("other has other correlations than small, whose posterior worlds these are")
    turned = small("other", correlations=[{"between": pair[::-1], "rank": 0.5}])
    assert design_from(posterior, turned).uniforms.shape == (KEPT, 3)


def test_correlated_numbers_in_another_order_are_refused():
    """They are joined in the order of the scenario, so that the same uniforms would be other numbers."""

    def two(*classes):
        pause = {"run_pause": {"lognormal": {"p5": 0.2, "p95": 1.0}}}
        pair = {"between": ["actor_classes.one.run_pause", "actor_classes.two.run_pause"], "rank": 0.8}
        data = scenario_data(actor_classes=dict.fromkeys(classes, pause), correlations=[pair])
        return engine.parse_scenario(data, "".join(classes))

    def posterior_of(scenario):
        sampler = WorldSampler(scenario, 3, 1)
        spec = distributions(scenario)
        return xr.Dataset(
            {"uniforms": (("world", "number"), sampler.uniforms(0, 3))},
            {
                "number": sampler.drawn,
                "number_distribution": ("number", [spec[name] for name in sampler.drawn]),
            },
            {
                "correlations": correlations(scenario),
                "scenario_name": scenario.name,
                "conditioned_until": 2022.0,
                "effective_worlds": 3.0,
            },
        )

    there = posterior_of(two("one", "two"))
    assert design_from(there, two("one", "two")).uniforms.shape == (3, 2)
    assert "its correlated numbers in another order; calibrate again" in refused(there, two("two", "one"))


def test_a_scenario_that_shares_nothing_is_refused(posterior):
    strange = engine.parse_scenario(
        scenario_data(actor_classes={"actor": {"budget": {"lognormal": {"p5": 1e6, "p95": 1e7}}}}), "strange"
    )
    assert refused(posterior, strange) == (
        "strange shares no uncertain number with small, whose posterior worlds these are"
    )


@pytest.mark.parametrize("worlds", [0, KEPT + 1])
def test_more_worlds_than_there_are_are_refused(posterior, worlds):
    assert refused(posterior, small(), worlds) == (
        f"there are {KEPT} posterior worlds; use 1 to {KEPT}, or calibrate with a larger --keep"
    )


def test_results_are_no_posterior(rich, kept):
    assert refused(kept, rich) == (
        "this file contains no posterior worlds (it has no uniforms); make some with `engine calibrate SCENARIO`"
    )
