"""The history of one future: a table of all events, first attainments, and a narrative."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from engine.replay.narrative import Narrator, amount, date
from engine.replay.state import State
from engine.scenario import BASELINE
from engine.scenario.display import html_block, html_table, html_text, html_title

COLUMNS = (
    "time",
    "event",
    "actor_class",
    "actor",
    "subject",
    "route",
    "first_of_class",
    "gain_oom",
    "scale_dependent",
    "log10_usd",
    "log10_flop",
    "log10_effective_flop",
    "years",
    "measure",
)


@dataclass(frozen=True, repr=False)
class History:
    """One future. Made by `engine.replay`.

    `events` is a table of every event in order of time, with columns
    time (decimal years), event, actor_class, actor, subject, and where they apply route, first_of_class,
    gain_oom, scale_dependent, log10_usd (2023 US$: the budget of a run, the loss of an incident), log10_flop,
    log10_effective_flop, years (of a delay), measure (that a trigger starts). The subject of a theft is the run of the
    stolen model. `requirements` (log10 effective FLOP) and `least_compute` (log10 FLOP) are by capability.
    """

    scenario: str
    policy: str
    seed: int
    world: int
    future: int
    start: float
    horizon: float
    requirements: dict[str, float]
    events: pd.DataFrame
    least_compute: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, state: State) -> History:
        """The history simulated on `state`."""
        events = pd.DataFrame(state.rows, columns=list(COLUMNS))
        events = events.sort_values("time", kind="stable", ignore_index=True)
        seed, world, future = state.luck
        requirements = dict(zip(state.capabilities, map(float, state.requirements), strict=True))
        scenario = state.scenario
        return cls(
            scenario.name,
            state.policy_name,
            seed,
            world,
            future,
            scenario.start,
            scenario.horizon,
            requirements,
            events,
            dict(zip(state.capabilities, map(float, state.world["least_compute"]), strict=False)),
        )

    def __eq__(self, other: object) -> bool:
        """Whether `other` is the same history: the same address and the same events."""
        if not isinstance(other, History):
            return NotImplemented
        mine, theirs = ({**vars(one), "events": None} for one in (self, other))
        return mine == theirs and self.events.equals(other.events)

    @property
    def attainments(self) -> pd.DataFrame:
        """First attainment of each class: actor_class, capability, time (decimal years), route."""
        attainments = self.events[self.events.event == "attainment"]
        first = attainments[attainments.first_of_class.astype(bool)]
        table = first[["actor_class", "subject", "time", "route"]].rename(columns={"subject": "capability"})
        return table.reset_index(drop=True)

    @property
    def incidents(self) -> pd.DataFrame:
        """The events that are incidents, by actors with access and by users of services."""
        return self.events[self.events.event.isin(["incident", "hosted_incident"])]

    def counts(self) -> dict[str, int]:
        """Number of events of each kind that the Monte Carlo clock also counts."""
        kinds = self.events.event.value_counts()
        routes = self.events.route[self.events.event == "attainment"].value_counts()
        return {
            "releases": int(kinds.get("chip_release", 0)),
            "breakthroughs": int(kinds.get("breakthrough", 0)),
            "runs": int(kinds.get("run_finish", 0)),
            "trained": int(routes.get("trained", 0) + routes.get("distilled", 0)),
            "weight_releases": int(kinds.get("weight_release", 0)),
            "thefts": int(kinds.get("theft", 0)),
            "waits": int(kinds.get("licence_wait", 0)),
            "postponed": int(kinds.get("release_postponed", 0)),
            "incidents": int(kinds.get("incident", 0)),
            "measures": int(kinds.get("measure_start", 0)),
            "services": int(kinds.get("service", 0)),
            "newcomers": int(kinds.get("entry", 0)),
            "hosted_incidents": int(kinds.get("hosted_incident", 0)),
        }

    def narrative(self, everything: bool = False) -> str:
        """The history as text: a line for each notable event, under its year.

        Notable events are chips, breakthroughs of at least 0.2 OOM, record runs, first attainments of a class, thefts,
        triggers and measures, and the knowledge and defences of authorities; the first release and the first refusal
        of each capability's weights, and its first service; the first run of each actor that waits for a licence; the
        first incident by access and by use, and every record incident. With `everything`, all events are included.
        """
        return "\n".join([*self.heading(), *by_year(self.lines(everything)), "", self.ending()])

    def heading(self) -> list[str]:
        """The heading of the narrative, as lines of text."""
        under = f", policy {self.policy}" if self.policy != BASELINE else ""
        lines = [
            f"{self.scenario}{under}: world {self.world}, future {self.future}, seed {self.seed}",
            f"{self.start:g} to {self.horizon:g}. A date is year.month; a run's size is its training compute.",
        ]
        for capability, required in sorted(self.requirements.items(), key=lambda item: item[1]):
            least = self.least_compute.get(capability, 0.0)
            besides = f", and at 10^{least:.1f} FLOP of training compute" if least > 0.0 else ""
            lines.append(f"  {capability} emerges at 10^{required:.1f} effective FLOP{besides}")
        return lines

    def lines(self, everything: bool = False) -> list[tuple[float, str]]:
        """(time, text) of each notable event, or of all."""
        narrator = Narrator(everything)
        rows: Iterable[Any] = self.events.itertuples(index=False)
        texts = ((row.time, narrator.line(row)) for row in rows)
        return [(float(time), text) for time, text in texts if text]

    def ending(self) -> str:
        """The outcome at the horizon, in a line."""
        attained, counts = self.attainments, self.counts()
        absent = [name for name in self.requirements if name not in set(attained.capability)]
        text = f"By {self.horizon:g}: {attained.capability.nunique()} of {len(self.requirements)} capabilities emerged"
        text += f" (not {', '.join(absent)})" if absent else ""
        incidents = self.incidents
        if len(incidents):
            number = f"{len(incidents)} incident{'s' if len(incidents) > 1 else ''}"
            text += f"; {number} cost {amount(sum(10.0**loss for loss in incidents.log10_usd))}"
        for kind, words in (
            ("waits", "runs waited for a licence"),
            ("postponed", "releases were postponed or refused"),
        ):
            text += f"; {counts[kind]} {words}" if counts[kind] else ""
        return f"{text}."

    def __repr__(self) -> str:
        return (
            f"<History of {self.scenario!r}: world {self.world}, future {self.future}, seed {self.seed}, "
            f"{len(self.events)} events, {len(self.attainments)} first attainments>"
        )

    def _repr_html_(self) -> str:
        """The narrative for a notebook: a table with a row for each year with notable events."""
        title, *about = self.heading()
        years: dict[str, list[str]] = {}
        for time, text in self.lines():
            years.setdefault(str(int(time)), []).append(f"{date(time)}  {text}")
        story = html_table(("year", "events"), years.items())
        return html_block(html_title(title), html_text(*about), story, html_text(self.ending()))


def by_year(lines: Iterable[tuple[float, str]]) -> Iterator[str]:
    """Lines of text with their dates, each year under its heading."""
    year = None
    for time, text in lines:
        if int(time) != year:
            year = int(time)
            yield from ("", str(year))
        yield f"  {date(time)}  {text}"
