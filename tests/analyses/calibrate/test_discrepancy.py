"""The discrepancy: a covariance that falls over years and sizes, kinds apart, and errors for what is out of range."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from engine.analyses.calibrate.discrepancy import Discrepancy

NAN = float("nan")


def made(*rows):
    """Observations of (kind, level, rank, time)."""
    kinds, levels, ranks, times = zip(*rows)
    columns = {"kind": list(kinds), "level": list(levels), "rank": list(ranks), "time": list(times)}
    return xr.Dataset(coords={name: ("observation", values) for name, values in columns.items()})


def correlation(*rows, **numbers):
    covariance = Discrepancy(**numbers).covariance(made(*rows))
    sd = np.sqrt(np.diag(covariance))
    return (covariance / np.outer(sd, sd))[0, 1]


@pytest.mark.known
@pytest.mark.parametrize(
    "rows",
    [
        (("models", 1e23, 0, 2020.0), ("models", 1e23, 0, 2022.0)),
        (("models", 1e23, 0, 2020.0), ("models", 1e25, 0, 2020.0)),
        (("compute", NAN, 1, 2020.0), ("compute", NAN, 1, 2022.0)),
        (("compute", NAN, 1, 2020.0), ("compute", NAN, 100, 2020.0)),
        (("models", 1e23, 0, 2020.0), ("models", 1e24, 0, 2021.0)),
        (("open_compute", NAN, 0, 2020.0), ("open_compute", NAN, 0, 2022.0)),
    ],
)
def test_the_shared_part_falls_to_1_over_e_over_the_stated_years_and_sizes(rows):
    assert correlation(*rows, years=2.0, sizes=2.0, alone=0.25) == pytest.approx(0.75 * np.exp(-1.0))


def test_kinds_are_independent_and_what_an_observation_has_alone_is_not_shared():
    assert correlation(("models", 1e23, 0, 2020.0), ("organisations", 1e23, 0, 2020.0)) == 0.0
    assert correlation(("models", 1e23, 0, 2020.0), ("models", 1e23, 0, 2021.0), alone=1.0) == 0.0


def test_standard_deviations_are_those_of_compute_and_of_counts():
    rows = [(kind, 1e23, 0, 2020.0) for kind in ("organisations", "models", "open_models", "compute", "open_compute")]
    covariance = Discrepancy(compute=0.5, counts=0.2).covariance(made(*rows))
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), [0.2, 0.2, 0.2, 0.5, 0.5])


def test_a_covariance_is_symmetric_and_positive_definite_though_rows_are_many_and_alike():
    levels, years = np.logspace(20, 26, 7), np.arange(2018, 2026)
    rows = [(kind, level, 0, float(year)) for kind in ("models", "organisations") for level in levels for year in years]
    rows += [("compute", NAN, rank, float(year)) for rank in (1, 2, 3, 5, 10) for year in years]
    covariance = Discrepancy(alone=0.01).covariance(made(*rows))
    np.testing.assert_array_equal(covariance, covariance.T)
    # No direction has less than what each observation has for itself.
    assert np.linalg.eigvalsh(covariance).min() >= 0.01 * 0.15**2 * (1.0 - 1e-9)


@pytest.mark.parametrize("name", ["compute", "counts", "years", "sizes"])
@pytest.mark.parametrize("value", [0.0, -1.0, np.inf, NAN])
def test_numbers_out_of_range_are_refused(name, value):
    with pytest.raises(ValueError, match=f"^{name} of a discrepancy must be above 0, not {value}$"):
        Discrepancy(**{name: value})


@pytest.mark.parametrize("value", [0.0, -0.1, 1.1, NAN])
def test_what_is_alone_is_a_share(value):
    with pytest.raises(ValueError, match=f"^alone of a discrepancy must be above 0 and at most 1, not {value}$"):
        Discrepancy(alone=value)
