"""Delay, exposure, incidents, losses and benefit: against exact samples, and against single futures, replayed."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from helpers import scenario
from hypothesis import given
from hypothesis import strategies as st
from small_run import RICH, SEED

import engine
from engine.montecarlo.tally import AMOUNT_BINS, AMOUNT_WIDTH, amount_bin
from engine.results import risk
from engine.results.standard_errors import distribution_spread, estimated, quantile_limits

LEVELS = np.array([0.05, 0.25, 0.5, 0.9, 0.95, 0.99])
#: Amounts differ by at most this factor if they lie in one bin, or half of one.
A_BIN, HALF_A_BIN = 10.0**AMOUNT_WIDTH * (1 + 1e-9), 10.0 ** (AMOUNT_WIDTH / 2) * (1 + 1e-9)
HARMS = ("exposure_mean", "incidents_mean", "loss_mean", "benefit_mean")

#: Thousands of US$, up to 1e18 US$ and beyond.
amounts = st.lists(
    st.one_of(
        st.integers(0, 3),
        st.integers(0, 10**6),
        st.integers(0, 10**17),
        st.floats(0, 15.2).map(lambda x: int(10**x)),
        st.integers(0, 15).map(lambda x: 10**x),
    ),
    min_size=1,
    max_size=80,
)


def counted(thousands):
    """The tally's counts of amounts."""
    counts = np.zeros(AMOUNT_BINS + 2, np.int64)
    for amount in thousands:
        counts[amount_bin(amount)] += 1
    return counts


def us_dollars(thousands):
    """The same amounts exactly, but for those that the tally cuts at 1e18 US$."""
    return np.minimum(1000.0 * np.array(thousands, dtype=float), 1e18)


def close(measured, exact, factor):
    """Whether amounts are the same within a factor, and 0 where they are 0."""
    same = (measured == 0.0) == (exact == 0.0)
    inside = (measured <= exact * factor) & (exact <= measured * factor)
    return bool((same & inside).all())


@pytest.mark.property
@given(thousands=amounts)
def test_a_quantile_of_amounts_is_that_of_the_sample_within_a_bin(thousands):
    """The least amount that a share of the sample does not exceed."""
    measured = risk.amount_quantile(counted(thousands), LEVELS)
    exact = np.quantile(us_dollars(thousands), LEVELS * (1.0 - 1e-12), method="inverted_cdf")
    assert close(measured, exact, A_BIN)
    assert (np.diff(measured) >= 0.0).all()


@pytest.mark.property
@given(thousands=amounts)
def test_the_shortfall_is_the_mean_of_the_worst_within_a_bin(thousands):
    """The sample's largest, with a part of one where the share is no whole number of them."""
    exact, falling = [], np.sort(us_dollars(thousands))[::-1]
    for level in LEVELS:
        worst = (1.0 - level) * len(falling)
        weights = np.clip(worst - np.arange(len(falling)), 0.0, 1.0)
        exact.append((weights * falling).sum() / worst)
    measured = risk.shortfall(counted(thousands), LEVELS)
    assert close(measured, np.array(exact), A_BIN)
    assert (measured >= risk.amount_quantile(counted(thousands), LEVELS) * (1.0 - 1e-9)).all()


def exceedance(thousands):
    return risk._exceedance(np.array([0]), counted(thousands))


@pytest.mark.property
@given(thousands=amounts)
def test_the_exceedance_is_the_share_of_the_sample_exactly(thousands):
    """But for an amount on the very edge, which `test_a_round_loss_...` is about."""
    rounded = [n for n in thousands if not np.isclose(risk.LOSSES / 1000.0, n, rtol=1e-9, atol=1.0).any()] or [0]
    exact = (us_dollars(rounded)[:, np.newaxis] >= risk.LOSSES).mean(axis=0)
    np.testing.assert_array_equal(exceedance(rounded), exact)


