"""Leads and windows as text."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from engine.text.format import format_with_error
from engine.text.report_format import run_heading
from engine.text.tables import table

_LEGEND = "Medians +- standard error, 5% to 95% of futures, probability of being before; - means past the horizon."


def leads_in_words(leads: xr.Dataset, policy: str = "baseline") -> str:
    """Leads, order and windows of one policy as tables, from `engine.analyses.leads.analysis`."""
    one = leads.sel(policy=policy)
    lines = [*run_heading(leads, policy), _LEGEND]
    for capability in one["capability"].values:
        lines += ["", *_leads_of(one.sel(capability=capability))]
    return "\n".join(lines)


def _leads_of(one: xr.Dataset) -> Iterator[str]:
    yield f"{one['capability'].item()} ({one.capability_kind.item()})"
    first = str(one.before.mean("other_class").idxmax("actor_class").item())
    titles = ["behind the first", "years", "OOM", "score", "score, ceiling", f"before {first}"]
    rows = []
    for name in one["actor_class"].values:
        row = one.sel(actor_class=name)
        before = row.sel(other_class=first)
        cells = [_interval(row, f"lead_{part}") for part in ("years", "oom")]
        # The lead in score follows from that in OOM, in proportion if unbounded; a line has no room for all quantiles.
        cells += [_short(float(row.lead_score_unbounded.sel(quantile=0.5))), _range(row, "lead_score_with_ceiling")]
        chance = "-" if name == first else format_with_error(float(before.before), float(before.before_se))
        rows.append([str(name), *cells, chance])
    yield from table(titles, rows)
    if one.capability_kind.item() == "dangerous":
        warning, ready = _interval(one, "warning_time"), _interval(one, "defence_time")
        chance = format_with_error(float(one.defended_first), float(one.defended_first_se))
        yield f"  years from the first attainment to malicious access {warning}, to a ready defence {ready};"
        yield f"  probability that the defence is in time: {chance}"


def _interval(one: xr.Dataset, name: str) -> str:
    """ "2.5 +- 0.1 (0.4 to 7.0)": the median with its standard error, and the 5% and 95% quantiles."""
    middle, rest = _range(one, name).split(" ", 1)
    error = float(one[f"{name}_se"].sel(quantile=0.5))
    sure = "" if middle == "-" else f" +- {error:.2f}" if error == error else " +- ?"
    return f"{middle}{sure} {rest}"


def _range(one: xr.Dataset, name: str) -> str:
    """ "2.5 (0.4 to 7.0)": the median, and the 5% and 95% quantiles."""
    low, middle, high = (_short(float(one[name].sel(quantile=q))) for q in (0.05, 0.5, 0.95))
    return f"{middle} ({low} to {high})"


def _short(value: float) -> str:
    # Not "-0.0".
    return "-" if np.isnan(value) else f"{round(value, 1) + 0.0:.1f}"
