"""The assumptions: every number of the scenario with its distribution, unit and source; bounds of plausibility."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.document.page import LeftOut, Section, Table, table
from engine.document.run import Missing, Run
from engine.record.plausibility import NAMES, bound_in_words, bounds, checked, departures
from engine.scenario import Number, Scenario
from engine.scenario.origins import KINDS, Part, counts, origins_in_words, parts
from engine.scenario.schedule import undated
from engine.scenario.sections import ActorClass, Capability
from engine.text.format import quantile_name, spoken
from engine.text.report_format import listed


def assumed(run: Run) -> Section | LeftOut:
    """The numbers of the scenario by origin; policies and their sources; bounds of plausibility."""
    title = "Assumptions"
    try:
        scenario = run.scenario
    except Missing as missing:
        return LeftOut(title, str(missing))
    found = counts(scenario)
    sums = {kind: sum(of_group[kind] for of_group in found.values()) for kind in KINDS}
    whole = sum(sums.values())
    uncertain = len(scenario.uncertain())
    words = (
        f"The scenario runs from {scenario.start:g} to {scenario.horizon:g}. It has {whole:,} numbers, of which "
        f"{uncertain:,} are uncertain and drawn for each world. {origins_in_words(scenario)} The appendix lists every "
        "number with its source.",
    )
    rows = [
        (group, *(f"{of_group[kind]:,}" for kind in KINDS), f"{sum(of_group.values()):,}")
        for group, of_group in found.items()
    ]
    rows.append(("all", *(f"{sums[kind]:,}" for kind in KINDS), f"{whole:,}"))
    counted = table("Numbers of the scenario by origin", ("part", *KINDS, "all"), rows)
    return Section(title, words, tables=(counted, *_policies(run, scenario), *_correlations(scenario), _bounds(run)))


def _bounds(run: Run) -> Table:
    """The bounds of plausibility with their sources, and whether the results lie beyond them."""
    beyond = {one.bound: f"{quantile_name(one.quantile)}, from {int(one.year)}" for one in run.once(departures)}
    others = dict.fromkeys(checked(run.results), "none")
    absent = [bound for bound in bounds() if bound.variable not in run.results]
    others |= dict.fromkeys(absent, "not in the file")
    rows = [
        (
            NAMES[bound.variable][0],
            bound_in_words(bound),
            beyond.get(bound) or others.get(bound, "no threshold so high"),
            bound.reason,
            bound.source,
        )
        for bound in bounds()
    ]
    columns = ("result", "beyond any estimate", "in this run", "what the bound is", "source")
    caption = "Bounds beyond which nobody is known to have estimated or measured anything"
    note = "Costs and training compute are in files of `engine run --paths`." if absent else ""
    return table(caption, columns, rows, text=True, note=note)


def _policies(run: Run, scenario: Scenario) -> tuple[Table, ...]:
    """The simulated policies: description, measures and sources of each."""
    rows = [
        (
            spoken(name),
            _plain(policy.description),
            listed([spoken(called) for called, _ in policy.named_measures()]),
            _plain(policy.source) or "none stated",
        )
        for name, policy in scenario.policies.items()
        if name in run.policies
    ]
    columns = ("policy", "description", "measures", "source")
    return (table("Simulated policies", columns, rows, text=True),) if rows else ()


def _correlations(scenario: Scenario) -> tuple[Table, ...]:
    rows = [
        (" and ".join(one.between), f"{one.rank:g}", _plain(one.source) or "none stated")
        for one in scenario.correlations
    ]
    columns = ("between", "rank correlation", "source")
    return (table("Correlated uncertain numbers", columns, rows, text=True),) if rows else ()


def appendix(run: Run) -> Section | LeftOut:
    """Every number of the scenario."""
    title = "Every number of the scenario"
    try:
        scenario = run.scenario
    except Missing as missing:
        return LeftOut(title, str(missing))
    words = (
        "A distribution is given by its median, its 90% interval and its family. The source of a whole part of the "
        "scenario applies to all its numbers without a source of their own.",
    )
    groups: dict[str, list[Part]] = {}
    for part in parts(scenario):
        if part.given and (part.group != "policies" or part.name.split(":")[0] in run.policies):
            groups.setdefault(part.group, []).append(part)
    sections = tuple(
        Section(spoken(group), tables=(_meanings(members), *map(_numbers, members)))
        for group, members in groups.items()
    )
    return Section(title, words, parts=sections, is_appendix=True)


def _meanings(members: list[Part]) -> Table:
    """The meanings of the keys of a group of parts."""
    meanings = {
        (key := undated(dated)): _plain(type(part.section).model_fields[key].description or "")
        for part in members
        for dated, _ in part.given
    }
    return table("Meanings of keys", ("key", "meaning"), list(meanings.items()), text=True)


def _numbers(part: Part) -> Table:
    """The numbers of a part."""
    rows = []
    for key, number in part.given:
        source = _plain(part.source(number)) or "none stated"
        rows.append((key, shown(number), source + (f" ({_plain(number.note)})" if number.note else "")))
    left = f"At their defaults, which switch them off: {', '.join(part.left)}." if part.left else ""
    return table(_heading(part), ("key", "value", "source"), rows, text=True, note=left)


def _heading(part: Part) -> str:
    """The description of a part, with its values that are not numbers."""
    one = part.section
    parts = []
    if isinstance(one, ActorClass):
        several = f"; each stands for {one.represents:,} real ones, as their luckiest and a typical one of the others"
        parts.append(f"members: {one.count:,}" + (several if one.represents > 1 else ""))
        if one.newcomers:
            parts.append(f"up to {one.newcomers:,} more enter later")
    elif isinstance(one, Capability):
        parts += [one.kind, _plain(one.description)]
    elif part.group == "policies":
        parts += _when_and_whom(one)
    return spoken(part.name) + "".join(f"; {words}" for words in parts if words)


def _when_and_whom(measure: Any) -> list[str]:
    """The classes that a measure binds, and the event that starts it, if any."""
    parts = [f"binds {listed([spoken(name) for name in measure.classes])}" if measure.classes else "binds all classes"]
    if measure.trigger:
        of = f" of {spoken(measure.trigger_capability)}" if measure.trigger_capability else ""
        parts.append(f"starts at the first {measure.trigger}{of}")
    return parts


def shown(number: Number) -> str:
    """A number with its unit: a constant, or median, interval and family of a distribution."""
    unit = "" if number.unit == "1" else f" {number.unit}"
    if number.is_constant:
        return f"{_digits(number.parameters['value'])}{unit}"
    quantiles = number.written_quantile(np.array([0.05, 0.5, 0.95]))
    # A value that is 0 apart from rounding is printed as 0.
    quantiles = np.where(np.abs(quantiles) < 1e-9 * np.abs(quantiles).max(), 0.0, quantiles)
    low, median, high = map(_digits, quantiles.tolist())
    edges = (("at least", number.minimum), ("at most", number.maximum))
    cuts = [f"{word} {_digits(edge)}" for word, edge in edges if np.isfinite(edge)]
    return f"{median} ({low} to {high}){unit}; {', '.join([number.family, *cuts])}"


def _digits(value: float) -> str:
    """Three digits, or four for a possible year."""
    if np.isinf(value):
        return "infinite" if value > 0.0 else "none"
    if 1000.0 <= abs(value) < 10_000.0:
        return f"{value:.4g}"
    mantissa, _, exponent = f"{value:.3g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def _plain(text: str) -> str:
    return " ".join(text.split())