@pytest.mark.known
@pytest.mark.parametrize(
    "decade",
    range(16),
)
def test_a_round_loss_is_at_least_itself(decade):
    """A loss of exactly 1e6 US$ is one of at least 1e6 US$, and not one of at least 1.6e6 US$."""
    at_least = dict(zip(np.round(np.log10(risk.LOSSES), 6), exceedance([10**decade]), strict=True))
    assert at_least[3.0 + decade] == 1.0
    assert at_least.get(round(3.2 + decade, 6), 0.0) == 0.0


def test_losses_are_rising_edges_of_bins():
    np.testing.assert_allclose(np.log10(risk.LOSSES), np.linspace(3.0, 18.0, 76), rtol=1e-12)


MISUSED = {
    "horizon": 2030.5,
    "actor_classes": {"actor": {"attempt_rate": 4.0}},
    "capabilities": {"skill": {"success_probability": 0.5, "loss_median": 3e6}},
    "output": {"risk_levels": [0.5, 0.99]},
}


@pytest.fixture(scope="module")
def misused():
    """Access from 2021 to 2030.5, two incidents a year, each of which loses 3 million US$."""
    return engine.simulate(scenario(**MISUSED), 400, 10, 8)


def test_losses_are_incidents_times_the_loss_of_each(misused):
    """Exactly: amounts are summed as whole numbers."""
    total = float(misused.loss_mean.sel(period="total").item())
    assert total == pytest.approx(3e6 * misused.incidents_mean.item(), rel=1e-12)
    np.testing.assert_allclose(
        misused.loss_mean_se.sel(period="total"), 3e6 * misused.incidents_mean_se.squeeze("capability"), rtol=1e-9
    )


@pytest.mark.statistics
def test_incidents_come_at_their_rate(misused):
    """19 a future on average, Poisson: within 4 standard errors, and the standard error is sqrt(19 / 4,000) to 35%.

    An error from 64 groups is itself sure to 9%.
    """
    error = np.sqrt(19 / 4_000)
    assert abs(misused.incidents_mean.item() - 19.0) < 4 * error
    assert misused.incidents_mean_se.item() == pytest.approx(error, rel=0.35)


@pytest.mark.statistics
def test_a_year_is_a_whole_year_from_the_start(misused):
    """Ten whole years, of which nine have two incidents on average and the first none; half a year is left out."""
    annual = misused.sel(policy="baseline", period="annual")
    assert abs(annual.loss_mean.item() - 3e6 * 1.8) < 4 * 3e6 * np.sqrt(1.8 / 40_000)
    without = 0.1 + 0.9 * np.exp(-2.0)
    at_least = annual.loss_exceedance.sel(loss=1e3, method="nearest").item()
    assert abs(at_least - (1.0 - without)) < 4 * np.sqrt(without / 40_000)


def test_risk_figures_are_those_of_the_known_loss(misused):
    """A median year has two incidents, a future's worst hundredth 28 to 32 or so; within a bin."""
    assert list(misused.period.values) == list(risk.PERIODS) == ["annual", "total"]
    annual = misused.sel(policy="baseline", period="annual")
    assert close(annual.value_at_risk.sel(level=0.5).to_numpy(), np.array(6e6), A_BIN)
    total = misused.sel(policy="baseline", period="total")
    assert 27 * 3e6 < total.value_at_risk.sel(level=0.99).item() < 33 * 3e6
    assert total.expected_shortfall.sel(level=0.99).item() > total.value_at_risk.sel(level=0.99).item()


def test_nothing_is_lost_where_nobody_is_malicious():
    quiet = engine.simulate(scenario(capabilities=MISUSED["capabilities"]), 3, 2, 8)
    for name in ("exposure", *HARMS[:3], "loss_exceedance", "value_at_risk", "expected_shortfall"):
        np.testing.assert_array_equal(quiet[name], 0.0)


