"""Costs of capabilities and erosion of thresholds: closed forms, counts by hand, and labels."""

from __future__ import annotations

import re

import numpy as np
import pytest
import xarray as xr
from helpers import merged, oom, scenario
from small_run import SEED
from written import assert_labelled_and_survives

import engine
from engine.analyses.thresholds.analysis import _obsolete_year, thresholds
from engine.analyses.thresholds.summary import _per_cent, thresholds_in_words

#: The search for the cheapest run is to 1e-4 OOM.
FOUND = 1.5e-4
NAN = np.nan
WORLDS, FUTURES = 8, 4


def thresholds_of(obsolete=0.5, **parts):
    """Of one future of the neutral scenario with `parts`."""
    results = engine.simulate(scenario(**parts), 1, 1, SEED, keep="prices")
    return thresholds(results, obsolete).squeeze(["policy"])


def progress(algorithms, chips, requirement=27.0, **parts):
    """One class of 1e26 FLOP a run at the start; steady progress in OOM a year; thresholds of 1e25 to 1e27 FLOP."""
    base = {
        "hardware": {"price_decline": oom(chips, "OOM/yr")},
        "algorithms": {"efficiency_trend": oom(algorithms, "OOM/yr")},
        "capabilities": {"skill": {"requirement": oom(requirement, "log10 FLOP")}},
        "output": {"flop_thresholds": [1e25, 1e26, 1e27]},
    }
    return merged(base, parts)


#: A class above the threshold of 1e26 FLOP, one of three real actors below it, and another below it.
LARGE, SMALL, MIDDLE = {"budget": 1e9}, {"budget": 1e7, "represents": 3}, {"budget": 3e7, "represents": 2}


def arriving(**lags):
    """Classes that begin to train a number of years after the start; each reaches the skill with its first run."""
    kinds = {"large": LARGE, "small": SMALL, "middle": MIDDLE}
    return {
        "actor_classes": {name: {**kinds[name], "entry_lag": lag} for name, lag in lags.items()},
        "capabilities": {"skill": {"requirement": oom(24.5, "log10 FLOP")}},
        "output": {"flop_thresholds": [1e24, 1e26, 1e28]},
    }


@pytest.fixture(scope="module")
def results(governed):
    """The small run under all policies, with paths and prices."""
    return engine.simulate(governed, WORLDS, FUTURES, SEED, keep="prices")


@pytest.fixture(scope="module")
def found(results):
    return thresholds(results)


# Costs.


@pytest.mark.known
@pytest.mark.parametrize(("algorithms", "chips"), [(0.3, 0.2), (0.0, 0.25), (0.4, 0.0), (0.0, 0.0)])
def test_cost_falls_at_the_rates_of_algorithms_and_chips_and_compute_at_that_of_algorithms(algorithms, chips):
    """Factors a year; and each year's cost and compute: 27 - 18 = 9 OOM of US$ and 27 of FLOP at the start."""
    found = thresholds_of(**progress(algorithms, chips)).squeeze("capability")
    rate = algorithms + chips
    np.testing.assert_allclose(np.log10(found.cost_decline), rate, atol=FOUND / 5)
    np.testing.assert_allclose(np.log10(found.compute_decline), algorithms, atol=FOUND / 5)
    years = np.arange(11.0)
    for name, start, falls in (("cost_usd", 9.0, rate), ("compute_flop", 27.0, algorithms)):
        log10 = np.log10(found[name].squeeze("actor_class").transpose("quantile", "year"))
        np.testing.assert_allclose(log10, np.broadcast_to(start - falls * years, (3, 11)), atol=FOUND)


@pytest.mark.known
def test_a_decline_is_from_the_first_to_the_last_known_year_above_a_dollar():
    """From above 1e15 US$ in the first years to less than 1 US$ in the last, at 2 OOM a year."""
    found = thresholds_of(**progress(2.0, 0.0, 35.5)).squeeze()
    assert np.isnan(found.cost_usd.sel(quantile=0.5, year=2021.0))
    assert float(found.cost_usd.sel(quantile=0.5, year=2030.0)) == 1.0
    assert np.log10(float(found.cost_decline)) == pytest.approx(2.0, abs=FOUND)


