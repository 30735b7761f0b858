"""The section with timelines of two futures: a typical one, and one at a bad percentile."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pandas as pd

from engine.analyses.compare.analysis import changes_to_horizon
from engine.analyses.timelines.representative_futures import TYPICAL_BY, Example, bad_future, typical_future
from engine.document.page import LeftOut, Picture, Section, Table, Timeline, picture, table
from engine.document.run import Missing, Run
from engine.replay import History
from engine.results.provenance import replay_command
from engine.scenario import BASELINE
from engine.statistics.metrics import metric_names, outcomes
from engine.text.format import format_value, spoken
from engine.text.report_format import money, month

_LEVEL = 0.99
#: Events that a timeline omits: exogenous events and records of size, which are many and matter little to a reader.
_LEFT_OUT = ("chip_release", "format_shipped", "run_finish", "breakthrough")
_MEASURES = ("trigger", "measure_start", "measure_change", "measure_end")


def section(run: Run) -> Section | LeftOut:
    """A typical future and a bad one; the bad one also under the best policy."""
    title = "Two futures, event by event"
    try:
        futures = run.futures
        typical, bad = typical_future(futures), bad_future(futures, level=_LEVEL)
        parts = [_typical(run, typical)]
        if bad is not None:
            parts.append(_bad(run, bad))
            changes = run.once(changes_to_horizon)
            best = changes["exposure"].best_and_worst()[0] if "exposure" in changes else BASELINE
            if best != BASELINE:
                parts.append(_under_policy(run, bad, best))
    except Missing as missing:
        return LeftOut(title, str(missing))
    words = [
        f"Every future of the run can be replayed event by event. {run.of_how_many()} Two of these are replayed here. "
        "They are examples: no single future is likely.",
        "Marks are first attainments by each class, with the number of the capability. The text omits chips, "
        "breakthroughs and records in size. Of incidents it includes only the first with each capability and each new "
        "largest loss, and counts the others. The commands print every event.",
    ]
    if bad is None:
        words.append("No bad future is shown: in this run no outcome separates bad futures from others.")
    return Section(title, tuple(words), parts=tuple(parts))


def _typical(run: Run, example: Example) -> Section:
    words = (
        f"World {example.world}, future {example.future}, under the baseline. It is the future whose loss, incidents, "
        "exposure, benefit and first attainments together are nearest to their medians, by ranks.",
    )
    return replace(
        _whole_future("A typical future", words, run, example), tables=(_compared_with_medians(run, example),)
    )


def _compared_with_medians(run: Run, example: Example) -> Table:
    """Outcomes of one future under the baseline, and the medians of all futures."""
    base = run.futures.sel(policy=[BASELINE])
    names = set(metric_names(base))
    found = outcomes(base, [name for name in TYPICAL_BY if name in names]).isel(policy=0)
    rows = []
    for name, values in found.items():
        here = float(values.sel(world=example.world, future=example.future))
        cells = (_amount(number, str(values.attrs["units"])) for number in (here, float(values.median())))
        rows.append((spoken(str(name)), *cells))
    return table(
        f"Outcomes of this future to {run.horizon:g}, and the medians of all futures",
        ("outcome", "this future", "median of all"),
        rows,
    )


def _amount(value: float, units: str) -> str:
    return money(value) if units == "US$" else format_value(value, units)


def _bad(run: Run, example: Example) -> Section:
    value = _amount(example.value, example.units)
    few = f"{100.0 * (1.0 - _LEVEL):.3g}%"
    worse = "as little or less" if example.metric == "benefit" else "as much or more"
    words = (
        f"World {example.world}, future {example.future}, under the baseline. It is chosen by its {example.metric} of "
        f"{value}: about {few} of all futures have {worse}.",
        _outcome(run, example, BASELINE),
    )
    return _whole_future("A bad future", words, run, example)


def _whole_future(title: str, words: tuple[str, ...], run: Run, example: Example) -> Section:
    """A future under the baseline, with its events."""
    history = run.history(example.world, example.future)
    return Section(
        title,
        words,
        commands=(_command(run, example, BASELINE),),
        pictures=(_drawn(run, history),),
        timelines=(_events_of(history),),
    )


def _command(run: Run, example: Example, policy: str) -> str:
    """The command line that prints every event of a future."""
    results = run.results.assign_attrs(scenario_file=run.file)
    return f"{replay_command(results, example.world, example.future, policy)} --all"


def _under_policy(run: Run, example: Example, policy: str) -> Section:
    words = (
        f"The same future with the same random draws under {spoken(policy)}, the policy with the least mean exposure.",
        "Because the draws are the same, the same incident may come later and cost the same. One future proves "
        "nothing about the policy, good or bad; the paired differences of all futures do.",
        _outcome(run, example, policy),
    )
    before, after = run.history(example.world, example.future), run.history(example.world, example.future, policy)
    return Section(
        f"The same bad future under {spoken(policy)}",
        words,
        commands=(_command(run, example, policy),),
        pictures=(_drawn(run, after),),
        tables=(_compared(run, before, after),),
        timelines=_measures(after),
    )


def _outcome(run: Run, example: Example, policy: str) -> str:
    """The outcomes of the future to the horizon."""
    one = run.futures.sel(policy=policy, world=example.world, future=example.future)
    parts = []
    if run.dangerous:
        exposed = float(one["future_exposure"].sel(capability=run.dangerous).astype(float).sum())
        parts += [
            f"{money(float(one['future_loss']))} lost",
            f"{exposed:.1f} years of exposure over all dangerous capabilities",
        ]
    if run.valuable:
        parts.append(f"a benefit of {money(float(one['future_benefit']))}")
    return f"To {run.horizon:g}: {'; '.join(parts)}."


def _drawn(run: Run, history: History) -> Picture:
    from engine.analyses.timelines.plots import future_figure, future_in_words, marked_incidents

    under = "" if history.policy == BASELINE else f" under {spoken(history.policy)}"
    caption = (
        f"World {history.world}, future {history.future}{under}: first attainments by each class, defences, incidents."
    )
    marked, happened = marked_incidents(history), len(history.incidents)
    if marked < happened:
        caption += (
            f" Crosses are thinned: {marked:,} of {happened:,} incidents are marked; of those close together with the "
            "same capability, only the first."
        )
    return picture(future_figure(history, run.scenario), future_in_words(history, run.scenario), caption)


def _events_of(history: History) -> Timeline:
    """Notable events, without exogenous ones."""
    notable = history.events[~history.events.event.isin(_LEFT_OUT)]
    later, happened = _after_defence(history), len(history.incidents)
    after = f" {later:,} of its {happened:,} incidents came after a defence was ready." if happened else ""
    return _timeline_of(f"Events. {_spoken(history.ending())}{after}", replace(history, events=notable))


def _after_defence(history: History) -> int:
    """The number of incidents after a defence against their capability was ready."""
    events = history.events
    ready = events[events.event == "defence_ready"].groupby("subject").time.min()
    incidents = history.incidents
    return int((incidents.time >= incidents.subject.map(ready).astype(float)).sum())


def _measures(history: History) -> tuple[Timeline, ...]:
    """The times at which measures come into force and end, and their triggers."""
    notable = history.events[history.events.event.isin(_MEASURES)]
    return (_timeline_of("When measures are in force", replace(history, events=notable)),) if len(notable) else ()


def _timeline_of(caption: str, history: History) -> Timeline:
    years: dict[int, list[str]] = {}
    for time, text in history.lines():
        years.setdefault(int(time), []).append(f"{month(time)} {_spoken(text)}")
    for year, more in _further_incidents(history).items():
        years.setdefault(year, []).append(f"+ {more:,} further incident{'s' if more > 1 else ''}")
    return Timeline(caption, tuple((str(year), tuple(years[year])) for year in sorted(years)))


def _further_incidents(history: History) -> dict[int, int]:
    """The number of incidents of each year without a line of their own."""
    incidents = replace(history, events=history.incidents)
    happened = Counter(int(time) for time, _ in incidents.lines(everything=True))
    return dict(happened - Counter(int(time) for time, _ in incidents.lines()))


def _spoken(text: str) -> str:
    """A text with all names in plain words."""
    return " ".join(map(spoken, text.split(" ")))


def _compared(run: Run, before: History, after: History) -> Table:
    """Dangerous capabilities, incidents and money in two histories of one address."""

    def times(history: History, events: pd.DataFrame) -> str:
        return f"{events.time.min():.1f}" if len(events) else f"not by {history.horizon:g}"

    rows = []
    for capability in run.dangerous:
        for words, event, classes in (
            ("first attained by anyone", "attainment", None),
            ("first attained by a malicious class", "attainment", run.malicious),
            ("defence ready", "defence_ready", None),
        ):
            cells = []
            for history in (before, after):
                events = history.events[(history.events.event == event) & (history.events.subject == capability)]
                cells.append(times(history, events if classes is None else events[events.actor_class.isin(classes)]))
            rows.append((f"{spoken(capability)}: {words}", *cells))
    rows.append(("incidents", *(f"{len(one.incidents):,}" for one in (before, after))))
    rows.append(("incidents after a defence was ready", *(f"{_after_defence(one):,}" for one in (before, after))))
    columns = ("outcome", "baseline", spoken(after.policy))
    return table("The same future under both", columns, rows)