@pytest.mark.parametrize(
    "name",
    [
        "loss_mean",
        "loss_exceedance",
        "expected_shortfall",
        "value_at_risk",
    ],
)
def test_less_than_a_year_has_no_annual_losses(name):
    """NaN, and no warning; the total is there."""
    short = engine.simulate(scenario(**MISUSED | {"horizon": 2020.75}), 3, 2, 8)
    assert np.isnan(short[name].sel(period="annual")).all()
    np.testing.assert_array_equal(short[name].sel(period="total"), 0.0)


@pytest.mark.known
def test_exposure_ends_at_the_horizon_or_with_a_defence():
    """First access at 2021; authorities learn at once and build for four years, or for twenty, or for ever."""
    for years, expected in ((4.0, 4.0), (20.0, 9.0), (float("inf"), 9.0)):
        spec = scenario(
            actor_classes={"actor": {"attempt_rate": 1.0}}, capabilities={"skill": {"defence_duration": years}}
        )
        results = engine.simulate(spec, 2, 2, 1)
        assert results.exposure_mean.item() == pytest.approx(expected, abs=1e-6)
        np.testing.assert_allclose(results.exposure.squeeze(), expected, atol=0.25 / 12)


@pytest.mark.known
def test_benefit_is_earned_by_every_actor_until_the_horizon():
    """Two actors that stand for three each, from 2021 to 2030, at a million a year: 54 million."""
    spec = scenario(
        actor_classes={"actor": {"count": 2, "represents": 3}},
        capabilities={"skill": {"kind": "valuable", "benefit_rate": 1e6}},
    )
    results = engine.simulate(spec, 2, 2, 1)
    assert results.benefit_mean.item() == pytest.approx(54e6, rel=1e-4)
    assert close(results.benefit.squeeze().to_numpy(), np.full(5, 54e6), A_BIN)


def test_valuable_capabilities_have_no_exposure_and_no_incidents(compared):
    """NaN in every number of them, and in none of a dangerous capability."""
    names = (
        "exposure",
        *(f"{name}{end}" for name in HARMS[:2] for end in ("", "_se", "_difference", "_difference_se")),
    )
    for name in names:
        assert np.isnan(compared[name].sel(capability="late")).all()
        assert not np.isnan(compared[name].sel(capability="early")).any()


def of_use(name):
    """Whether a variable is about the use of services, of which there are none here."""
    return str(name).startswith(("use_", "users_", "hosted_"))


def test_the_baseline_differs_from_itself_by_exactly_0_without_an_error(compared):
    differences = [name for name in compared.data_vars if "_difference" in str(name) or "attainment_delay" in str(name)]
    assert len(differences) == 20
    for name in differences:
        values = compared[name].sel(policy="baseline").to_numpy()
        np.testing.assert_array_equal(values[~np.isnan(values)], 0.0)
        assert (float(abs(compared[name].sel(policy="brake")).max()) > 0.0) == (not of_use(name))


@pytest.mark.parametrize("name", ["attainment_probability", *HARMS])
def test_a_difference_is_of_the_values(compared, name):
    change = compared[name] - compared[name].sel(policy="baseline")
    scale = float(abs(compared[name]).max())
    np.testing.assert_allclose(compared[f"{name}_difference"], change, rtol=1e-12, atol=1e-12 * scale)


def test_every_number_of_a_run_has_an_error_with_it(compared):
    """Finite where the number is, and not 0 but where it is the same in every group of worlds.

    A quantile within an error of the horizon, or of nothing at all, is known without its error.
    """
    quantiles = ("attainment_time_quantile", "lead_time", "effective_compute", "value_at_risk")
    for name in compared.data_vars:
        if f"{name}_se" in compared:
            error = compared[f"{name}_se"]
            known = np.isfinite(compared[name])
            assert not (np.isfinite(error) & ~known).any()
            assert name in quantiles or np.isfinite(error).where(known, True).all()
            assert (float(error.max()) > 0.0) == (not of_use(name))


