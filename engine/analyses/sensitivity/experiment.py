"""Sensitivity of a scenario: designs are made, played and analysed; and any run with single futures is analysed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from engine.analyses.sensitivity.given_data import pawn_indices, variance_shares
from engine.analyses.sensitivity.sobol_tornado import CHANCE, sobol_design, sobol_indices, tornado, tornado_design
from engine.errors import InputError
from engine.execution import Execution
from engine.results.provenance import content_id, derived
from engine.scenario import BASELINE, Design, Scenario, WorldSampler
from engine.scenario.names import POLICIES, luck_name
from engine.simulation import simulate
from engine.statistics.labelled import Floats, own_parameters
from engine.statistics.metrics import metric_names, outcomes

#: Metrics of an analysis that asks for no other. Money is taken as its logarithm: losses have a heavy tail, so that
#: their variance would be that of a few futures.
USUAL_OUTCOMES = ("exposure", "incidents", "loss_oom", "benefit_oom")
#: Futures that are played at a time; what is kept of more of them would fill the memory.
_PIECE = 20_000
#: Addresses of luck are whole numbers below this.
_ADDRESSES = 2.0**31


def factors(scenario: Scenario, policy: str = BASELINE) -> list[str]:
    """The uncertain numbers that can matter under `policy`, under the names by which they are drawn.

    A number of a measure is drawn under `measures.`, without the policy's name, as its luck is the same in every
    policy. Raises InputError, saying what would be right, for an unknown policy, or a scenario without any such number.
    """
    scenario.policy_number(policy)
    own = f"{POLICIES}{policy}."
    paths = [path for path in scenario.uncertain() if not path.startswith(POLICIES) or path.startswith(own)]
    if not paths:
        raise InputError(
            f"{scenario.name} has no uncertain number that matters under {policy}: chance decides everything. Give "
            "numbers distributions, such as {lognormal: {p5: 1, p95: 2}}, or take the scenario `baseline`"
        )
    return list(dict.fromkeys(luck_name(path) for path in paths))


def sobol(
    scenario: Scenario,
    metrics: Sequence[str] | None = None,
    *,
    policy: str = BASELINE,
    base: int = 256,
    futures: int = 1,
    seed: int = 0,
    resamples: int = 500,
    execution: Execution | None = None,
) -> xr.Dataset:
    """Sobol' indices of all uncertain numbers and of chance, from a run of its own: `sobol_indices`.

    `metrics` are names of `engine.statistics.metrics` (None: exposure, incidents, log10 of loss and benefit), judged
    under `policy`; `base`, a power of two, are base points, so that base * (numbers + 3) rows of `futures` futures are
    played. The factor "chance", the last, is the address of all luck of a row, so that its total index is the aleatory
    share of variance (`sobol_indices` says why). The outcome of a row is the mean over its `futures`: with 1, shares
    are those of what happens in a single future; with more, chance's share is that of the mean of so many, and less.

    Of two correlated numbers the first carries what they share: its index is of all that follows from it, that of the
    second is of the second's own part. Raises InputError, saying what would be right, for a metric or a policy there is
    not, a scenario without uncertain numbers, or a `base` that is no power of two.
    """
    names = [*factors(scenario, policy), CHANCE]
    rows = sobol_design(len(names), base, seed)
    luck = np.floor(rows[:, -1] * _ADDRESSES).astype(np.int64)
    played = _play(scenario, rows[:, :-1], luck, metrics, policy, futures, seed, execution)
    found = sobol_indices(played.mean("future", keep_attrs=True), names, resamples=resamples, seed=seed)
    return _finished(found, played, "Sobol' indices", policy, sobol_futures=np.int64(futures))


def tornado_of(
    scenario: Scenario,
    metrics: Sequence[str] | None = None,
    *,
    policy: str = BASELINE,
    futures: int = 200,
    seed: int = 0,
    low: float = 0.05,
    high: float = 0.95,
    execution: Execution | None = None,
) -> xr.Dataset:
    """Outcomes as each uncertain number goes from its `low` to its `high` quantile, all others at their medians.

    The result is that of `tornado`, from a run of 1 + 2 x numbers rows of `futures` futures, with the same luck in all
    rows. `metrics` and `policy` as in `sobol`. A number that is correlated with later ones takes these along.
    Raises InputError as `sobol` does, and unless 0 < low < 0.5 < high < 1.
    """
    names = factors(scenario, policy)
    rows = tornado_design(len(names), low, high)
    luck = np.zeros(len(rows), dtype=np.int64)
    played = _play(scenario, rows, luck, metrics, policy, futures, seed, execution)
    found = tornado(played, names, low, high)
    return _finished(found, played, "Tornado", policy, tornado_futures=np.int64(futures))


def pawn_of(
    results: xr.Dataset,
    metrics: Sequence[str] | None = None,
    *,
    policy: str = BASELINE,
    slices: int = 10,
    seed: int = 0,
) -> xr.Dataset:
    """PAWN indices of the uncertain numbers of any `results` that keep single futures: `pawn_indices`.

    `metrics` and `policy` as in `sobol`. Raises InputError, saying what would be right, for results without single
    futures or with too few worlds, and a metric or a policy there is not.
    """
    of_policy = _outcomes_under(results, metrics, policy)
    parameters = own_parameters(results["parameters"], [policy]).load()
    if not parameters.sizes["parameter"]:
        raise InputError(
            f"no number differs between the worlds of these results under {policy}: PAWN has nothing to say"
        )
    return _finished(pawn_indices(parameters, of_policy, slices=slices, seed=seed), results, "PAWN indices", policy)


def variance_of(results: xr.Dataset, metrics: Sequence[str] | None = None, *, policy: str = BASELINE) -> xr.Dataset:
    """Epistemic and aleatory shares of variance in any `results` that keep single futures: `variance_shares`.

    `metrics` and `policy` as in `sobol`. Raises InputError, saying what would be right, for results without single
    futures, and a metric or a policy there is not.
    """
    found = variance_shares(_outcomes_under(results, metrics, policy))
    return _finished(found, results, "Shares of variance", policy)


def together(*analyses: xr.Dataset) -> xr.Dataset:
    """Analyses of the same metrics under the same policy as one dataset, which one file can hold.

    Factors are all there are, and NaN where an analysis has no such factor, as a tornado has no chance. Attributes are
    those of all. Raises InputError unless metrics and policy are the same.
    """
    if len({(tuple(one["outcome"].values), one.attrs["policy"]) for one in analyses}) != 1:
        raise InputError("analyses are of different metrics or policies: make one dataset of each")
    names = dict.fromkeys(name for one in analyses if "factor" in one for name in one["factor"].values)
    attrs: dict[str, object] = {}
    merged = xr.Dataset()
    for one in analyses:
        whole = one.reindex(factor=np.array(list(names), dtype=object)) if "factor" in one else one
        merged = merged.assign(whole.variables)
        attrs |= one.attrs
    for name, between in (("title", ", "), ("references", "; ")):
        parts = [part for one in analyses for part in str(one.attrs[name]).split(between)]
        attrs[name] = between.join(dict.fromkeys(parts))
    return merged.assign_attrs({**attrs, "id": content_id(merged)})


def _play(
    scenario: Scenario,
    uniforms: Floats,
    luck: NDArray[np.int64],
    metrics: Sequence[str] | None,
    policy: str,
    futures: int,
    seed: int,
    execution: Execution | None,
) -> xr.Dataset:
    """Metrics (row, future) under `policy` at `uniforms` (row, factor), all other numbers at their medians."""
    drawn = WorldSampler(scenario, 1, seed).drawn
    columns = [drawn.index(name) for name in factors(scenario, policy)]
    whole = np.full((len(uniforms), len(drawn)), 0.5)
    whole[:, columns] = uniforms
    step = max(1, _PIECE // futures)
    parts = []
    for first in range(0, len(whole), step):
        rows = slice(first, first + step)
        design = Design(whole[rows], luck[rows])
        results = simulate(
            scenario,
            len(design.luck),
            futures,
            seed,
            policies=[policy],
            execution=execution,
            keep="samples",
            sampling=design,
        )
        parts.append(_outcomes_under(results, metrics, policy).drop_vars(["world", "future"]))
    played = xr.concat(parts, "world").rename(world="row")
    played.attrs = {key: value for key, value in parts[0].attrs.items() if key not in ("worlds", "futures", "sampling")}
    return played


def _outcomes_under(results: xr.Dataset, metrics: Sequence[str] | None, policy: str) -> xr.Dataset:
    """Metrics (world, future) under one policy. Raises InputError for a policy that was not played."""
    if policy not in results["policy"].values:
        played = ", ".join(map(str, results["policy"].values))
        raise InputError(f"these results have no policy {policy!r}; there are {played}")
    wanted = _usual(metric_names(results)) if metrics is None else metrics
    return outcomes(results.sel(policy=[policy]), wanted).isel(policy=0, drop=True)


def _usual(known: Sequence[str]) -> list[str]:
    """What is looked at if nothing is asked for: without harm, when classes attain the first capability."""
    usual = [name for name in USUAL_OUTCOMES if name in known]
    if "exposure" not in known:
        times = [name for name in known if name.startswith("attainment.")]
        capability = times[0].rpartition(".")[2]
        usual += [name for name in times if name.endswith(f".{capability}")]
    return usual


def _finished(found: xr.Dataset, source: xr.Dataset, title: str, policy: str, **attrs: object) -> xr.Dataset:
    """`found` with its provenance."""
    own = {key: value for key, value in found.attrs.items() if key not in ("worlds", "futures")}
    references = "; ".join(str(one) for one in (own.pop("references", ""), source.attrs.get("references", "")) if one)
    finished = derived(found, source, title, **own, **attrs, policy=policy)
    finished.attrs["references"] = references
    return finished.assign_attrs(id=content_id(finished))
