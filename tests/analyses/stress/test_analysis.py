"""The whole stress test: its parts are those of the functions it is made of, and its report can be acted on."""

from __future__ import annotations

import shlex

import numpy as np
import pytest
import xarray as xr
from shell import call
from stress_data import assert_labels

import engine
from engine.analyses.stress.analysis import stress_test
from engine.analyses.stress.cart import failure_tree
from engine.analyses.stress.failing_boxes import failure_boxes
from engine.analyses.stress.rank_reversal import pair_flips
from engine.analyses.stress.robustness import parse_requirement, robustness, world_means
from engine.analyses.stress.summary import stress_in_words
from engine.analyses.stress.worst_worlds import worst_worlds
from engine.statistics.metrics import outcomes
from engine.text.format import format_share

#: Requirements of which policies of the small run meet some in some worlds.
pytestmark = pytest.mark.quick

REQUIRED = ("exposure <= 95%", "benefit >= 90%")


@pytest.fixture(scope="module")
def found(compared):
    """The stress test of the small run."""
    return stress_test(compared, requirements=REQUIRED)


def same(found, expected):
    """Equal values, whatever the labels."""
    if expected.dtype.kind == "O":
        assert found.values.tolist() == expected.values.tolist()
    else:
        np.testing.assert_array_equal(found.values, expected.values)


def test_a_policy_fails_where_a_requirement_is_not_met(found, compared):
    """Counted again, world by world."""
    means = world_means(outcomes(compared))
    base = means.sel(policy="baseline")
    for policy in found["policy"].values:
        one = means.sel(policy=policy)
        for world in range(found.sizes["world"]):
            met = bool(one.exposure[world] <= 0.95 * base.exposure[world]) and bool(
                one.benefit[world] >= 0.9 * base.benefit[world]
            )
            assert int(found["fails"].sel(policy=policy)[world]) == (not met)
    assert 0 < int(found["fails"].sum()) < found["fails"].size


def test_robustness_boxes_trees_and_worst_worlds_are_those_of_their_functions(found, compared):
    samples = outcomes(compared)
    measures = robustness(samples, [parse_requirement(text, samples) for text in REQUIRED])
    for name in measures.data_vars:
        same(found[name], measures[name])
    boxes, tree = (
        failure_boxes(found["parameters"], found["fails"]),
        failure_tree(found["parameters"], found["fails"], 2),
    )
    for name in ("lower", "upper", "coverage", "density", "mass", "verdict"):
        same(found[f"box_{name}"], boxes[name])
        same(found[f"tree_{name}"], tree[name])
    same(found["failing_worlds"], found["fails"].sum("world"))
    for metric in samples:
        worst = worst_worlds(compared["parameters"], samples, str(metric))
        for name in ("world", "future", "value", "driver_parameter"):
            same(found[f"worst_{name}"].sel(metric=metric), worst[name])


def test_pairs_are_all_on_the_first_metric_and_the_best_two_on_others(found, compared):
    number = found.sizes["policy"]
    on_first = found["pair_metric"].values == "exposure"
    assert on_first.sum() == number * (number - 1) // 2
    assert sorted(found["pair_metric"].values[~on_first]) == ["benefit", "incidents", "loss"]
    samples = outcomes(compared)
    for p in range(found.sizes["pair"]):
        pair = found.isel(pair=p)
        first, second, metric = (str(pair[name].item()) for name in ("pair_first", "pair_second", "pair_metric"))
        expected = pair_flips(found["parameters"], samples, first, second, metric)
        assert float(pair["flip_mean"]) == float(expected["mean"])
        z = expected["opposite_z"].reindex(parameter=found["parameter"].values)
        same(pair["flip_opposite_z"], z)
        sign = 1.0 if samples[metric].attrs["better"] == "less" else -1.0
        assert sign * float(pair["flip_mean"]) <= 0.0


def test_levers_of_policies_that_are_not_played_are_left_out(governed):
    """They cannot matter."""
    results = engine.simulate(governed, 30, 2, 5, policies=["brake"], keep="samples")
    names = [str(name) for name in stress_test(results)["parameter"].values]
    assert any(name.startswith("policies.brake.") for name in names)
    assert not any(name.startswith("policies.caution.") for name in names)


def test_it_survives_netcdf_with_labels_and_tells_the_same(found, tmp_path):
    """Long names and units on everything; the report is that of the file."""
    assert_labels(found)
    engine.write_results(found, tmp_path / "stress.nc")
    with xr.open_dataset(tmp_path / "stress.nc") as back:
        assert_labels(back)
        xr.testing.assert_equal(back.load(), found)
        assert stress_in_words(back) == stress_in_words(found)