def test_a_larger_loss_is_exceeded_less_often_and_risk_rises_with_the_level(compared):
    assert (compared.loss_exceedance.diff("loss") <= 0.0).all()
    assert float(compared.loss_exceedance.max()) <= 1.0
    assert (compared.value_at_risk.diff("level") >= 0.0).all()
    assert (compared.expected_shortfall.diff("level") >= 0.0).all()
    assert (compared.expected_shortfall * HALF_A_BIN >= compared.value_at_risk / A_BIN).all()
    assert (compared.benefit.diff("quantile") >= 0.0).all()


def test_results_with_policies_come_back_from_a_file_identical(compared, tmp_path):
    engine.write_results(compared, tmp_path / "r.nc")
    with engine.open_results(tmp_path / "r.nc") as opened:
        back = opened.load()
    del back.attrs["date_created"]
    xr.testing.assert_identical(back, compared)


def told(history, horizon):
    """(exposure, incidents, total loss, losses of whole years) of one future, from its events."""
    events = history.events
    access = events[(events.event == "attainment") & (events.actor_class == "outsider") & (events.subject == "early")]
    ready = events[(events.event == "defence_ready") & (events.subject == "early")]
    end = min([*ready.time, horizon])
    exposure = max(0.0, end - access.time.min()) if len(access) else 0.0
    incidents = events[events.event == "incident"]
    annual = np.zeros(int(horizon - history.start))
    for row in incidents.itertuples():
        annual[int(row.time - history.start)] += 10.0**row.log10_usd
    return exposure, len(incidents), annual.sum(), annual


@pytest.mark.parametrize("policy", ["baseline", "caution", "brake"])
def test_the_results_are_those_of_single_futures(governed, policy):
    """Twelve worlds of four futures, told one by one by the other clock: means, quantiles, shortfall, exceedance.

    The errors of means are those of groups of four futures, for every world is a group.
    """
    worlds, futures = 12, 4
    results = engine.simulate(governed, worlds, futures, SEED, policies=[policy]).sel(policy=policy)
    histories = [
        engine.replay(governed, world, future, policy=policy, worlds=worlds, seed=SEED)
        for world in range(worlds)
        for future in range(futures)
    ]
    stories = [told(history, governed.horizon) for history in histories]
    exposure, incidents, total, annual = (np.array(column) for column in zip(*stories, strict=True))
    for name, values in (("exposure_mean", exposure), ("incidents_mean", incidents)):
        one, by_world = results.sel(capability="early"), values.reshape(worlds, futures).mean(axis=1)
        assert one[name].item() == pytest.approx(values.mean(), abs=2e-6)
        assert one[f"{name}_se"].item() == pytest.approx(by_world.std(ddof=1) / np.sqrt(worlds), abs=2e-6)
    for period, losses in (("annual", annual.ravel()), ("total", total)):
        figures = results.sel(period=period)
        by_world = losses.reshape(worlds, -1).mean(axis=1)
        thousand = 1000.0 * incidents.max()
        assert figures.loss_mean.item() == pytest.approx(losses.mean(), rel=1e-9, abs=thousand)
        error = by_world.std(ddof=1) / np.sqrt(worlds)
        assert figures.loss_mean_se.item() == pytest.approx(error, rel=1e-6, abs=thousand)
        levels = np.array(RICH["output"]["risk_levels"])
        at_risk = np.quantile(losses, levels * (1 - 1e-12), method="inverted_cdf")
        assert close(figures.value_at_risk.to_numpy(), at_risk, A_BIN**1.1)
        at_least = (losses[:, np.newaxis] >= risk.LOSSES).mean(axis=0)
        # A loss within a thousand dollars of an edge may be rounded over it.
        sure = (np.abs(losses[:, np.newaxis] - risk.LOSSES) > thousand).all(axis=0)
        np.testing.assert_allclose(figures.loss_exceedance[sure], at_least[sure], atol=1e-12)
        assert sure.sum() > 50


