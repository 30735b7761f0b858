"""The events of a future as text."""

from __future__ import annotations

import math
from typing import Any


def date(time: float) -> str:
    """A decimal year as year.month."""
    year = int(time)
    return f"{year}.{int((time - year) * 12) + 1:02d}"


def amount(usd: float) -> str:
    """An amount of money as text."""
    for size, name in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if usd >= size:
            return f"{usd / size:,.3g} {name} US$"
    return f"{usd:,.0f} US$"


def span(years: float) -> str:
    """A duration as text."""
    return f"{12.0 * years:.1f} months" if years < 1.0 else f"{years:.1f} years"


def _thief(actor: str) -> str:
    """A thief by the name of the `actor` that stands for it: it is one of those that a typical one stands for."""
    return f"one of {actor}" if actor.endswith(" typical") else actor


class Narrator:
    """Formats events in order, and records which kinds have occurred."""

    def __init__(self, everything: bool) -> None:
        self.everything = everything
        self.record = -math.inf
        self.loss = -math.inf
        self.seen: set[tuple[str, str]] = set()

    def line(self, row: Any) -> str:
        """One line for an event, or nothing if it is not notable."""
        words = getattr(self, f"_{row.event}", None)
        return words(row) if words else ""

    def _first(self, kind: str, subject: str) -> bool:
        """Whether this is the first of its kind, or all events are included."""
        first = (kind, subject) not in self.seen
        self.seen.add((kind, subject))
        return first or self.everything

    def _any_first(self, kind: str, subjects: str) -> bool:
        """Whether this is the first of its kind for any of several subjects, or all events are included."""
        first = [self._first(kind, subject) for subject in subjects.split(", ")]
        return any(first)

    def _chip_release(self, row: Any) -> str:
        return f"Chips: {row.subject}, {10**row.gain_oom:.2f}x FLOP per dollar"

    def _format_shipped(self, row: Any) -> str:
        return f"Chips ship {row.subject}, {10**row.gain_oom:.2f}x once training uses it"

    def _breakthrough(self, row: Any) -> str:
        if row.gain_oom < 0.2 and not self.everything:
            return ""
        reach = "at large scale" if row.scale_dependent else "at any scale"
        return f"Breakthrough by {row.actor_class}, {row.subject}: {10**row.gain_oom:.2f}x {reach}"

    def _licence_wait(self, row: Any) -> str:
        if not self._first("wait", row.actor):
            return ""
        return f"{row.actor} waits {span(row.years)} for a licence for {row.subject}, 10^{row.log10_flop:.1f} FLOP"

    def _run_start(self, row: Any) -> str:
        return f"{row.actor} starts {row.subject}, 10^{row.log10_flop:.1f} FLOP" if self.everything else ""

    def _run_finish(self, row: Any) -> str:
        reached = row.log10_effective_flop
        if not (self.everything or reached >= self.record + 0.5):
            return ""
        self.record = max(self.record, reached)
        return (
            f"{row.actor} finishes a run of 10^{row.log10_flop:.1f} FLOP with a budget of {amount(10**row.log10_usd)}: "
            f"10^{reached:.1f} effective FLOP"
        )

    def _attainment(self, row: Any) -> str:
        if not (row.first_of_class or self.everything):
            return ""
        how = {
            "trained": "trains",
            "distilled": "trains by distillation",
            "open_weights": "takes up open weights with",
            "stolen": "runs a stolen model with",
        }[row.route]
        who = _thief(row.actor) if row.route == "stolen" else row.actor
        if row.route == "open_weights":
            who = f"every {row.actor_class}"
        return f"{who} {how} {row.subject}"

    def _release_postponed(self, row: Any) -> str:
        refused = math.isinf(row.years)
        if not self._any_first("refusal" if refused else "postponement", row.subject):
            return ""
        if refused:
            return f"{row.actor} is refused the release of weights with {row.subject}"
        return f"{row.actor} must postpone the release of weights with {row.subject} by {span(row.years)}"

    def _weight_release(self, row: Any) -> str:
        return f"{row.actor} releases weights with {row.subject}" if self._any_first("release", row.subject) else ""

    def _entry(self, row: Any) -> str:
        return f"{row.actor} enters" if self.everything else ""

    def _service(self, row: Any) -> str:
        return f"{row.actor} offers a service with {row.subject}" if self._any_first("service", row.subject) else ""

    def _first_use(self, row: Any) -> str:
        return f"every {row.actor_class} can use a service with {row.subject}" if self.everything else ""

    def _theft(self, row: Any) -> str:
        return f"{_thief(row.actor)} steals the weights of {row.subject}"

    def _trigger(self, row: Any) -> str:
        return f"{row.subject} triggers {row.measure}"

    def _measure_start(self, row: Any) -> str:
        return f"In force: {row.subject}"

    def _measure_change(self, row: Any) -> str:
        return f"Strength or compliance changes: {row.subject}"

    def _measure_end(self, row: Any) -> str:
        return f"No longer in force: {row.subject}"

    def _authorities_learn(self, row: Any) -> str:
        return f"Authorities learn of {row.subject}"

    def _defence_ready(self, row: Any) -> str:
        return f"A defence against {row.subject} is ready"

    def _incident(self, row: Any, what: str = "") -> str:
        if not (self._first(row.event, row.subject) or row.log10_usd > self.loss):
            return ""
        self.loss = max(self.loss, row.log10_usd)
        lost = f"{amount(10**row.log10_usd)} lost"
        return f"Incident: a member of {row.actor_class} misuses {what}{row.subject}, {lost}"

    def _hosted_incident(self, row: Any) -> str:
        return self._incident(row, "a service with ")
