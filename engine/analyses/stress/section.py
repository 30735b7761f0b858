"""The section on assumptions under which policies fail, and its findings."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import xarray as xr

from engine.analyses.compare.analysis import changes_to_horizon
from engine.analyses.stress.analysis import stress_test
from engine.analyses.stress.failing_worlds import FOUND, IN_WORDS
from engine.analyses.stress.plots import requirement_in_words
from engine.analyses.stress.share_of_worlds import format_share_of_worlds
from engine.analyses.stress.summary import met_by_nothing
from engine.document.page import LeftOut, Section, Table, picture, table
from engine.document.run import Missing, Run
from engine.text.format import format_ranges, format_share, number_in_words, spoken
from engine.text.report_format import listed
from engine.text.uncertain import Verdict

#: Policies whose failures are drawn; the table has all.
_MOST_DRAWN = 4


def section(run: Run) -> Section | LeftOut:
    """The assumptions under which policies miss their requirements."""
    title = "Assumptions under which policies fail"
    try:
        found = _tested(run)
    except Missing as missing:
        return LeftOut(title, str(missing))
    if "fails" not in found:
        return LeftOut(title, "the scenario has none of the outcomes of the usual requirements")
    from engine.analyses.stress.failure_plots import failures_figure, failures_in_words
    from engine.analyses.stress.plots import robustness_figure, robustness_in_words

    asked = listed([requirement_in_words(text) for text in found["requirement"].values])
    words = [
        run.of_how_many(),
        f"A policy fails in a world if it does not meet these requirements there: {asked}, in the same world. "
        "These limits illustrate the method; no government has set them (engine stress --require sets others). They "
        "do not include the cost of a measure, because only lost benefit is counted: money for defence costs nothing "
        "in the model.",
        "A search for common features of failing worlds (PRIM) gives limits on numbers of the scenario. Density is "
        "the share of the worlds within these limits in which the policy fails; coverage is the share of all its "
        "failures within them.",
        *met_by_nothing(found),
    ]
    pictures = [
        picture(
            robustness_figure(found),
            robustness_in_words(found),
            "Robustness: values of policies over all worlds, and the share of worlds that meet the requirements.",
        )
    ]
    described = [name for name in run.policies if str(found["box_verdict"].sel(policy=name).item()) == FOUND]
    for name in described[:_MOST_DRAWN]:
        pictures.append(
            picture(
                failures_figure(found, name),
                failures_in_words(found, name),
                f"Worlds in which {spoken(name)} fails.",
            )
        )
    if len(described) > _MOST_DRAWN:
        words.append(f"Figures show the first {_MOST_DRAWN} policies with such limits; the table lists all.")
    return Section(title, tuple(words), pictures=tuple(pictures), tables=(_failures(run, found),))


def _failures(run: Run, found: xr.Dataset) -> Table:
    rows = []
    for name in run.policies:
        one = found.sel(policy=name)
        met = _meets_all(one)
        rows.append((spoken(name), met, broken_where(one)))
    return table(
        "Share of worlds in which each policy meets all requirements, and where it mostly fails",
        ("policy", "meets all", "fails mostly where"),
        rows,
        text=True,
    )


def _meets_all(one: xr.Dataset) -> str:
    """The share of worlds in which one policy meets all requirements, with its error or limits."""
    share, error = (float(one[name]) for name in ("all_met_share", "all_met_share_se"))
    return format_share_of_worlds(share, error, int(one.attrs["worlds"]))


def broken_where(one: xr.Dataset) -> str:
    """The limits within which one policy fails most, from a stress test, or the reason why there are none."""
    verdict = str(one["box_verdict"].item())
    if verdict != FOUND or not int(one["box_count"]):
        return IN_WORDS.get(verdict, "no assumption was found that separates these worlds from the others")
    box = one.isel(box=0)
    names = [number_in_words(str(name)) for name in box["parameter"].values]
    limits = xr.Dataset({"lower": box["box_lower"], "upper": box["box_upper"]}).assign_coords(parameter=names)
    density, coverage = (format_share(float(box[f"box_{name}"])) for name in ("density", "coverage"))
    return f"{format_ranges(limits)} (density {density}, coverage {coverage})"


def _tested(run: Run) -> xr.Dataset:
    """The stress test of all policies. Raises Missing if there is only the baseline."""
    if not run.policies:
        raise Missing("the file has no policy other than the baseline")
    return run.once(stress_test, run.futures)


def findings(run: Run) -> list[str]:
    """The policy that most often meets the requirements."""
    with suppress(Missing):
        found = _tested(run)
        if "fails" in found:
            return [_most_often_enough(run, found)]
    return []


def _most_often_enough(run: Run, found: xr.Dataset) -> str:
    """The policy that meets the requirements in most worlds, and where it fails."""
    met = found["all_met_share"].sel(policy=run.policies)
    best = str(met["policy"].values[int(np.argmax(met.values))])
    one = found.sel(policy=best)
    asked = listed([requirement_in_words(text) for text in found["requirement"].values])
    if not float(met.max()) > 0.0:
        return f"For illustration: no policy achieves {asked} in any world."
    often = _meets_all(one)
    where = (
        f"; it fails mostly where {broken_where(one).partition(' (density')[0]}"
        if str(one["box_verdict"].item()) == FOUND
        else ""
    )
    return (
        f"For illustration: {spoken(best)} most often achieves {asked} (limits of this report, not of any government), "
        f"in {often} of worlds{where}. {_although(run, best)}The price of a policy includes only lost benefit: the "
        "cost of its measures is not counted, and money for defence costs nothing in the model."
    )


def _although(run: Run, policy: str) -> str:
    """A note if the policy that most often meets the limits does not reduce exposure on average."""
    changes = run.once(changes_to_horizon)
    if "exposure" not in changes:
        return ""
    match changes["exposure"].verdict_of(policy):
        case Verdict.WORSE:
            return "Averaged over all worlds it nevertheless increases exposure. "
        case Verdict.UNCHANGED:
            return "Averaged over all worlds it nevertheless does not change exposure. "
        case Verdict.UNCLEAR:
            return "This run does not show whether it reduces exposure on average over all worlds. "
    return ""