def test_it_is_reproducible_and_knows_where_it_comes_from(found, compared, governed):
    assert stress_test(compared, requirements=REQUIRED).attrs["id"] == found.attrs["id"]
    assert found.attrs["scenario_sha256"] == compared.attrs["scenario_sha256"]
    assert found.attrs["title"] == "Stress test: governed"


def test_the_baseline_alone_has_no_usual_requirements(kept):
    """It would be compared with itself; a requirement in figures is another thing."""
    alone = stress_test(kept)
    assert "fails" not in alone
    assert "pair" not in alone.dims
    assert "Under which assumptions" not in stress_in_words(alone)
    limit = float(np.median(world_means(outcomes(kept))["exposure"]))
    asked = stress_test(kept, requirements=[f"exposure <= {limit}"])
    assert int(asked["failing_worlds"].item()) == int((world_means(outcomes(kept))["exposure"] > limit).sum())
    assert "baseline fails in" in stress_in_words(asked)


def test_worlds_in_which_the_baseline_has_nothing_are_said(compared):
    """Their 90% is 0, which a policy without exposure meets, and so does the baseline; absolute limits need no note."""
    samples = compared.copy()
    exposure = samples.future_exposure.load().copy()
    exposure[{"world": slice(0, exposure.sizes["world"] // 4)}] = 0.0
    found = stress_test(samples.assign(future_exposure=exposure), requirements=["exposure <= 90%", "benefit >= 90%"])
    quarter = found["world"][: exposure.sizes["world"] // 4]
    assert not found.fails.sel(world=quarter, policy="baseline").any()
    told = f"In {format_share(quarter.size / found.sizes['world'])} of worlds exposure is 0 under the baseline;"
    text = " ".join(stress_in_words(found).split())
    assert f"{told} a policy with 0 meets exposure <= 90% there." in text
    assert "benefit is 0 under" not in text
    assert "is 0 under" not in stress_in_words(stress_test(samples, requirements=["exposure <= 1"]))


def test_a_metric_of_a_requirement_is_judged_too(compared):
    found = stress_test(compared, ["loss"], ["incidents <= 100%"])
    assert list(found["metric"].values) == ["loss", "incidents"]


@pytest.mark.parametrize(
    ("metrics", "requirements", "words"),
    [
        (["los"], None, "there is no metric 'los'; did you mean 'loss'?"),
        (None, ["exposre <= 90%"], "no metric 'exposre'; did you mean 'exposure'?"),
        (None, ["exposure < 90%"], "write <= (at most) or >= (at least)"),
    ],
)
def test_what_cannot_be_asked_is_refused(compared, metrics, requirements, words):
    with pytest.raises(ValueError, match=r"metric|operator") as error:
        stress_test(compared, metrics, requirements)
    assert words in str(error.value)


def test_the_report_is_in_order_and_narrow(found):
    text = stress_in_words(found)
    headings = ["X  ", "L  ", "R  ", "M  ", "1. ", "2. ", "3. ", "4. ", "5. ", "6. "]
    places = [text.index(f"\n{heading}") for heading in headings]
    assert places == sorted(places)
    assert all(len(line) <= 120 for line in text.splitlines() if "engine replay" not in line)
    assert "nan" not in text


@pytest.mark.parametrize("sampling", ["random", "lhs", "qmc"])
def test_command_lines_of_the_report_tell_the_worst_futures(monkeypatch, capsys, tmp_path, governed_file, sampling):
    """Played again by the replay clock, incidents and losses are those that the report gives, but for rounding."""
    import pandas as pd

    results = engine.simulate(
        engine.load_scenario(governed_file), 32, 6, 9, policies=["brake"], keep="samples", sampling=sampling
    )
    found = stress_test(results, ["incidents", "loss"], [])
    text = stress_in_words(found)
    commands = [line.strip() for line in text.splitlines() if line.strip().startswith("engine replay")]
    assert len(commands) >= 2
    for command in commands:
        words = shlex.split(command)[1:]
        events = tmp_path / "events.csv"
        code, out, err = call(monkeypatch, capsys, *words, "--events", events)
        assert (code, err) == (0, "")
        assert out.startswith("governed")
        incidents = pd.read_csv(events).query("event == 'incident'")
        policy = words[words.index("--policy") + 1] if "--policy" in words else "baseline"
        world, future = (int(words[words.index(option) + 1]) for option in ("--world", "--future"))
        told = results.sel(policy=policy, world=world, future=future)
        assert len(incidents) == float(told.future_incidents.sel(capability="early")) > 0
        assert float((10.0**incidents.log10_usd).sum()) == pytest.approx(float(told.future_loss), rel=1e-3)
        worst = found.sel(policy=policy).isel(rank=0)
        assert (world, future) in list(zip(worst["worst_world"].values, worst["worst_future"].values, strict=True))
        values = worst["worst_future_value"].values
        assert len(incidents) == values[0] or float(told.future_loss) == values[1]