@pytest.mark.known
def test_what_costs_more_than_a_quadrillion_dollars_is_unknown():
    found = thresholds_of(**progress(0.1, 0.1, 40.0))
    for name in ("cost_usd", "compute_flop", "cost_decline", "compute_decline", "evadable_year", "runs_caught"):
        assert np.isnan(found[name]).all(), name


# Erosion.


@pytest.mark.known
@pytest.mark.parametrize(("chips", "years"), [(0.0, (2027.0, 2024.0, 2021.0)), (0.5, (2027.0, 2024.0, 2021.0))])
def test_a_threshold_is_evadable_once_algorithms_have_brought_the_need_below_it(chips, years):
    """The skill needs 27 - 0.3 x years OOM: below 25, 26 and 27 from 6.7, 3.3 and 0 years on, whatever the chips."""
    found = thresholds_of(**progress(0.3, chips)).squeeze("capability")
    np.testing.assert_array_equal(found.evadable_year.transpose("quantile", "threshold"), [years] * 3)


@pytest.mark.known
def test_with_frozen_algorithms_a_threshold_never_erodes():
    """A static threshold erodes at the rate of algorithms alone: cheaper chips and larger budgets do not matter."""
    classes = {"actor_classes": {"still": {}, "growing": {"budget": 1e6, "budget_growth": oom(0.4, "OOM/yr")}}}
    found = thresholds_of(**progress(0.0, 0.3, 26.5, **classes)).squeeze("capability")
    below = found.sel(threshold=[1e25, 1e26])
    assert np.isnan(below.evadable_year).all()
    assert np.isnan(below.obsolete_year).all()
    for name in ("runs_caught", "attaining_caught"):
        known = below[name].transpose("threshold", "year").dropna("year")
        assert known.sizes["year"] >= 2
        assert (known == 1.0).all()
    np.testing.assert_allclose(found.compute_decline, 1.0, rtol=1e-6)


@pytest.mark.known
def test_with_algorithms_the_runs_of_constant_budgets_stay_caught_and_later_ones_pass_below():
    """Large runs of 1e27 FLOP for ever, each a year long; small actors reach 27 from 25 OOM after four years."""
    classes = {"actor_classes": {"large": LARGE, "small": SMALL}}
    found = thresholds_of(**progress(0.5, 0.0, 27.0, **classes)).squeeze("capability").sel(threshold=1e26)
    runs = [NAN] + [1.0] * 4 + [0.25] * 5 + [NAN]
    np.testing.assert_array_equal(found.runs_caught, runs)
    np.testing.assert_array_equal(found.attaining_caught, [NAN, 1.0, NAN, NAN, NAN, 0.0] + [NAN] * 5)
    assert float(found.obsolete_year) == 2025.0


@pytest.mark.known
def test_shares_caught_by_hand():
    """One real actor above and three below the threshold of 1e26 FLOP, all at once; runs end in 2021 to 2029."""
    found = thresholds_of(**arriving(large=0, small=0)).squeeze("capability").transpose("threshold", "year", ...)
    for share, row in zip((1.0, 0.25, 0.0), range(3), strict=True):
        np.testing.assert_array_equal(found.runs_caught[row], [NAN] + [share] * 9 + [NAN])
        np.testing.assert_array_equal(found.attaining_caught[row], [NAN, share] + [NAN] * 9)
    np.testing.assert_array_equal(found.obsolete_year, [NAN, NAN, NAN])
    np.testing.assert_array_equal(found.ever_caught, [1.0, 0.0, 0.0])
    lenient = thresholds_of(0.2, **arriving(large=0, small=0)).squeeze("capability")
    np.testing.assert_array_equal(lenient.ever_caught, [1.0, 1.0, 0.0])


@pytest.mark.known
@pytest.mark.parametrize(
    ("lags", "shares", "year"),
    [
        ({"large": 0, "small": 3}, {2021: 1.0, 2024: 0.0}, 2024.0),
        ({"small": 0, "large": 3}, {2021: 0.0, 2024: 1.0}, NAN),
        ({"small": 0, "large": 3, "middle": 6}, {2021: 0.0, 2024: 1.0, 2027: 0.0}, 2027.0),
        ({"small": 0, "middle": 4}, {2021: 0.0, 2025: 0.0}, NAN),
    ],
    ids=["erodes", "rises", "rises and erodes", "never caught"],
)
def test_a_threshold_is_obsolete_from_the_year_on_from_which_it_stays_low(lags, shares, year):
    """An early low share does not count if it rises again."""
    found = thresholds_of(**arriving(**lags)).squeeze("capability").sel(threshold=1e26)
    known = found.attaining_caught.dropna("year")
    assert dict(zip(known["year"].values.astype(int).tolist(), known.values.tolist(), strict=True)) == shares
    np.testing.assert_array_equal(found.obsolete_year, year)
    assert float(found.ever_caught) == any(shares.values())


