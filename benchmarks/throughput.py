"""Futures a second on one thread: the Monte Carlo clock against the replay clock, NumPy and C++.

    python benchmarks/throughput.py [--quick]

First the C++ twin is compiled and must leave the same futures as the engine; then all are timed in turns, so that
a slow spell of the machine falls on all of them. Seconds are those of the processor: on an idle machine the seconds of
a clock on the wall, and on a shared one without the time that others take.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy_simple
import twin

import engine
from engine.replay.play import play
from engine.scenario import Scenario, WorldSampler

ROOT = twin.HERE.parent
SEED = 2026
FUTURES = 20

CLOCK, REPLAY, TWIN = "Monte Carlo clock, baseline", "replay clock, baseline", "C++ twin, baseline"
CLOCK_SIMPLE, NUMPY = "Monte Carlo clock, simple", "NumPy, simple"
NUMPY_ATTAINMENTS = "NumPy, attainments alone"


@dataclass(frozen=True)
class Size:
    """How much is timed, and how often."""

    worlds: int
    replayed: int
    rounds: int


FULL, QUICK = Size(worlds=1000, replayed=30, rounds=7), Size(worlds=200, replayed=10, rounds=3)


class Disagreement(Exception):
    """Two implementations that must agree do not."""


def verify_twin(program: Path, scenario: Scenario, folder: Path, worlds: int = 200, futures: int = 10) -> str:
    """Play the same futures in the twin and in the engine; a line that says how well they agree.

    Raises Disagreement if a first attainment, its route, a count of models, actors or events differs.
    """
    run = twin.write_run(folder / "verify.run", scenario, worlds, futures, SEED)
    mine = twin.play(program, run, scenario, worlds, futures)
    dataset = engine.simulate(
        scenario, worlds, futures, SEED, execution=engine.Execution(threads=1), keep="samples"
    ).isel(policy=0)
    times = dataset["attainment_time"].to_numpy()
    if not np.array_equal(np.isnan(times), np.isnan(mine.attainment_time)):
        raise Disagreement("engine and twin differ in which classes attain")
    # The engine keeps samples as float32, which is 1.2e-4 years near 2025.
    difference = float(np.nanmax(np.abs(times - mine.attainment_time)))
    if difference > 3e-4:
        raise Disagreement(f"first attainments of engine and twin differ by {difference:.3g} years")
    total = worlds * futures
    if (dataset.attainment_route.sel(route="distilled") > 0.0).any():
        raise Disagreement("the twin has no distillation; switch it off in the scenario")
    for name, theirs in (
        ("runs_above_mean", mine.runs_above_sum),
        ("actors_with_access_mean", mine.access_sum),
        ("attainment_route", mine.by_route),
    ):
        engines = dataset.drop_sel(route="distilled")[name].to_numpy()
        if not np.allclose(engines, theirs / total, rtol=1e-12, atol=0.0):
            raise Disagreement(f"{name} of engine and twin differs")
    medians = dataset["effective_compute"].sel(quantile=0.5).to_numpy()
    best = np.where(np.isnan(mine.best), -np.inf, mine.best)
    best = np.quantile(best, 0.5, axis=(0, 1), method="inverted_cdf")
    # The engine's median lies in the bin of 0.05 OOM that holds the median future.
    apart = np.abs(medians - best)[np.isfinite(best)]
    if not np.all(apart < 0.1):
        raise Disagreement(f"median effective compute of engine and twin differs by {apart.max():.3g} OOM")
    attained = int((~np.isnan(times)).sum())
    return f"{total:,} futures, {attained:,} first attainments, {difference:.1e} years apart (float32)"


def verify_replay(program: Path, scenario: Scenario, folder: Path, futures: int) -> str:
    """The same for the replay clock, to the rounding of float64."""
    run = twin.write_run(folder / "replay.run", scenario, futures, 1, SEED)
    mine = twin.play(program, run, scenario, futures, 1)
    worlds, policies = WorldSampler(scenario, futures, SEED).draw()
    difference = 0.0
    for w in range(futures):
        history = play(scenario, worlds[w], policies[w, 0], (SEED, w, 0))
        times = np.full(mine.attainment_time.shape[2:], np.nan)
        for row in history.attainments.itertuples():
            times[scenario.class_names.index(row.actor_class), scenario.capability_names.index(row.capability)] = (
                row.time
            )
        if not np.array_equal(np.isnan(times), np.isnan(mine.attainment_time[w, 0])):
            raise Disagreement(f"replay and twin differ in which classes attain in world {w}")
        difference = max(difference, float(np.nanmax(np.abs(times - mine.attainment_time[w, 0]), initial=0.0)))
        counted = dict(zip(twin.COUNTED, mine.counted[w, 0].astype(int).tolist(), strict=True))
        mine_counted = {kind: history.counts()[kind] for kind in counted}
        if mine_counted != counted:
            raise Disagreement(f"replay counts {mine_counted}, twin {counted} in world {w}")
    if difference > 1e-6:
        raise Disagreement(f"first attainments of replay and twin differ by {difference:.3g} years")
    return f"{futures} futures, {difference:.1e} years apart, the same counts of events"


def new_grids(scenario: Scenario) -> numpy_simple.Grids:
    """Empty grids of what NumPy keeps beside first attainments."""
    thresholds = np.log10(np.array(scenario.output.flop_thresholds))
    classes, capabilities = len(scenario.class_names), len(scenario.capability_names)
    return numpy_simple.Grids(scenario.time_grid, thresholds, classes, capabilities)


def compare_numpy(scenario: Scenario, worlds: int) -> str:
    """Median first attainments of the simple scenario: NumPy's minus the engine's, with two standard errors.

    Raises Disagreement if a median is five standard errors apart, or a mean on the time grid a hundredth of the
    largest.
    """
    samples = engine.simulate(
        scenario,
        worlds,
        FUTURES,
        SEED,
        execution=engine.Execution(threads=1),
        keep="samples",
    )
    theirs = samples["attainment_time"].isel(policy=0).to_numpy().astype(np.float64)
    theirs = theirs.reshape(-1, *theirs.shape[2:])
    grids = new_grids(scenario)
    mine = numpy_simple.attainment_times(WorldSampler(scenario, 1, SEED).worlds()[0], len(theirs), SEED, grids)
    for name, sums in (("runs_above_mean", grids.models), ("actors_with_access_mean", grids.access)):
        means = samples[name].isel(policy=0).to_numpy()
        apart = float(np.abs(sums / grids.futures - means).max() / means.max())
        if apart > 0.01:
            raise Disagreement(f"{name} of NumPy and engine differs by {apart:.2%} of its largest value")
    lines = []
    for c, name in enumerate(scenario.class_names):
        for k, capability in enumerate(scenario.capability_names):
            pair = [np.nan_to_num(times[:, c, k], nan=np.inf) for times in (mine, theirs)]
            ours, engines = (float(np.median(times)) for times in pair)
            error = float(np.hypot(*(_median_error(times) for times in pair)))
            lines.append(f"  {name}, {capability}: {engines:.3f}, NumPy {ours - engines:+.4f} (2 se {2 * error:.4f})")
            if abs(ours - engines) > 5.0 * error:
                raise Disagreement("medians of NumPy and engine differ by more than chance allows:\n" + lines[-1])
    return "\n".join(lines)


def _median_error(times: np.ndarray) -> float:
    """Standard error of a median, from the order statistics one standard deviation of rank away."""
    rank = 0.5 / np.sqrt(len(times))
    low, high = np.quantile(times, [0.5 - rank, 0.5 + rank])
    return float((high - low) / 2.0)


def rates(contestants: dict[str, Callable[[], float]], rounds: int) -> dict[str, np.ndarray]:
    """Futures a second of each contestant in each round; a contestant returns its own."""
    measured: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            measured[name].append(contestant())
    return {name: np.array(values) for name, values in measured.items()}


def timed(work: Callable[[], object], futures: int) -> Callable[[], float]:
    """A contestant that does `work` worth of `futures`."""

    def contestant() -> float:
        began = time.process_time()
        work()
        return futures / (time.process_time() - began)

    return contestant


def contestants(size: Size, program: Path, baseline: Scenario, simple: Scenario, folder: Path) -> dict[str, Callable]:
    """All that is timed, by name."""
    total = size.worlds * FUTURES
    run = twin.write_run(folder / "timed.run", baseline, size.worlds, FUTURES, SEED)
    records, policies = WorldSampler(baseline, size.replayed, SEED).draw()
    world = WorldSampler(simple, 1, SEED).worlds()[0]

    def replays() -> None:
        for w in range(size.replayed):
            play(baseline, records[w], policies[w, 0], (SEED, w, 0))

    return {
        CLOCK: timed(
            lambda: engine.simulate(baseline, size.worlds, FUTURES, SEED, execution=engine.Execution(threads=1)),
            total,
        ),
        TWIN: lambda: total / twin.seconds(program, run),
        REPLAY: timed(replays, size.replayed),
        CLOCK_SIMPLE: timed(
            lambda: engine.simulate(simple, size.worlds, FUTURES, SEED, execution=engine.Execution(threads=1)),
            total,
        ),
        NUMPY: timed(lambda: numpy_simple.attainment_times(world, total, SEED, new_grids(simple)), total),
        NUMPY_ATTAINMENTS: timed(lambda: numpy_simple.attainment_times(world, total, SEED), total),
    }


def report(measured: dict[str, np.ndarray]) -> str:
    """The table of rates, and the ratios beside the aims. Ratios are taken round by round."""

    def spread(values: np.ndarray, form: str) -> str:
        return f"{np.median(values):{form}}  ({values.min():{form}} to {values.max():{form}})"

    lines = ["", "Futures a second on one thread, median (min to max):"]
    lines += [f"  {name:<30}{spread(values, ',.0f')}" for name, values in measured.items()]
    clock = measured[CLOCK]
    lines += ["", "Aims and ratios, median (min to max) of the rounds:"]
    for name, values, form, aim in (
        ("Monte Carlo clock", clock, ",.0f", "aim: 20,000 futures a second"),
        ("engine / replay", clock / measured[REPLAY], ",.0f", "aim: at least 200"),
        ("C++ twin / engine", measured[TWIN] / clock, ".2f", "aim: at most 2.5"),
        ("engine / C++ twin", clock / measured[TWIN], ".2f", "aim: at least 0.4"),
        ("engine / NumPy", measured[CLOCK_SIMPLE] / measured[NUMPY], ".2f", "simple scenario, the same outputs"),
        ("engine / NumPy", measured[CLOCK_SIMPLE] / measured[NUMPY_ATTAINMENTS], ".2f", "NumPy: attainments alone"),
    ):
        lines.append(f"  {name:<30}{spread(values, form):<34}{aim}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Verify, time, print."""
    parser = argparse.ArgumentParser(description="Futures a second: engine, replay, NumPy and C++.")
    parser.add_argument("--quick", action="store_true", help="fewer futures and rounds, under a minute")
    size = QUICK if parser.parse_args(arguments).quick else FULL
    baseline = engine.load_scenario(ROOT / "scenarios" / "baseline.yaml")
    weights = engine.load_scenario(twin.HERE / "weights_only.yaml")
    simple = engine.load_scenario(twin.HERE / "simple.yaml")
    program = twin.build()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("Twin and engine, weights only:", verify_twin(program, weights, folder))
        print("Twin and engine, simple:  ", verify_twin(program, simple, folder))
        print("Twin and replay, weights only:", verify_replay(program, weights, folder, size.replayed))
        print("Median first attainment, engine and NumPy, simple:")
        print(compare_numpy(simple, size.worlds))
        print(report(rates(contestants(size, program, baseline, simple, folder), size.rounds)))


if __name__ == "__main__":
    main()
