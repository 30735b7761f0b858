"""What the baseline says of its sources, computed again from the project's own tables.

This guards against a kind of fault: a source that does not say what a number claims. Whatever a source of the baseline
derives from `engine/data` is derived here in the same way, and has to be in its words.
"""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

import engine

pytestmark = pytest.mark.known

#: Generations of NVIDIA's data centre chips, in order.
GENERATIONS = (
    *("NVIDIA P100 SXM2", "NVIDIA V100 SXM2 16GB", "NVIDIA A100 SXM4 40GB", "NVIDIA H100 SXM5 80GB"),
    *("NVIDIA B200", "NVIDIA B300 (Blackwell Ultra)"),
)


@pytest.fixture(scope="module")
def baseline():
    return engine.load_scenario(files("engine").parent / "scenarios" / "baseline.yaml")


def table(name, folder="observations"):
    with files("engine.data").joinpath(folder, f"{name}.csv").open() as file:
        return pd.read_csv(file)


def generations():
    return table("chips").set_index("name").loc[list(GENERATIONS)]


def test_gaps_between_generations(baseline):
    released = pd.to_datetime(generations()["release_date"])
    gaps = released.diff().dt.days.to_numpy()[1:] / 365.25
    said = baseline.hardware.release_gap_mean.source
    *first, last = (f"{gap:.1f}" for gap in gaps)
    assert f"{', '.join(first)} and {last} years" in said
    assert f"{gaps.mean():.1f} on average" in said
    assert f"{gaps.std(ddof=1) / gaps.mean():.2f}" in baseline.hardware.release_gap_cv.source
    low, high = baseline.hardware.release_gap_mean.written_quantile(np.array([0.05, 0.95]))
    assert low < gaps[-2:].mean() < gaps.mean() < high


def test_gains_of_generations(baseline):
    chips = generations()
    gains = np.log10(chips["fp16_bf16_dense_flops"] / chips["price_usd"]).diff()
    said = baseline.hardware.generation_gain_mean.source
    for name, words in (("A100 SXM4 40GB", "A100"), ("H100 SXM5 80GB", "H100"), ("B200", "B200")):
        assert f"{words} {gains[f'NVIDIA {name}']:.2f}" in said
    three, with_v100 = gains[list(GENERATIONS[2:5])], gains[list(GENERATIONS[1:5])]
    said = baseline.hardware.generation_gain_sd.source
    assert f"three gains have {three.std():.2f}" in said
    assert f"the {with_v100.iloc[0]:.2f} OOM of V100" in said
    assert f"it would be {with_v100.std():.2f}" in said
    assert three.std() < baseline.hardware.generation_gain_sd.written_quantile(np.array([0.5]))[0] < with_v100.std()


def test_yearly_steps_by_rank(baseline):
    ranks = table("compute_by_rank").set_index("year")[[f"rank_{n}" for n in (1, 2, 3, 5, 10, 20, 50)]]
    steps = ranks.diff().iloc[1:]
    middle = steps.drop(columns="rank_1")
    pairs = middle.corr().to_numpy()[np.triu_indices(middle.shape[1], 1)]
    assert f"median correlation of {np.median(pairs):.1f}" in baseline.investment.common_shock_share.source
    lab = baseline.actor_classes["frontier_lab"]
    sd = steps[["rank_2", "rank_3", "rank_5", "rank_10", "rank_20"]].std().median()
    assert f"yearly steps by rank, {sd:.1f}" in lab.budget_shock_sd.source
    assert lab.budget_shock_sd.written_quantile(np.array([0.5]))[0] == pytest.approx(0.5 * sd, abs=0.02)


def test_spread_of_organisations(baseline):
    last = table("compute_by_rank").set_index("year").loc[2022]
    leaders = last[["rank_1", "rank_2", "rank_3", "rank_5"]]
    assert f"differ by {leaders.std():.1f} OOM" in baseline.actor_classes["frontier_lab"].budget_spread.source
    middle = last["rank_5"] - last["rank_20"]
    assert f"span {middle:.1f} OOM" in baseline.actor_classes["big_tech"].budget_spread.source


def test_open_weights_above_thresholds(baseline):
    counts = table("threshold_counts").query("year == 2022").set_index("threshold_flop")
    above = counts.loc[1e24]
    assert above["open_weight_models_above"] == 0
    said = baseline.actor_classes["frontier_lab"].openness.source
    assert f"among {above['models_above']:.0f} models above 1e24 FLOP by 2022" in said
    above = counts.loc[1e23]
    said = baseline.actor_classes["big_tech"].openness.source
    assert f"{above['open_weight_models_above']:.0f} of {above['models_above']:.0f} models above 1e23 FLOP" in said


def test_developers_above_1e25(baseline):
    latest = table("threshold_counts", "since_2025").iloc[-1]
    assert f"{latest['organisations_above']:.0f} to" in baseline.actor_classes["frontier_lab"].source
    assert baseline.actor_classes["frontier_lab"].count + baseline.actor_classes["big_tech"].count == 13


def test_the_largest_run(baseline):
    """The frontier at the start: between the largest runs known of 2024 and of 2025."""
    known = table("compute_by_rank", "since_2025").set_index("year")["rank_1"]
    origin = baseline.performance.score_origin.written_quantile(np.array([0.5]))[0]
    assert known[2024] < origin < known[2025]


def test_narrower_formats(baseline):
    """A generation brings a format if it is the first with a rate for it."""
    chips = generations().iloc[1:]
    brought = [chips[f"{name}_dense_flops"].first_valid_index() for name in ("fp8", "fp4")]
    assert len(chips) == 5
    assert brought == ["NVIDIA H100 SXM5 80GB", "NVIDIA B200"]
    assert "two of five generations since V100" in baseline.hardware.format_probability.source


def test_compute_for_a_dollar_of_rent(baseline):
    flops = generations().loc["NVIDIA H100 SXM5 80GB", "fp16_bf16_dense_flops"]
    least, most = (flops * 3600.0 / usd_an_hour for usd_an_hour in (3.6, 2.0))
    said = baseline.hardware.price_performance.source
    assert f"{least / 1e18:.1f}e18 to {most / 1e18:.1f}e18" in said
    low, high = baseline.hardware.price_performance.quantile(np.array([0.05, 0.95]))
    assert low < np.log10(least) < np.log10(most) < high
