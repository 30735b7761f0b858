"""What was assumed: every number of the scenario with its distribution, unit and source."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.document.page import LeftOut, Section, Table, table
from engine.document.run import Missing, Run
from engine.scenario import Number, Scenario
from engine.scenario.origins import KINDS, Part, counts, origins_in_words, parts
from engine.scenario.sections import ActorClass, Capability
from engine.text.format import spoken
from engine.text.report_format import listed


def assumed(run: Run) -> Section | LeftOut:
    """How many numbers there are, and how many of these are assumptions; policies and their sources."""
    title = "What was assumed"
    try:
        scenario = run.scenario
    except Missing as missing:
        return LeftOut(title, str(missing))
    found = counts(scenario)
    sums = {kind: sum(of_group[kind] for of_group in found.values()) for kind in KINDS}
    whole = sum(sums.values())
    uncertain = len(scenario.uncertain())
    words = (
        f"The scenario runs from {scenario.start:g} to {scenario.horizon:g}. It gives {whole:,} numbers, of which "
        f"{uncertain:,} are uncertain, and drawn anew for each world. {origins_in_words(scenario)} Every one of them "
        "stands in the appendix, with its source.",
    )
    rows = [
        (group, *(f"{of_group[kind]:,}" for kind in KINDS), f"{sum(of_group.values()):,}")
        for group, of_group in found.items()
    ]
    rows.append(("all", *(f"{sums[kind]:,}" for kind in KINDS), f"{whole:,}"))
    counted = table("Numbers of the scenario by where they come from", ("part", *KINDS, "all"), rows)
    return Section(title, words, tables=(counted, *_policies(run, scenario), *_correlations(scenario)))


def _policies(run: Run, scenario: Scenario) -> tuple[Table, ...]:
    """The policies that were played: what each is, of which measures, and its sources."""
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
    columns = ("policy", "what it is", "measures", "source")
    return (table("Policies that were played", columns, rows, text=True),) if rows else ()


def _correlations(scenario: Scenario) -> tuple[Table, ...]:
    rows = [
        (" and ".join(one.between), f"{one.rank:g}", _plain(one.source) or "none stated")
        for one in scenario.correlations
    ]
    columns = ("between", "rank correlation", "source")
    return (table("Uncertain numbers that go together", columns, rows, text=True),) if rows else ()


def appendix(run: Run) -> Section | LeftOut:
    """Every number that the scenario gives."""
    title = "Every number of the scenario"
    try:
        scenario = run.scenario
    except Missing as missing:
        return LeftOut(title, str(missing))
    words = (
        "A distribution is given by its median and the interval that holds 90% of its draws, then its family. A source "
        "that stands at a whole part of the scenario is that of all its numbers without one of their own.",
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
    """What the keys of a group of parts mean."""
    meanings = {
        key: _plain(type(part.section).model_fields[key].description or "") for part in members for key, _ in part.given
    }
    return table("What the keys mean", ("key", "meaning"), list(meanings.items()), text=True)


def _numbers(part: Part) -> Table:
    """The numbers of a part."""
    rows = []
    for key, number in part.given:
        source = _plain(part.source(number)) or "none stated"
        rows.append((key, shown(number), source + (f" ({_plain(number.note)})" if number.note else "")))
    left = f"Left at their defaults, which switch off what they are of: {', '.join(part.left)}." if part.left else ""
    return table(_heading(part), ("key", "value", "source"), rows, text=True, note=left)


def _heading(part: Part) -> str:
    """What a part is, with what of it is no number."""
    one = part.section
    told = []
    if isinstance(one, ActorClass):
        told.append(f"{one.count:,} members simulated, each standing for {one.represents:,}")
    elif isinstance(one, Capability):
        told += [one.kind, _plain(one.description)]
    elif part.group == "policies":
        told += _when_and_whom(one)
    return spoken(part.name) + "".join(f"; {words}" for words in told if words)


def _when_and_whom(measure: Any) -> list[str]:
    """Whom a measure binds, and what starts it, if an event does."""
    told = [f"binds {listed([spoken(name) for name in measure.classes])}" if measure.classes else "binds all classes"]
    if measure.trigger:
        of = f" of {spoken(measure.trigger_capability)}" if measure.trigger_capability else ""
        told.append(f"starts at the first {measure.trigger}{of}")
    return told


def shown(number: Number) -> str:
    """A number with its unit: a constant, or median, interval and family of a distribution."""
    unit = "" if number.unit == "1" else f" {number.unit}"
    if number.is_constant:
        return f"{_digits(number.parameters['value'])}{unit}"
    quantiles = number.written_quantile(np.array([0.05, 0.5, 0.95]))
    # What is 0 but for rounding is told as 0.
    quantiles = np.where(np.abs(quantiles) < 1e-9 * np.abs(quantiles).max(), 0.0, quantiles)
    low, median, high = map(_digits, quantiles.tolist())
    edges = (("at least", number.minimum), ("at most", number.maximum))
    cuts = [f"{word} {_digits(edge)}" for word, edge in edges if np.isfinite(edge)]
    return f"{median} ({low} to {high}){unit}; {', '.join([number.family, *cuts])}"


def _digits(value: float) -> str:
    """Three digits, or four for what may be a year."""
    if np.isinf(value):
        return "infinite" if value > 0.0 else "none"
    if 1000.0 <= abs(value) < 10_000.0:
        return f"{value:.4g}"
    mantissa, _, exponent = f"{value:.3g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def _plain(text: str) -> str:
    return " ".join(text.split())
