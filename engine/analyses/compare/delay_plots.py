"""Delays of capabilities by policies: dangerous ones, the purpose of a policy, and valuable ones, its price."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from engine.analyses.compare.analysis import NO_POLICY, policies_compared
from engine.plotting.panels import classes_of, of_kind
from engine.plotting.style import PAGE_WIDTH, drawn, new_figure, only_words
from engine.scenario import BASELINE, ScenarioError
from engine.scenario.load import scenario_of_text
from engine.text.format import spoken
from engine.text.uncertain import is_clear

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: The meaning of a delay, by kind of capability.
_DELAYED = {"dangerous": "later is better", "valuable": "later is the price"}
#: Most capabilities of a kind, and most classes, in `delays_figure`.
_MOST_CAPABILITIES, _MOST_CLASSES = 8, 3


def delays_figure(results: xr.Dataset) -> Figure:
    """Delay of first attainment by each policy, years: dangerous capabilities at the left, valuable at the right.

    The figure shows the class that is most often first under the baseline and the malicious classes, at most three.
    Numbers in brackets are within two standard errors of zero. Times past the horizon count as the horizon.
    """
    policies, classes = policies_compared(results), _classes_shown(results)
    if not policies:
        return only_words(NO_POLICY)
    groups = _by_kind(results)
    shown = classes[:_MOST_CLASSES]
    wide = [len(names) for names in groups.values()]
    turned = sum(wide) > 8
    head = 0.9 if turned else 0.55
    figure = new_figure(PAGE_WIDTH, len(shown) * (0.22 * len(policies) + 0.3) + 2 * head)
    grid = figure.subplots(len(shown), len(groups), squeeze=False, width_ratios=wide)
    largest = float(np.nanmax(np.abs(results["attainment_delay"].sel(actor_class=shown).values), initial=0.0)) or 1.0
    for row, name in enumerate(shown):
        for column, (kind, capabilities) in enumerate(groups.items()):
            axis = grid[row, column]
            _cells(axis, results.sel(actor_class=name), policies, capabilities, largest)
            axis.set_title(f"{drawn(name)}: {kind} capabilities, {_DELAYED[kind]}", fontsize=9)
            last = row == len(shown) - 1
            labels = [fill(drawn(one), 26 if turned else 14) for one in capabilities] if last else []
            axis.set_xticks(range(len(capabilities)) if last else [], labels, rotation=90 if turned else 0, fontsize=7)
            axis.set_yticks(range(len(policies)) if column == 0 else [])
            if column == 0:
                axis.set_yticklabels([drawn(policy) for policy in policies], fontsize=8)
    bar = figure.colorbar(grid[0, 0].images[0], ax=grid, location="bottom", aspect=50, fraction=0.03, pad=0.02)
    bar.set_label(
        "years later (+) or earlier (-) than under the baseline, on average; ~0: below 0.005; 0: none at all; "
        f"in brackets: within 2 standard errors of 0{_left_out(results, classes)}"
    )
    bar.ax.xaxis.label.set_fontsize(8)
    bar.ax.tick_params(labelsize=8)
    return figure


def delays_in_words(results: xr.Dataset) -> str:
    """Text for `delays_figure`: for each class, the policies with the largest and the smallest delays."""
    policies = policies_compared(results)
    if not policies:
        return NO_POLICY
    parts = []
    for name in _classes_shown(results)[:_MOST_CLASSES]:
        delays = results["attainment_delay"].sel(actor_class=name, policy=policies).transpose("policy", "capability")
        means = [f"{kind} {{:+.2f}}" for kind in _by_kind(results)]
        by_kind = [delays.sel(capability=names).mean("capability").values for names in _by_kind(results).values()]
        most, least = int(np.nanargmax(by_kind[0])), int(np.nanargmin(by_kind[0]))
        notes = [
            f"{spoken(policies[i])} " + ", ".join(t.format(float(v[i])) for t, v in zip(means, by_kind, strict=True))
            for i in dict.fromkeys((most, least))
        ]
        errors = results["attainment_delay_se"].sel(actor_class=name, policy=policies).values
        error = np.nanmax(errors, initial=0.0)
        parts.append(f"{spoken(name)}: {'; '.join(notes)} (largest standard error of one delay {error:.2f})")
    return (
        f"Mean delay of first attainment in years, averaged over the capabilities of a kind, under the policy with the "
        f"largest and the one with the smallest delay. {'. '.join(parts)}. Times past the horizon count as the horizon."
    )


def _cells(axis: Axes, one: xr.Dataset, policies: Sequence[str], capabilities: Sequence[str], largest: float) -> None:
    """Delays of one class as coloured cells with numbers, in brackets if the sign is unclear."""
    chosen = one.sel(policy=list(policies), capability=list(capabilities))
    delays = chosen["attainment_delay"].transpose("policy", "capability").values
    errors = chosen["attainment_delay_se"].transpose("policy", "capability").values
    axis.imshow(delays, cmap="RdBu", vmin=-largest, vmax=largest, aspect="auto")
    for (row, column), value in np.ndenumerate(delays):
        error = errors[row, column]
        text = "-" if np.isnan(value) else "0" if value == error == 0.0 else f"{value:+.2f}"
        text = "~0" if text in ("+0.00", "-0.00") else text
        text = text if text in ("-", "0") or is_clear(float(value), float(error)) else f"({text})"
        shade = "white" if abs(value) > 0.6 * largest else "black"
        axis.text(column, row, text, ha="center", va="center", fontsize=7, color=shade)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)


def _by_kind(results: xr.Dataset) -> dict[str, list[str]]:
    """The capabilities shown, by kind, the dangerous first."""
    both = {kind: of_kind(results, kind) for kind in ("dangerous", "valuable")}
    return {kind: names[:_MOST_CAPABILITIES] for kind, names in both.items() if names}


def _classes_shown(results: xr.Dataset) -> list[str]:
    """The class that is most often first under the baseline, and the malicious ones."""
    first = str(results["first_attainer"].sel(policy=BASELINE).sum("capability").idxmax("actor_class").item())
    return list(dict.fromkeys([first, *_malicious(results)]))


def _malicious(results: xr.Dataset) -> list[str]:
    """The classes that attempt misuse: by the samples, else by the scenario in the file, else the last class."""
    names = classes_of(results)
    if "malicious" in results:
        return [name for name, flag in zip(names, results["malicious"].values, strict=True) if flag]
    try:
        given = scenario_of_text(str(results.attrs.get("scenario_yaml", ""))).actor_classes
    except ScenarioError:
        return names[-1:]
    highest = np.array([1.0 - 1e-9])
    return [name for name in names if name in given and float(given[name].attempt_rate.quantile(highest)[0]) > 0.0]


def _left_out(results: xr.Dataset, classes: Sequence[str]) -> str:
    """A note if some classes or capabilities are not shown."""
    notes = []
    if len(classes) > _MOST_CLASSES:
        notes.append(f"{_MOST_CLASSES} of {len(classes)} classes")
    shown = sum(map(len, _by_kind(results).values()))
    if shown < results.sizes["capability"]:
        notes.append(f"{shown} of {results.sizes['capability']} capabilities")
    return f"\n({' and '.join(notes)} are shown)" if notes else ""