def test_a_threshold_that_never_caught_most_is_not_called_obsolete():
    """A kind of fault: a word for what has ended is said of what never began."""
    results = engine.simulate(scenario(**arriving(small=0, middle=4)), 1, 1, keep="prices")
    words = thresholds_in_words(thresholds(results))
    assert re.search(r"    1e26 .* never caught most +", words)
    assert not re.search(r"    1e26 .*20\d\d \+- \S+ +\S+ *$", words)
    assert "never caught 30%" in thresholds_in_words(thresholds(results, 0.3))
    far = engine.simulate(scenario(**progress(0.0, 0.0, 40.0)), 1, 1, keep="prices")
    nobody = thresholds(far)
    assert np.isnan(nobody.ever_caught).all()
    assert "never caught" not in thresholds_in_words(nobody)


def test_shares_and_errors_are_those_of_single_futures(found, results):
    """Worlds as clusters, by NumPy: 1/sum x sqrt(n/(n - 1) sum (caught - share x all)^2)."""
    for name, caught, every in (
        ("runs_caught", "future_runs_caught", "future_runs_reaching"),
        ("attaining_caught", "future_attaining_caught", "future_attaining"),
    ):
        dims = ("policy", "world", "capability", "threshold", "year")
        part = np.diff(results[caught].sum("future").transpose(*dims).values.astype(float))
        whole = np.diff(results[every].sum("future").transpose(*dims[:3], "year").values.astype(float))[:, :, :, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            share = part.sum(axis=1) / whole.sum(axis=1)
            left = ((part - share[:, None] * whole) ** 2).sum(axis=1)
            error = np.sqrt(WORLDS / (WORLDS - 1) * left) / whole.sum(axis=1)
        here = found[[name, f"{name}_se"]].isel(year=slice(1, None))
        here = here.transpose("policy", "capability", "threshold", "year", ...)
        assert here[name].attrs["units"] == "1"
        np.testing.assert_allclose(here[name], share, rtol=1e-12)
        np.testing.assert_allclose(here[f"{name}_se"], error, rtol=1e-9, atol=1e-12)
        assert 0.01 < float(np.nanmax(here[f"{name}_se"])) < 1.0


def test_each_policy_is_what_it_is_alone(found, results):
    for policy in ("baseline", "brake"):
        xr.testing.assert_identical(thresholds(results.sel(policy=[policy])), found.sel(policy=[policy]))
    brake, free = found.sel(policy="brake"), found.sel(policy="baseline")
    assert not brake.attaining_caught.equals(free.attaining_caught)


# Errors, labels and words.


@pytest.mark.parametrize("obsolete", [0.0, 1.0, -0.2, 50.0, NAN])
def test_a_share_that_is_none_is_refused(results, obsolete):
    with pytest.raises(ValueError, match=r"obsolete must lie between 0 and 1, such as 0\.5, not"):
        thresholds(results, obsolete)


def test_dimensions_labels_and_files(found, tmp_path):
    costs, caught = {"policy", "actor_class", "capability"}, {"policy", "capability", "threshold"}
    expected = {
        **dict.fromkeys(("cost_usd", "compute_flop", "cost_usd_se", "compute_flop_se"), costs | {"year", "quantile"}),
        **dict.fromkeys(("cost_decline", "compute_decline", "cost_decline_se", "compute_decline_se"), costs),
        **dict.fromkeys(
            ("runs_caught", "runs_caught_se", "attaining_caught", "attaining_caught_se"), caught | {"year"}
        ),
        **dict.fromkeys(("obsolete_year", "obsolete_year_se", "ever_caught"), caught),
        **dict.fromkeys(("evadable_year", "evadable_year_se"), caught | {"quantile"}),
    }
    assert {name: set(variable.dims) for name, variable in found.data_vars.items()} == expected
    assert found.attrs["obsolete_below"] == 0.5
    assert_labelled_and_survives(found, tmp_path)


def test_words_are_the_numbers_of_the_dataset(found):
    for policy in found["policy"].values:
        text = thresholds_in_words(found, str(policy))
        assert "nan" not in text
        assert max(map(len, text.splitlines())) <= 150
        one = found.sel(policy=policy, capability="early")
        cost, error = re.search(r"early, US\$ +(\S+) \+-(\d+)%", text).groups()
        start = one.sel(quantile=0.5).isel(year=0)
        least = start.isel(actor_class=int(start.cost_usd.argmin("actor_class")))
        assert float(cost.replace(",", "")) == pytest.approx(float(least.cost_usd), rel=6e-3)
        assert float(error) == pytest.approx(100.0 * float(least.cost_usd_se / least.cost_usd), abs=0.51)
        row = re.search(
            r"early \(dangerous\)\n.*\n(?:.*\n)*?    1e26 .* (\d+) \+- (\S+) +"
            r"(never caught most|\S+|\d+ \+- \S+) +(\S+|\d+ \+- \S+)\n",
            text,
        )
        last, error, obsolete, _ = row.groups()
        known = one.sel(threshold=1e26)
        # The last year in which anyone attains for the first time.
        attaining = known[["attaining_caught", "attaining_caught_se"]].dropna("year").isel(year=-1)
        assert float(last) == pytest.approx(100.0 * float(attaining.attaining_caught), abs=0.51)
        exact = float(attaining.attaining_caught_se)
        assert error == "?" if exact == 0.0 else float(error) == pytest.approx(100.0 * exact, abs=0.051)
        assert (obsolete == "never caught most") == (float(known.ever_caught) == 0.0)
        assert obsolete in ("-", "never caught most") or float(obsolete.split()[0]) == float(known.obsolete_year)


@pytest.mark.parametrize(
    ("error", "told"), [(0.0, "2035 +- <1"), (0.04, "2035 +- <1"), (0.06, "2035 +- 0.1"), (NAN, "2035 +- ?")]
)
def test_a_whole_year_is_no_surer_than_a_year(found, error, told):
    year = found.evadable_year
    sure = found.assign(evadable_year=xr.full_like(year, 2035.0), evadable_year_se=xr.full_like(year, error))
    assert told in thresholds_in_words(sure, str(found["policy"].values[0]))


def test_words_of_one_future_and_of_nothing_known():
    """No error of a single world, no cost of what nobody can pay, no decline: "?" and "-", never "nan"."""
    far = {"capabilities": {"far": {"requirement": oom(40.0, "log10 FLOP")}}}
    results = engine.simulate(scenario(**progress(0.13, 0.13, **far)), 1, 1, keep="prices")
    text = thresholds_in_words(thresholds(results))
    assert "nan" not in text
    assert "100 +- ?" in text
    assert re.search(r"  far, US\$( +-)+\n", text)


@pytest.mark.parametrize(
    ("share", "error", "text"), [(1.0, 0.0, "100 +- ?"), (0.0, 0.0, "0 +- ?"), (0.73, 0.03, "73 +- 3.0")]
)
def test_no_share_is_told_as_certain(share, error, text):
    """All that a run has seen, or none of it, was told as "100 +- 0.0"."""
    assert _per_cent(share, error) == text


@pytest.mark.statistics
def test_the_error_of_the_obsolete_year_is_its_spread_over_runs():
    """150 runs of 320 worlds in which half of attaining actors are caught around 2030; spread and error within 30%."""
    rng = np.random.default_rng(8)
    years = np.arange(2025.0, 2041.0, 0.25)
    share = 1.0 / (1.0 + np.exp((years[1:] - 2030.0) / 4.0))
    found, errors = [], []
    for _ in range(150):
        luck = rng.normal(0.0, 1.5, (320, 1))
        new = rng.poisson(0.4, (320, len(years) - 1))
        caught = rng.binomial(new, np.clip(share + 0.1 * luck, 0.0, 1.0))
        numbers = [
            xr.DataArray(
                np.cumsum(np.pad(part, ((0, 0), (1, 0))), axis=1)[:, None], {"year": years}, ("world", "future", "year")
            )
            for part in (caught, new)
        ]
        year, error, _ = _obsolete_year(*numbers, 0.5)
        found.append(float(year))
        errors.append(float(error))
    assert np.isfinite(errors).mean() > 0.9
    assert np.sqrt(np.nanmean(np.square(errors))) == pytest.approx(np.std(found, ddof=1), rel=0.3)
