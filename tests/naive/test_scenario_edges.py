"""The last value that a scenario accepts and the first that it refuses; and what plain texts and numbers mean."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
from helpers import scenario
from pydantic import ValidationError
from scipy import stats

from engine.errors import InputError
from engine.scenario import check_addresses, names
from engine.scenario.display import html_text
from engine.scenario.errors import Problem, ScenarioError, in_lines, shown
from engine.scenario.families import distribution_of
from engine.scenario.numbers import NumberError, Quantity, _inwards, meant
from engine.scenario.origins import kind_of
from engine.scenario.sections import Correlation, Output
from engine.scenario.source import parsed
from engine.scenario.units import PLAIN

pytestmark = [pytest.mark.known, pytest.mark.quick]


@pytest.mark.parametrize(
    ("key", "accepted", "refused"),
    [
        ("time_step", [0.02, 5.0], [0.0199, 5.01]),
        ("flop_thresholds", [[1.0], [1.0] * 16], [[], [1.0] * 17]),
        ("investments", [[1.0], [1.0] * 16], [[], [1.0] * 17]),
        ("quantiles", [[0.5], [0.5] * 99], [[], [0.5] * 100]),
        ("risk_levels", [[0.5], [0.5] * 16], [[], [0.5] * 17]),
    ],
)
def test_the_sizes_of_grids(key, accepted, refused):
    for value in accepted:
        assert getattr(Output.model_validate({key: value}), key) == value
    for value in refused:
        with pytest.raises(ValidationError):
            Output.model_validate({key: value})


@pytest.mark.parametrize(("rank", "accepted"), [(-1.0, False), (-0.999, True), (0.999, True), (1.0, False)])
def test_a_correlation_lies_between_minus_one_and_one(rank, accepted):
    if accepted:
        assert Correlation.model_validate({"between": ["a", "b"], "rank": rank}).rank == rank
    else:
        with pytest.raises(ValidationError):
            Correlation.model_validate({"between": ["a", "b"], "rank": rank})


@pytest.mark.parametrize(
    "output",
    [
        {"flop_thresholds": [1.0, 1e60]},
        {"investments": [1.0, 1e15]},
        {"quantiles": [0.001, 0.999]},
        {"risk_levels": [0.001, 0.999]},
    ],
)
def test_grids_may_reach_their_ends(output):
    ((key, values),) = output.items()
    assert getattr(scenario(output=output).output, key) == values


@pytest.mark.parametrize(
    ("key", "values"),
    [
        *[("flop_thresholds", values) for values in ([0.99], [1.1e60], [1e25, 1e25], [1e26, 1e25])],
        *[("investments", values) for values in ([0.99], [1.1e15], [1e6, 1e6], [1e7, 1e6])],
        *[("quantiles", values) for values in ([0.0], [1.0], [0.5, 0.5], [0.9, 0.1])],
        *[("risk_levels", values) for values in ([0.0], [1.0], [0.5, 0.5], [0.9, 0.1])],
    ],
)
def test_grids_beyond_their_ends_or_not_rising_are_refused(key, values):
    with pytest.raises(ScenarioError, match=f"output.{key}: .* must rise and lie between"):
        scenario(output={key: values})


@pytest.mark.parametrize(
    ("start", "horizon", "step", "refusal"),
    [
        (2025.0, 2125.0, 5.0, None),
        (2025.0, 2125.5, 5.0, "at most 100 years after start"),
        (2025.0, 2025.0, 5.0, "must be after start"),
        (2000.0, 2062.5, 0.03125, None),
        (2000.0, 2062.53125, 0.03125, "more than 2000 points of time"),
    ],
)
def test_how_long_and_how_finely_time_may_run(start, horizon, step, refusal):
    """A step of 1/32 year is exact, and 62.5 years hold 2,000 of them."""
    if refusal is None:
        assert scenario(start=start, horizon=horizon, output={"time_step": step}).horizon == horizon
    else:
        with pytest.raises(ScenarioError, match=refusal):
            scenario(start=start, horizon=horizon, output={"time_step": step})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-7", -7),
        ("0x1F", 31),
        ("0o17", 15),
        ("1e3", 1000.0),
        ("-.inf", -math.inf),
        (".inf", math.inf),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("2027-06-01", "2027-06-01"),
        ("'12'", "12"),
        ("word", "word"),
    ],
)
def test_what_a_plain_value_of_yaml_means(text, value):
    found = parsed(f"key: {text}", "file").data["key"]
    assert (type(found), found) == (type(value), value)


def test_where_each_key_stands_and_how_many_values_there_are():
    """Values are the two mappings, the list, its two entries and the number; keys do not count."""
    source = parsed("a:\n  b: 1\n\nc:\n  - 2\n  - 3\n", "file")
    assert source.data == {"a": {"b": 1}, "c": [2, 3]}
    places = {(): 0, ("a",): 1, ("a", "b"): 2, ("c",): 4, ("c", 0): 5, ("c", 1): 6}
    assert source.lines == {path: ("file", line) for path, line in places.items()}
    assert source.nodes == 6
    assert source.place(("c", 1, "deeper")) == ("file", 6)
    assert source.place(("unknown",)) == ("file", 0)


def test_how_many_values_and_levels_a_file_may_have():
    text = "a: {b: 1}\nc: [2, 3]"
    assert parsed(text, "file", 6).nodes == 6
    with pytest.raises(ScenarioError, match="values in all"):
        parsed(text, "file", 5)
    assert parsed("{a: " * 24 + "1" + "}" * 24, "file").nodes == 25
    with pytest.raises(ScenarioError, match="nested too deeply; at most 24 levels"):
        parsed("{a: " * 25 + "1" + "}" * 25, "file")


@pytest.mark.parametrize(
    ("family", "parameters", "values"),
    [
        ("normal", {"p5": 1.0, "p95": 5.0}, {0.05: 1.0, 0.5: 3.0, 0.95: 5.0}),
        ("normal", {"mean": 3.0, "sd": 2.0}, {0.5: 3.0, 0.8413447460685429: 5.0}),
        ("lognormal", {"p10": 1.0, "p90": 100.0}, {0.1: 1.0, 0.5: 10.0, 0.9: 100.0}),
        ("lognormal", {"median": 3.0, "sigma": 1.0}, {0.5: 3.0, 0.8413447460685429: 3.0 * math.e}),
        ("uniform", {"low": 2.0, "high": 6.0}, {0.25: 3.0, 0.75: 5.0}),
        ("uniform", {"p25": 3.0, "p75": 5.0}, {0.125: 2.5, 0.5: 4.0, 0.875: 5.5}),
        ("triangular", {"low": 0.0, "mode": 1.0, "high": 4.0}, {0.25: 1.0, 0.8125: 4.0 - math.sqrt(12.0 * 0.1875)}),
        ("triangular", {"low": 0.0, "mode": 0.0, "high": 1.0}, {0.75: 0.5}),
        ("triangular", {"low": 0.0, "mode": 1.0, "high": 1.0}, {0.25: 0.5}),
        ("triangular", {"p12.5": 2.0, "mode": 3.0, "p87.5": 4.0}, {0.125: 2.0, 0.5: 3.0, 0.875: 4.0}),
        ("beta", {"alpha": 1.0, "beta": 2.0}, {0.75: 0.5}),
        ("beta", {"mean": 0.5, "sd": 12.0**-0.5}, {0.25: 0.25, 0.9: 0.9}),
        ("beta", {"p20": 0.2, "p70": 0.7}, {0.2: 0.2, 0.5: 0.5, 0.7: 0.7}),
    ],
)
def test_distributions_have_these_quantiles(family, parameters, values):
    distribution = distribution_of(family, parameters)
    for probability, value in values.items():
        assert float(distribution.quantile(probability)) == pytest.approx(value, rel=1e-6)


def test_a_lognormal_of_a_mean_and_an_sd_has_them():
    values = distribution_of("lognormal", {"mean": 3.0, "sd": 2.0}).quantile((np.arange(200_000) + 0.5) / 200_000)
    assert values.mean() == pytest.approx(3.0, rel=1e-4)
    assert values.std() == pytest.approx(2.0, rel=2e-3)


@pytest.mark.parametrize(
    ("family", "parameters", "same"),
    [
        ("normal", {"mean": 2.0, "sd": 3.0}, stats.norm(2.0, 3.0)),
        ("lognormal", {"median": 2.0, "sigma": 0.7}, stats.lognorm(0.7, scale=2.0)),
        ("uniform", {"low": -1.0, "high": 3.0}, stats.uniform(-1.0, 4.0)),
        ("triangular", {"low": -1.0, "mode": 0.0, "high": 3.0}, stats.triang(0.25, -1.0, 4.0)),
        ("triangular", {"low": -1.0, "mode": -1.0, "high": 3.0}, stats.triang(0.0, -1.0, 4.0)),
        ("triangular", {"low": -1.0, "mode": 3.0, "high": 3.0}, stats.triang(1.0, -1.0, 4.0)),
        ("beta", {"alpha": 2.0, "beta": 3.0}, stats.beta(2.0, 3.0)),
    ],
)
def test_distributions_are_those_of_scipy(family, parameters, same):
    mine = distribution_of(family, parameters)
    probabilities = np.array([0.0, 1e-9, 1e-3, 0.1, 0.25, 0.5, 0.9, 1.0 - 1e-6, 1.0])
    np.testing.assert_allclose(mine.quantile(probabilities), same.ppf(probabilities), rtol=1e-12, atol=1e-12)
    values = np.array([-np.inf, -2.0, -1.0, 0.0, 1e-3, 0.3, 1.0, 2.9, 3.0, 4.0, np.inf])
    np.testing.assert_allclose(mine.probability(values), same.cdf(values), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("family", "parameters", "refusal"),
    [
        ("normal", {"mean": 0.0, "sd": 0.0}, "sd of normal must be above 0"),
        ("normal", {"p0": 1.0, "p50": 2.0}, "two different quantiles"),
        ("normal", {"p50": 1.0, "p50.0": 2.0}, "two different quantiles"),
        ("normal", {"p5": 1.0, f"p99.{'9' * 20}": 2.0}, "two different quantiles"),
        ("normal", {"p5": 1.0, "p50": 2.0, "p95": 3.0}, "normal is given by mean and sd"),
        ("normal", {"p5": 2.0, "p95": 2.0}, "p5 and p95 are both 2"),
        ("lognormal", {"median": 0.0, "sigma": 1.0}, "median of lognormal must be above 0"),
        ("lognormal", {"p5": 0.0, "p95": 2.0}, "the lower quantile of lognormal must be above 0"),
        ("uniform", {"low": 1.0, "high": 1.0}, "must be below high"),
        ("triangular", {"low": 1.0, "mode": 1.0, "high": 1.0}, "must be in this order"),
        ("triangular", {"low": 1.0, "mode": 0.9, "high": 2.0}, "must be in this order"),
        ("triangular", {"p5": 1.0, "mode": 1.0, "p95": 2.0}, "must lie between the quantiles"),
        ("triangular", {"p5": 1.0, "mode": 2.0, "p95": 2.0}, "must lie between the quantiles"),
        ("beta", {"mean": 0.0, "sd": 0.1}, "a mean between 0 and 1 and an sd below"),
        ("beta", {"mean": 0.5, "sd": 0.0}, "a mean between 0 and 1 and an sd below"),
        ("beta", {"mean": 0.5, "sd": 0.5}, "a mean between 0 and 1 and an sd below"),
        ("beta", {"p5": 0.0, "p95": 0.5}, "must lie between 0 and 1, not at 0 and 0.5"),
        ("beta", {"p5": 0.5, "p95": 1.0}, "must lie between 0 and 1, not at 0.5 and 1"),
    ],
)
def test_parameters_that_make_no_distribution_are_refused(family, parameters, refusal):
    with pytest.raises(ValueError, match=refusal):
        distribution_of(family, parameters)


@pytest.mark.parametrize(
    ("value", "up", "down"),
    [
        (0.0123456, "0.0124", "0.0123"),
        (-0.0123456, "-0.0123", "-0.0124"),
        (1234567.0, "1.24e+06", "1.23e+06"),
        (0.05, "0.05", "0.05"),
        (0.0, "0", "0"),
        (math.inf, "inf", "inf"),
    ],
)
def test_ends_of_ranges_are_shown_in_three_digits(value, up, down):
    assert (_inwards(value, math.ceil), _inwards(value, math.floor)) == (up, down)


@pytest.mark.parametrize(
    ("value", "above_low", "accepted"),
    [
        *[(value, False, True) for value in (0.0, -5e-10, 1.0, 1.0 + 5e-10)],
        *[(value, False, False) for value in (-2e-9, 1.0 + 2e-9)],
        *[(value, True, value > 0.0) for value in (0.0, 1e-12, 1.0)],
    ],
)
def test_the_ends_of_a_range_belong_to_it_but_for_an_open_lower_one(value, above_low, accepted):
    quantity = Quantity(PLAIN, 0.0, 1.0, above_low=above_low)
    if accepted:
        carried = float(quantity.parse(value).quantile(np.array(0.5)))
        assert carried == min(max(value, 0.0), 1.0)
    else:
        with pytest.raises(NumberError, match="out of range"):
            quantity.parse(value)


def test_an_error_names_at_most_24_names():
    known = [f"name{number}" for number in range(25)]
    assert meant("zzz", known[:24]) == f"use one of: {', '.join(known[:24])}"
    assert meant("zzz", known) == f"use one of: {', '.join(known[:24])}, and 1 others"
    assert meant("nam3", ["name3", "other"]) == "did you mean 'name3'?"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("x" * 40, repr("x" * 40)),
        ("x" * 41, repr("x" * 40 + "...")),
        (None, "nothing"),
        (True, "true"),
        ({}, "a mapping"),
        (10**15 - 1, "999999999999999"),
        (10**15, "1e+15"),
        (-(10**15), "-1e+15"),
        (10**400, "a number with hundreds of digits"),
        ([], "a list"),
    ],
)
def test_how_an_error_shows_a_value(value, said):
    assert shown(value) == said


def test_how_much_an_error_says():
    """Keys of 100 letters, lines of 600, and 20 lines."""
    assert str(Problem("f", 0, "k" * 100, "m")) == f"f: {'k' * 100}: m"
    assert str(Problem("f", 3, "k" * 101, "m")) == f"f:3: {'k' * 100}...: m"
    assert str(Problem("f", 1, "", "m" * 595)) == f"f:1: {'m' * 595}"
    assert str(Problem("f", 1, "", "m" * 596)) == f"f:1: {'m' * 595}..."
    problems = [Problem("f", 1, "", "m")] * 22
    assert in_lines(problems[:20]) == "\n".join(["f:1: m"] * 20)
    assert in_lines(problems) == "\n".join([*["f:1: m"] * 20, "and 2 more; correct these first"])


def test_a_notebook_shows_300_letters_of_a_text():
    assert html_text("x" * 300) == f"<p>{'x' * 300}</p>"
    assert html_text("x" * 301, "<") == f"<p>{'x' * 300}...<br>&lt;</p>"


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("", "none stated"),
        (" \n", "none stated"),
        ("Assumption: near one", "assumption"),
        ("Epoch 2024; the tail is an assumption", "source and assumption"),
        ("Epoch 2024", "source"),
    ],
)
def test_what_kind_of_source_a_text_is(source, kind):
    assert kind_of(source) == kind


def test_addresses_are_little_endian_digests_and_a_second_name_of_one_digest_is_hashed_again(monkeypatch):
    assert names.digest("a", 2) == int.from_bytes(hashlib.blake2s(b"a", digest_size=2).digest(), "little")
    monkeypatch.setattr(names, "digest", lambda text, size: {"a": 5, "b": 5, "b#1": 5, "b#2": 9, "c": 7}[text] * size)
    assert names.addresses(["a", "b", "c"]) == [10, 18, 14]


@pytest.mark.parametrize(
    ("path", "name"),
    [("policies.cap.licensing_2.delay", "measures.licensing_2.delay"), ("hardware.price", "hardware.price")],
)
def test_a_number_of_a_measure_is_drawn_without_the_name_of_its_policy(path, name):
    assert names.luck_name(path) == name


def test_errors_of_addresses_name_what_is_no_whole_number():
    with pytest.raises(InputError, match=r"worlds must be a whole number, such as 10, not 2.0; write 2$"):
        check_addresses(2.0, 1, 0, "random")