def test_what_so_few_futures_cannot_say_of_losses():
    """Of fewer than a hundred futures there is no largest hundredth; where nothing was lost nothing bounds the mean."""
    classes = {"lab": {"attempt_rate": 1.0}, "other": {"run_duration": 20}}
    skill = {"requirement": 1e26, "success_probability": 0.5, "loss_median": 1e8, "loss_sd": 0.5}
    few = engine.simulate(scenario(actor_classes=classes, capabilities={"skill": skill}), 9, 11, 3).sel(
        policy="baseline"
    )
    many = engine.simulate(scenario(actor_classes=classes, capabilities={"skill": skill}), 9, 12, 3).sel(
        policy="baseline"
    )
    assert few.loss_largest_share.sel(period="total").isnull()
    assert 0.0 < float(many.loss_largest_share.sel(period="total")) < 1.0
    none = engine.simulate(scenario(actor_classes=classes), 9, 12, 3).sel(policy="baseline", period="total")
    assert float(none.loss_mean) == 0.0
    np.testing.assert_array_equal(none.loss_mean_limits, [0.0, np.nan])
    assert none.loss_largest_share.isnull()


@pytest.mark.known
def test_amounts_lie_evenly_within_their_bin():
    """Exactly: quantiles rise in it linearly, and its worst half is three quarters up on average."""
    (bin_,) = np.flatnonzero(counted([1_000]))
    low, high = risk._LOW[bin_], risk._HIGH[bin_]
    for amounts_of_bin in (1, 2, 8):
        counts = counted([1_000] * amounts_of_bin)
        found = risk.amount_quantile(counts, np.array([0.25, 0.5, 1.0]))
        np.testing.assert_allclose(found, low + np.array([0.25, 0.5, 1.0]) * (high - low), rtol=1e-12)
        worst = risk.shortfall(counts, np.array([0.0, 0.5]))
        np.testing.assert_allclose(worst, low + np.array([0.5, 0.75]) * (high - low), rtol=1e-12)


@pytest.mark.known
@pytest.mark.parametrize(
    ("small", "large", "share"), [(98, 1, np.nan), (99, 1, 1000 / 1099), (198, 2, 2000 / 2198), (199, 1, 1001 / 1199)]
)
def test_the_share_of_the_largest_hundredth(small, large, share):
    """A hundred amounts have one, two hundred two; some are a thousand times the others."""
    found = risk._largest_share(counted([1_000] * small + [1_000_000] * large))
    assert float(found) == pytest.approx(share, rel=0.02, nan_ok=True)


@pytest.mark.known
def test_amounts_are_summed_in_two_words_of_thousands():
    """Of 30 bits: 3 and 5 times 2^30 thousand US$, over two futures."""
    assert risk._amount(np.array([0]), np.array([2]), np.array([[3, 5]])) == 500.0 * (3 + 5 * 1_073_741_824)


@pytest.mark.known
def test_two_worlds_have_one_degree_of_freedom():
    """Limits of a value at risk lie at Student's 12.706 errors, where a known amount lies between both ends."""
    counts = np.zeros((2, 1, AMOUNT_BINS + 2), np.int64)
    counts[0, 0, 100:300], counts[1, 0, 101:301] = 1, 1
    levels, futures = np.array([0.5]), np.full((2, 1), 200)
    found = risk._value_at_risk(("policy", "level"), levels, futures, counts)
    share = estimated(risk._share_at_most, futures, counts)
    spread = distribution_spread(share.value, share.error, np.nan, 1)
    limits = quantile_limits(levels, risk._HIGH, share.value, spread, 12.706204736174698)
    np.testing.assert_allclose(found["value_at_risk_limits"][1], limits, rtol=1e-9)
    assert (limits[..., 0] < limits[..., 1]).all()
