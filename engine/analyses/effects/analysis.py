"""Access effect and performance effect, each attributed to its causes (Pilz, Heim & Brown 2024, arXiv:2311.15377v2).

Performance effect: the same investment buys more performance over time. Access effect: more actors reach the same
capability over time, by training or by running what others trained. Cheaper chips, better algorithms (of training and
of inference) and growing budgets cause them. Counterfactual runs separate the causes: in the same futures, chips or
algorithms stay as they are at the start.
"""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr

from engine.analyses.effects.concentration import concentration
from engine.errors import InputError
from engine.execution import Execution
from engine.results.provenance import derived
from engine.scenario import SAMPLING, WORLDS, Change, Scenario, Worlds
from engine.simulation import simulate
from engine.statistics.cluster_means import QUANTILES, joined, labelled_with_error, mean_with_error, of_worlds
from engine.statistics.performance_score import scores
from engine.text.format import strings

#: Numbers that are 0 if chips, or algorithms, stay as they are at the start.
HARDWARE = ("price_decline", "generation_gain_mean", "generation_gain_sd", "format_probability")
ALGORITHMS = ("efficiency_trend", "breakthrough_rate", "inference_trend")
COUNTERFACTUALS: Mapping[str, tuple[str, ...]] = {
    "as_modelled": (),
    "hardware_frozen": HARDWARE,
    "algorithms_frozen": ALGORITHMS,
    "both_frozen": HARDWARE + ALGORITHMS,
}
CAUSES = ("hardware", "algorithms", "all_else")

_DIFFERING = ("future_access", "future_effective_compute", "effective_compute_bought")
_KEPT = (*_DIFFERING, "score_origin", "score_slope", "score_ceiling")


def counterfactuals(
    scenario: Scenario,
    worlds: int = WORLDS,
    futures: int = 2,
    seed: int = 0,
    *,
    sampling: str = SAMPLING,
    execution: Execution | None = None,
) -> xr.Dataset:
    """The baseline as modelled, and with hardware, algorithms or both frozen at the start, with the same random draws.

    Returns the variables of every future that `effects` needs, with the dimension `counterfactual` first.
    """
    runs = []
    for frozen in COUNTERFACTUALS.values():
        results = simulate(
            scenario,
            worlds,
            futures,
            seed,
            policies=(),
            sampling=sampling,
            execution=execution,
            keep="prices",
            change=_freeze(frozen),
        )
        runs.append(results[list(_KEPT)].isel(policy=0, drop=True))
    together = {name: joined("counterfactual", [run[name] for run in runs]) for name in _DIFFERING}
    words = {"long_name": "causes frozen at the start"}
    return runs[0].assign(together).assign_coords(counterfactual=("counterfactual", strings([*COUNTERFACTUALS]), words))


def _freeze(numbers: tuple[str, ...]) -> Change | None:
    def change(worlds: Worlds) -> None:
        for name in numbers:
            worlds[name] = 0.0

    return change if numbers else None


def effects(paths: xr.Dataset, ceiling: float = 100.0) -> xr.Dataset:
    """Access effect, performance effect and concentration in the futures of `counterfactuals`.

    Returns, with means over futures, their standard errors (`_se`, replicates as clusters), and 5%, 50% and 95%
    quantiles:

    * `access(counterfactual, capability, time)`: actors with access to a fixed capability;
    * `access_cause(cause, capability, time)`: the number of them due to each cause;
    * `performance(counterfactual, actor_class, investment, year)`: effective compute at fixed investment;
    * `performance_cause(cause, ...)`: its rise since the start due to each cause, OOM;
    * `score_unbounded`, `score_with_ceiling`: the same as scores; a scenario without a ceiling uses `ceiling` points;
    * concentration of performance among actors (`engine.analyses.effects.concentration`).

    Two causes that act together share their interaction (Shapley value of two players: Shapley 1953). The third cause
    is the rest, with both frozen: budgets, data, the limits of large clusters, and capabilities that are within reach
    from the start and spread by weights and theft. Raises InputError for results without counterfactuals.
    """
    if "counterfactual" not in paths.dims:
        raise InputError("effects need the results of engine.analyses.effects.analysis.counterfactuals(scenario)")
    access, bought = of_worlds(paths.future_access), of_worlds(paths.effective_compute_bought)
    score = scores(paths.effective_compute_bought, paths, ceiling)
    given = {
        "access": (access, "mean number of real actors with access", "1"),
        "access_cause": (_causes(access), "number of actors with access due to the cause", "1"),
        "performance": (bought, "mean effective compute of a run begun with the investment", "log10(FLOP)"),
        "performance_cause": (
            _causes(bought - bought.isel(year=0)),
            "rise of the effective compute of the investment since the start due to the cause",
            "OOM",
        ),
        **{
            name: (of_worlds(values), f"mean score at the investment, {words}", "1")
            for (name, values), words in zip(score.items(), ("unbounded", "with a ceiling"), strict=True)
        },
        **concentration(paths, ceiling),
    }
    result = xr.Dataset()
    for name, (values, words, units) in given.items():
        result = result.assign(labelled_with_error(name, mean_with_error(values), words, units))
    for name, values, units in (
        ("access", paths.future_access, "1"),
        ("performance", paths.effective_compute_bought, "log10(FLOP)"),
    ):
        result[f"{name}_quantile"] = values.quantile(list(QUANTILES), ("world", "future")).assign_attrs(
            long_name=f"quantile over futures of {name}", units=units
        )
    return derived(result, paths, "Access effect and performance effect", score_ceiling_where_none=ceiling)


def _causes(values: xr.DataArray) -> xr.DataArray:
    """`values` (counterfactual, ...) as modelled, split into the contributions of causes (cause, ...)."""
    as_modelled, no_hardware, no_algorithms, neither = (
        values.sel(counterfactual=name, drop=True) for name in COUNTERFACTUALS
    )
    hardware = 0.5 * ((as_modelled - no_hardware) + (no_algorithms - neither))
    algorithms = 0.5 * ((as_modelled - no_algorithms) + (no_hardware - neither))
    words = {"long_name": "cause of an effect"}
    split = joined("cause", [hardware, algorithms, neither])
    return split.assign_coords(cause=("cause", strings(CAUSES), words))
