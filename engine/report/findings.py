"""The findings as text, each with its uncertainty, for a reader who reads nothing else."""

from __future__ import annotations

from contextlib import suppress

from engine.analyses import rooms
from engine.document.page import Section
from engine.document.run import Missing, Run
from engine.record.plausibility import departure_in_words, departures, none_in_words
from engine.scenario.origins import origins_in_words
from engine.text.format import spoken


def section(run: Run) -> Section:
    """The findings of each analysis, in the order of their sections."""
    size = f"{int(run.results.attrs['worlds']):,} worlds with {int(run.results.attrs['futures']):,} futures each"
    words = (
        f"The scenario was simulated in {size}, from {float(run.results['time'][0]):g} to {run.horizon:g}. "
        + ("All findings except the comparison of policies describe the baseline. " if run.policies else "")
        + "The +- is one Monte Carlo standard error, or two where the text of a figure says so. An interval covers the "
        "uncertain numbers of the scenario and chance.",
    )
    points: list[str] = []
    for room in rooms():
        if found := room.get("section", "findings"):
            with suppress(Missing):
                points += found(run)
    return Section("Findings", words, points=tuple(points), parts=(_not_covered(run),))


def _not_covered(run: Run) -> Section:
    """The limits of the numbers."""
    words = [
        "Neither errors nor intervals cover whether the scenario and the model are right. "
        + _labelled(run)
        + "Change an assumption and compare the results.",
        "The model omits investment that follows success, the cost of inference, the cost of governance to the state, "
        "evasion of rules, except by partial compliance and leakage, mergers and failures of actors, and "
        "capabilities that need more than effective compute.",
        *_beyond(run),
    ]
    return Section("Limits of the numbers", tuple(words))


def _beyond(run: Run) -> list[str]:
    """A sentence for each variable that lies beyond any estimate, or that none does."""
    found = run.once(departures)
    return [departure_in_words(one, spoken) for one in found] or [none_in_words(run.results)]


def _labelled(run: Run) -> str:
    try:
        return f"{origins_in_words(run.scenario, most=0)} "
    except Missing:
        return ""
