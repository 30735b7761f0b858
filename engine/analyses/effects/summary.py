"""Effects as text."""

from __future__ import annotations

from collections.abc import Iterator

import xarray as xr

from engine.errors import InputError
from engine.text.format import format_value, format_with_error
from engine.text.tables import spread_over, table

_CAUSES = {"hardware": "cheaper chips", "algorithms": "algorithms", "all_else": "all else"}
_CONCENTRATION = {
    "concentration": "Herfindahl-Hirschman index",
    "leader_share": "share of the leader",
    "actors_within_oom": "actors within one OOM of it",
    "score_lead_unbounded": "score of leader over median actor",
    "score_lead_with_ceiling": "the same with a ceiling",
}


def effects_in_words(effects: xr.Dataset, investment: float = 1e8) -> str:
    """Both effects and their causes as tables, with performance at about `investment`, US$.

    Raises InputError if `investment` is not above 0.
    """
    if not investment > 0.0:
        raise InputError(f"investment must be above 0 US$, such as 1e8, not {investment:g}")
    at = float(effects["investment"].sel(investment=investment, method="nearest"))
    return "\n".join([*_heading(effects), "", *_access(effects), "", *_performance(effects, at), "", *_spread(effects)])


def _heading(effects: xr.Dataset) -> Iterator[str]:
    attrs = effects.attrs
    yield f"{attrs['scenario_name']}: {attrs['worlds']:,} worlds x {attrs['futures']:,} futures, seed {attrs['seed']}"
    yield "As modelled, and in the same futures with chips, algorithms or both frozen at the start; +- standard error."


def _access(effects: xr.Dataset) -> Iterator[str]:
    yield "Access effect: real actors with access to each capability, by cause"
    yield "(all else: budgets, data, and capabilities within reach from the start that spread)"
    # At the start nobody has access.
    times = [i for i in spread_over(effects.sizes["time"], 5) if i > 0]
    titles = ["", *(f"{float(effects['time'][i]):.6g}" for i in times)]
    for capability in effects["capability"].values:
        one = effects.sel(capability=capability).isel(time=times)
        rows = [["as modelled", *_cells(one.access.sel(counterfactual="as_modelled"), one.access_se[0])]]
        for cause, words in _CAUSES.items():
            part = one.sel(cause=cause)
            rows.append([f"  by {words}", *_cells(part.access_cause, part.access_cause_se)])
        yield f"  {capability} ({one.capability_kind.item()})"
        yield from table(titles, rows, "    ")


def _performance(effects: xr.Dataset, investment: float) -> Iterator[str]:
    sum_in_words = format_value(investment, "US$")
    yield f"Performance effect: effective compute of a run for {sum_in_words}, log10 FLOP; OOM since the start by cause"
    yield "(all else: data and the limits of large clusters; a fixed investment has no growth)"
    years = spread_over(effects.sizes["year"], 5)
    one = effects.sel(investment=investment).isel(year=years)
    titles = ["", *(f"{float(year):g}" for year in one["year"].values)]
    rows = []
    classes = [str(name) for name in effects["actor_class"].values]
    for name in classes:
        of_class = one.sel(actor_class=name, counterfactual="as_modelled")
        rows.append([str(name), *_cells(of_class.performance, of_class.performance_se)])
        # Causes are printed for the first and the last class only; the dataset has all of them.
        for cause, words in _CAUSES.items() if name in (classes[0], classes[-1]) else ():
            part = one.sel(actor_class=name, cause=cause)
            rows.append([f"  by {words}", *_cells(part.performance_cause, part.performance_cause_se)])
    yield from table(titles, rows)


def _spread(effects: xr.Dataset) -> Iterator[str]:
    yield "Concentration of performance among real actors, by their own models"
    years = [i for i in spread_over(effects.sizes["year"], 6) if i > 0]
    one = effects.sel(counterfactual="as_modelled").isel(year=years)
    rows = [[words, *_cells(one[name], one[f"{name}_se"])] for name, words in _CONCENTRATION.items()]
    yield from table(["", *(f"{float(year):g}" for year in one["year"].values)], rows)
    ceiling = effects.attrs["score_ceiling_where_none"]
    yield f"  The last line assumes a ceiling of {ceiling:g} points if the scenario has none."


def _cells(values: xr.DataArray, errors: xr.DataArray) -> list[str]:
    return [
        format_with_error(float(value), float(error)) for value, error in zip(values.values, errors.values, strict=True)
    ]
