"""The story of one future: every event as a table, first attainments, and a text to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from engine.replay.stage import Stage

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
)


@dataclass(frozen=True, repr=False)
class History:
    """One future. Made by `engine.replay`.

    `events` is a table of every event in order of time, with columns
    time (decimal years), event, actor_class, actor, subject, and where they apply route, first_of_class,
    gain_oom, scale_dependent, log10_usd (2023 US$), log10_flop, log10_effective_flop.
    """

    scenario: str
    seed: int
    world: int
    future: int
    start: float
    horizon: float
    requirements: dict[str, float]
    events: pd.DataFrame

    @classmethod
    def of(cls, stage: Stage) -> History:
        """The history played on `stage`."""
        events = pd.DataFrame(stage.rows, columns=list(COLUMNS))
        events = events.sort_values("time", kind="stable", ignore_index=True)
        seed, world, future = stage.luck
        requirements = dict(zip(stage.capabilities, map(float, stage.requirements), strict=True))
        scenario = stage.scenario
        return cls(scenario.name, seed, world, future, scenario.start, scenario.horizon, requirements, events)

    @property
    def attainments(self) -> pd.DataFrame:
        """First attainment of each class: actor_class, capability, time (decimal years), route."""
        attainments = self.events[self.events.event == "attainment"]
        first = attainments[attainments.first_of_class.astype(bool)]
        table = first[["actor_class", "subject", "time", "route"]].rename(columns={"subject": "capability"})
        return table.reset_index(drop=True)

    def counts(self) -> dict[str, int]:
        """How many events of each kind the Monte Carlo clock counts too."""
        kinds = self.events.event.value_counts()
        routes = self.events.route[self.events.event == "attainment"].value_counts()
        return {
            "releases": int(kinds.get("chip_release", 0)),
            "breakthroughs": int(kinds.get("breakthrough", 0)),
            "runs": int(kinds.get("run_finish", 0)),
            "trained": int(routes.get("trained", 0)),
            "weight_releases": int(kinds.get("weight_release", 0)),
            "thefts": int(routes.get("stolen", 0)),
        }

    def narrative(self, everything: bool = False) -> str:
        """The story as text: a line for each notable event, under its year.

        Notable are chips, breakthroughs of at least 0.2 OOM, record runs, first attainments of a class, the
        first release of each capability's weights, and thefts. `everything` tells all events.
        """
        lines = [
            f"{self.scenario}: world {self.world}, future {self.future}, seed {self.seed}",
            f"{self.start:g} to {self.horizon:g}. A date is year.month; a run's size is its training compute.",
        ]
        for capability, required in sorted(self.requirements.items(), key=lambda item: item[1]):
            lines.append(f"  {capability} emerges at 10^{required:.1f} effective FLOP")
        year = None
        teller = _Teller(everything)
        row: Any
        for row in self.events.itertuples(index=False):
            text = teller.tell(row)
            if not text:
                continue
            if int(row.time) != year:
                year = int(row.time)
                lines += ["", str(year)]
            lines.append(f"  {_date(row.time)}  {text}")
        lines += ["", self._ending()]
        return "\n".join(lines)

    def _ending(self) -> str:
        attained = self.attainments
        absent = [name for name in self.requirements if name not in set(attained.capability)]
        text = f"By {self.horizon:g}: {attained.capability.nunique()} of {len(self.requirements)} capabilities emerged"
        return f"{text}; not {', '.join(absent)}." if absent else f"{text}."

    def __repr__(self) -> str:
        return (
            f"<History of {self.scenario!r}: world {self.world}, future {self.future}, seed {self.seed}, "
            f"{len(self.events)} events, {len(self.attainments)} first attainments>"
        )


def _date(time: float) -> str:
    year = int(time)
    return f"{year}.{int((time - year) * 12) + 1:02d}"


class _Teller:
    """Puts events into words, and knows which were told."""

    def __init__(self, everything: bool) -> None:
        self.everything = everything
        self.record = -1.0
        self.released: set[str] = set()

    def tell(self, row: Any) -> str:
        """One line for an event, or nothing if it is not notable."""
        words = getattr(self, f"_{row.event}", None)
        return words(row) if words else ""

    def _chip_release(self, row: Any) -> str:
        return f"Chips: {row.subject}, {10**row.gain_oom:.2f}x FLOP a dollar"

    def _format_shipped(self, row: Any) -> str:
        return f"Chips ship {row.subject}, {10**row.gain_oom:.2f}x once training uses it"

    def _breakthrough(self, row: Any) -> str:
        if row.gain_oom < 0.2 and not self.everything:
            return ""
        reach = "at large scale" if row.scale_dependent else "at any scale"
        return f"Breakthrough by {row.actor_class}, {row.subject}: {10**row.gain_oom:.2f}x {reach}"

    def _run_start(self, row: Any) -> str:
        return f"{row.actor} starts {row.subject}, 10^{row.log10_flop:.1f} FLOP" if self.everything else ""

    def _run_finish(self, row: Any) -> str:
        reached = row.log10_effective_flop
        told = self.everything or reached >= self.record + 0.5
        if not told:
            return ""
        self.record = max(self.record, reached)
        return (
            f"{row.actor} finishes a run of 10^{row.log10_flop:.1f} FLOP for {10**row.log10_usd:,.0f} US$: "
            f"10^{reached:.1f} effective FLOP"
        )

    def _attainment(self, row: Any) -> str:
        if not (row.first_of_class or self.everything):
            return ""
        how = {"trained": "trains", "open_weights": "takes up open weights with", "stolen": "steals"}[row.route]
        who = row.actor if row.route != "open_weights" else f"every {row.actor_class}"
        return f"{who} {how} {row.subject}"

    def _weight_release(self, row: Any) -> str:
        if row.subject in self.released and not self.everything:
            return ""
        self.released.add(row.subject)
        return f"{row.actor} releases weights with {row.subject}"
