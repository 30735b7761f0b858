"""The section on assumptions that break a policy, and what the findings say of them."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import xarray as xr

from engine.analyses.compare.analysis import changes_to_horizon
from engine.analyses.stress.analysis import stress_test
from engine.analyses.stress.failing_worlds import FOUND, IN_WORDS
from engine.analyses.stress.plots import requirement_in_words
from engine.analyses.stress.share_of_worlds import format_share_of_worlds
from engine.document.page import LeftOut, Section, Table, picture, table
from engine.document.run import Missing, Run
from engine.text.format import format_ranges, format_share, number_in_words, spoken
from engine.text.report_format import listed
from engine.text.uncertain import Verdict

#: Policies whose failures are drawn; the table has all.
_MOST_DRAWN = 4


def section(run: Run) -> Section | LeftOut:
    """Under which assumptions policies do not achieve what is asked of them."""
    title = "Which assumptions break a policy"
    try:
        found = _tested(run)
    except Missing as missing:
        return LeftOut(title, str(missing))
    if "fails" not in found:
        return LeftOut(title, "the scenario has no outcome that the usual requirements are about")
    from engine.analyses.stress.failure_plots import failures_figure, failures_in_words
    from engine.analyses.stress.plots import robustness_figure, robustness_in_words

    asked = listed([requirement_in_words(text) for text in found["requirement"].values])
    words = [
        run.of_how_many(),
        f"A policy fails in a world if it does not meet these requirements there: {asked}, in the same world. "
        "These are limits of this report, for illustration, not of any government (engine stress --require sets "
        "others). They ask nothing of what a measure costs, for only lost benefit is counted: money for defence costs "
        "nothing in the model.",
        "The search for what failing worlds have in common (PRIM) gives limits on numbers of the scenario. Density is "
        "the share of the worlds within these limits in which the policy fails; coverage is the share of all its "
        "failures that they hold.",
    ]
    pictures = [
        picture(
            robustness_figure(found),
            robustness_in_words(found),
            "Robustness: how policies do over all worlds, and in how many they meet the requirements.",
        )
    ]
    described = [name for name in run.policies if str(found["box_verdict"].sel(policy=name).item()) == FOUND]
    for name in described[:_MOST_DRAWN]:
        pictures.append(
            picture(
                failures_figure(found, name),
                failures_in_words(found, name),
                f"Where {spoken(name)} fails.",
            )
        )
    if len(described) > _MOST_DRAWN:
        words.append(f"Figures are of the first {_MOST_DRAWN} policies with such limits; the table tells of all.")
    return Section(title, tuple(words), pictures=tuple(pictures), tables=(_failures(run, found),))


def _failures(run: Run, found: xr.Dataset) -> Table:
    rows = []
    for name in run.policies:
        one = found.sel(policy=name)
        met = _meets_all(one)
        rows.append((spoken(name), met, broken_where(one)))
    return table(
        "In which share of worlds each policy meets all requirements, and where it mostly fails",
        ("policy", "meets all", "fails mostly where"),
        rows,
        text=True,
    )


def _meets_all(one: xr.Dataset) -> str:
    """In which share of worlds one policy meets all requirements, with what is known of it."""
    share, error = (float(one[name]) for name in ("all_met_share", "all_met_share_se"))
    return format_share_of_worlds(share, error, int(one.attrs["worlds"]))


def broken_where(one: xr.Dataset) -> str:
    """The limits within which one policy fails most, from a stress test; or why there are none."""
    verdict = str(one["box_verdict"].item())
    if verdict != FOUND or not int(one["box_count"]):
        return IN_WORDS.get(verdict, "no assumption was found that tells these worlds from the others")
    box = one.isel(box=0)
    names = [number_in_words(str(name)) for name in box["parameter"].values]
    limits = xr.Dataset({"lower": box["box_lower"], "upper": box["box_upper"]}).assign_coords(parameter=names)
    density, coverage = (format_share(float(box[f"box_{name}"])) for name in ("density", "coverage"))
    return f"{format_ranges(limits)} (density {density}, coverage {coverage})"


def _tested(run: Run) -> xr.Dataset:
    """The stress test of all policies. Raises Missing where there is only the baseline."""
    if not run.policies:
        raise Missing("the file has no policy beside the baseline")
    return run.once(stress_test, run.futures)


def findings(run: Run) -> list[str]:
    """Which policy is most often enough."""
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
        return (
            f"For illustration, if one asked for {asked} in the same world, no policy would be enough in any of them."
        )
    often = _meets_all(one)
    where = (
        f"; it fails mostly where {broken_where(one).partition(' (density')[0]}"
        if str(one["box_verdict"].item()) == FOUND
        else ""
    )
    return (
        f"For illustration, if one asked for {asked} in the same world (limits of this report, not of any government), "
        f"{spoken(best)} would be most often enough, in {often} of worlds{where}. {_although(run, best)}The price of "
        "a policy is only the benefit lost: what its measures cost is not counted, and money for defence costs nothing "
        "in the model."
    )


def _although(run: Run, policy: str) -> str:
    """Why a policy may meet limits in most worlds and still not be better on average, if that is so."""
    changes = run.once(changes_to_horizon)
    if "exposure" not in changes:
        return ""
    match changes["exposure"].verdict_of(policy):
        case Verdict.WORSE:
            return "Averaged over all worlds it nevertheless adds exposure: in others more than it removes in these. "
        case Verdict.UNCHANGED:
            return "Averaged over all worlds it nevertheless does not change exposure. "
        case Verdict.UNCLEAR:
            return "Whether it reduces exposure on average over all worlds, this run does not tell. "
    return ""
