"""Numbers in words."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analyses.stress.share_of_worlds import format_share_of_worlds
from engine.text.format import format_range, format_share, format_value, format_with_error, strings


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.3098, "OOM/yr", "0.31 OOM/yr"),
        (8.505, "log10 US$", "3.2e8 US$"),
        (26.0, "log10 FLOP", "1e26 FLOP"),
        (2.5, "log10 US$", "320 US$"),
        (0.854, "fraction", "85.4%"),
        (2031.44, "year", "2031.4"),
        # A date is a year from 1000 until before 3000; what is shorter or longer is a duration.
        (1000.0, "years", "1000.0"),
        (2150.0, "year", "2150.0"),
        (2999.9, "years", "2999.9"),
        (999.9, "years", "1,000 years"),
        (3000.0, "years", "3,000 years"),
        (12.34, "years", "12.3 years"),
        (12345.6, "1", "12,300"),
        (1.234e12, "US$", "1.23e12 US$"),
        (-0.00001234, "1", "-1.23e-5"),
        (0.0, "1", "0"),
        (np.nan, "years", "unknown"),
    ],
)
def test_a_number_has_three_digits_and_its_unit(value, unit, text):
    """Logarithms are told as amounts with two, shares as per cent."""
    assert format_value(value, unit) == text


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.1234, 0.0311, "0.123 +- 0.031 years"),
        (1234.5, 12.3, "1,234 +- 12 years"),
        (-3.21e11, 1.5e9, "(-3.210 +- 0.015)e11 years"),
        (5.0, 0.0, "5 years"),
        (5.0, 1e-15, "5 years"),
        (5.0, np.nan, "5 +- ? years"),
        (np.nan, 1.0, "unknown"),
    ],
)
def test_an_error_sets_the_digits(value, error, text):
    """Two digits of the error; very large and small numbers share a power of ten."""
    assert format_with_error(value, error, "years") == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0%"), (0.001, "<1%"), (0.254, "25%"), (0.999, ">99%"), (1.0, "100%"), (np.nan, "unknown")],
)
def test_a_share_is_never_rounded_to_none_or_all(share, text):
    """0% and 100% are told only where they are exact."""
    assert format_share(share) == text


def test_a_range_is_told_by_the_limits_there_are():
    """One or both."""
    assert format_range(1.0, np.nan, "years") == "above 1 years"
    assert format_range(np.nan, 9.0, "log10 US$") == "below 1e9 US$"
    assert format_range(0.1, 0.5, "fraction") == "between 10% and 50%"


def test_text_is_an_array_even_if_there_is_none():
    """Objects, or of fixed length where netCDF could not tell what an empty array holds."""
    assert strings(["a", "bc"]).dtype == object
    assert strings([]).dtype.kind == "U"


@pytest.mark.parametrize(
    ("share", "worlds", "text"),
    [(1.0, 50, "> 92%"), (0.0, 50, "< 8%"), (0.98, 50, "98% (89 to 100%)"), (0.5, 50, "50.0% +- 7.1%")],
)
def test_a_share_of_worlds_is_never_certain(share, worlds, text):
    """What all worlds of a run have in common was told as "100.0% +- 0.0%"."""
    assert format_share_of_worlds(share, np.sqrt(share * (1.0 - share) / worlds), worlds) == text
