"""Sensitivity of a scenario: designs are simulated and analysed; so is any run with single futures."""

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

#: Default metrics of an analysis. Money is on a log scale: losses have a heavy tail, so that a few futures would
#: dominate their variance.
USUAL_OUTCOMES = ("exposure", "incidents", "loss_oom", "benefit_oom")
#: Number of futures simulated at a time; the samples of more would fill the memory.
_PIECE = 20_000
#: Addresses of random draws are whole numbers below this.
_ADDRESSES = 2.0**31


def factors(scenario: Scenario, policy: str = BASELINE) -> list[str]:
    """The uncertain numbers that can matter under `policy`, with the names under which they are drawn.

    A number of a measure is drawn under `measures.`, without the policy's name, because its draws are the same in every
    policy. Raises InputError, with the right form, for an unknown policy, or a scenario without any such number.
    """
    scenario.policy_number(policy)
    own = f"{POLICIES}{policy}."
    paths = [path for path in scenario.uncertain() if not path.startswith(POLICIES) or path.startswith(own)]
    if not paths:
        raise InputError(
            f"{scenario.name} has no uncertain number that matters under {policy}: all variance is chance. Give "
            "numbers distributions, such as {lognormal: {p5: 1, p95: 2}}, or use the scenario `baseline`"
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

    `metrics` are names of `engine.statistics.metrics` (None: exposure, incidents, log10 of loss and benefit) under
    `policy`. `base`, a power of two, is the number of base points: base * (numbers + 3) rows of `futures` futures are
    simulated. The last factor, "chance", is the address of all random draws of a row, so its total index is the
    aleatory share of variance (`sobol_indices` explains this). The outcome of a row is the mean over its `futures`:
    with 1, shares refer to a single future; with more, to the mean of that many, with a smaller share of chance.

    If two numbers are correlated, the index of the first includes their common part, and that of the second only its
    own part. Raises InputError, with the right form, for an unknown metric or policy, a scenario without uncertain
    numbers, or a `base` that is not a power of two.
    """
    names = [*factors(scenario, policy), CHANCE]
    rows = sobol_design(len(names), base, seed)
    draws = np.floor(rows[:, -1] * _ADDRESSES).astype(np.int64)
    simulated = _simulated(scenario, rows[:, :-1], draws, metrics, policy, futures, seed, execution)
    found = sobol_indices(simulated.mean("future", keep_attrs=True), names, resamples=resamples, seed=seed)
    return _finished(found, simulated, "Sobol' indices", policy, sobol_futures=np.int64(futures))


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

    The result is that of `tornado`, from a run of 1 + 2 x numbers rows of `futures` futures, with the same random draws
    in all rows. `metrics` and `policy` are as in `sobol`. A number that is correlated with later ones moves them too.
    Raises InputError as `sobol` does, and unless 0 < low < 0.5 < high < 1.
    """
    names = factors(scenario, policy)
    rows = tornado_design(len(names), low, high)
    draws = np.zeros(len(rows), dtype=np.int64)
    simulated = _simulated(scenario, rows, draws, metrics, policy, futures, seed, execution)
    found = tornado(simulated, names, low, high)
    return _finished(found, simulated, "Tornado", policy, tornado_futures=np.int64(futures))


def pawn_of(
    results: xr.Dataset,
    metrics: Sequence[str] | None = None,
    *,
    policy: str = BASELINE,
    slices: int = 10,
    seed: int = 0,
) -> xr.Dataset:
    """PAWN indices of the uncertain numbers of any `results` with single futures: `pawn_indices`.

    `metrics` and `policy` are as in `sobol`. Raises InputError, with the right form, for results without single
    futures or with too few worlds, and for an unknown metric or policy.
    """
    of_policy = _outcomes_under(results, metrics, policy)
    parameters = own_parameters(results["parameters"], [policy]).load()
    if not parameters.sizes["parameter"]:
        raise InputError(
            f"no number differs between the worlds of these results under {policy}: PAWN needs numbers that vary"
        )
    return _finished(pawn_indices(parameters, of_policy, slices=slices, seed=seed), results, "PAWN indices", policy)


def variance_of(results: xr.Dataset, metrics: Sequence[str] | None = None, *, policy: str = BASELINE) -> xr.Dataset:
    """Epistemic and aleatory shares of variance in any `results` with single futures: `variance_shares`.

    `metrics` and `policy` are as in `sobol`. Raises InputError, with the right form, for results without single
    futures, and for an unknown metric or policy.
    """
    found = variance_shares(_outcomes_under(results, metrics, policy))
    return _finished(found, results, "Shares of variance", policy)


def together(*analyses: xr.Dataset) -> xr.Dataset:
    """Analyses of the same metrics under the same policy as one dataset, for one file.

    Factors are the union of all factors; values are NaN where an analysis lacks a factor, as a tornado lacks chance.
    Attributes are those of all. Raises InputError unless metrics and policy are the same.
    """
    if len({(tuple(one["outcome"].values), one.attrs["policy"]) for one in analyses}) != 1:
        raise InputError("the analyses have different metrics or policies: make one dataset of each")
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


def _simulated(
    scenario: Scenario,
    uniforms: Floats,
    draws: NDArray[np.int64],
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
        design = Design(whole[rows], draws[rows])
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
    simulated = xr.concat(parts, "world").rename(world="row")
    simulated.attrs = {
        key: value for key, value in parts[0].attrs.items() if key not in ("worlds", "futures", "sampling")
    }
    return simulated


def _outcomes_under(results: xr.Dataset, metrics: Sequence[str] | None, policy: str) -> xr.Dataset:
    """Metrics (world, future) under one policy. Raises InputError for a policy that was not simulated."""
    if policy not in results["policy"].values:
        simulated = ", ".join(map(str, results["policy"].values))
        raise InputError(f"these results have no policy {policy!r}; there are {simulated}")
    wanted = _usual(metric_names(results)) if metrics is None else metrics
    return outcomes(results.sel(policy=[policy]), wanted).isel(policy=0, drop=True)


def _usual(known: Sequence[str]) -> list[str]:
    """The default metrics; in a scenario without harm, attainment times of the first capability."""
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
