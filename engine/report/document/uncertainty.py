"""Sections on what the results hang on: sensitivity, assumptions that break a policy, Monte Carlo error."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import xarray as xr

from engine.analysis.convergence import effective_sample_size, futures_needed
from engine.analysis.stress.worlds import FOUND, IN_WORDS
from engine.analysis.telling import told_ranges, told_share, told_share_of_worlds
from engine.report.document.page import LeftOut, Section, Table, picture, table
from engine.report.document.run import Missing, Run
from engine.report.document.told import listed, share
from engine.report.sensitivity import number_in_words
from engine.report.stress import requirement_in_words
from engine.report.style import spoken
from engine.text.uncertain import Verdict

#: Policies whose failures are drawn; the table tells of all.
_MOST_DRAWN = 4
#: Standard errors that the section on precision says the size of a run for.
_TARGETS = (0.01, 0.005, 0.002)
#: A number that matters most has an influence of at least so many times what noise gives; a smaller one stands out
#: barely. An assumption.
_CLEARLY = 1.25


def sensitivity(run: Run) -> Section | LeftOut:
    """Which uncertain numbers matter most, and how much is chance."""
    title = "Which assumptions matter most"
    try:
        found = run.sensitivity
    except Missing as missing:
        return LeftOut(title, str(missing))
    from engine.report.sensitivity import sensitivity_figure, sensitivity_in_words

    words = (
        f"{run.of_how_many()} It is under the baseline.",
        "Futures differ for two reasons: the uncertain numbers of the scenario, which are drawn anew for each world, "
        "and chance, which differs between the futures of one world. More research can narrow the first, not the "
        "second.",
        "Influence (PAWN) says how far the distribution of an outcome moves when a number is held fixed: 0 for not at "
        "all. What is no larger than noise, as this many worlds give it, is marked.",
    )
    made = picture(
        sensitivity_figure(found),
        sensitivity_in_words(found),
        "How much chance decides, and the uncertain numbers with the largest influence on each outcome.",
    )
    return Section(title, words, pictures=(made,))


def stress(run: Run) -> Section | LeftOut:
    """Under which assumptions policies do not achieve what is asked of them."""
    title = "Which assumptions break a policy"
    try:
        found = run.stress
    except Missing as missing:
        return LeftOut(title, str(missing))
    if "fails" not in found:
        return LeftOut(title, "the scenario has no outcome that the usual requirements are about")
    from engine.report.failures import failures_figure, failures_in_words
    from engine.report.stress import robustness_figure, robustness_in_words

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
    return told_share_of_worlds(share, error, int(one.attrs["worlds"]))


def broken_where(one: xr.Dataset) -> str:
    """The limits within which one policy fails most, from a stress test; or why there are none."""
    verdict = str(one["box_verdict"].item())
    if verdict != FOUND or not int(one["box_count"]):
        return IN_WORDS.get(verdict, "no assumption was found that tells these worlds from the others")
    box = one.isel(box=0)
    names = [number_in_words(str(name)) for name in box["parameter"].values]
    limits = xr.Dataset({"lower": box["box_lower"], "upper": box["box_upper"]}).assign_coords(parameter=names)
    density, coverage = (told_share(float(box[f"box_{name}"])) for name in ("density", "coverage"))
    return f"{told_ranges(limits)} (density {density}, coverage {coverage})"


def precision(run: Run) -> Section:
    """How exact the numbers are."""
    from engine.report.precision import precision_figure, precision_in_words

    words = (
        "A finite number of futures was simulated, so that every number has a Monte Carlo standard error: the +- of "
        "this report. Twice as many worlds make it smaller by about a third. It says nothing about whether the "
        "scenario is right.",
    )
    made = picture(
        precision_figure(run.results), precision_in_words(run.results), "Monte Carlo standard errors of this run."
    )
    return Section("How exact the numbers are", words, pictures=(made,), tables=_sizes(run))


def _sizes(run: Run) -> tuple[Table, ...]:
    """What effective number of futures each policy has, and what a smaller error would take; none with one world."""
    if int(run.results.attrs["worlds"]) < 2:
        return ()
    sizes = effective_sample_size(run.results)
    played = int(run.results.attrs["worlds"]) * int(run.results.attrs["futures"])

    def count(value: float) -> str:
        return "unknown" if np.isnan(value) else f"{value:,.0f}"

    independent = table(
        f"Effective number of independent futures, of {played:,} played: futures of one world share its numbers, and "
        "are worth less than as many independent ones.",
        ("policy", "median of all probabilities", "least"),
        [
            (spoken(str(name)), count(float(median)), count(float(least)))
            for name, median, least in zip(
                sizes["policy"].values,
                sizes["median_effective_sample_size"].values,
                sizes["least_effective_sample_size"].values,
                strict=True,
            )
        ],
    )
    futures = int(run.results.attrs["futures"])
    needed = [(target, futures_needed(run.results, target)) for target in _TARGETS]
    larger = table(
        "Worlds that a run needs for every probability of attainment to have at most a given standard error",
        ("standard error", "worlds", "futures in each"),
        [(f"{100.0 * target:g}%", f"{int(one['worlds_needed']):,}", f"{futures:,}") for target, one in needed],
    )
    return independent, larger


def matters_most(run: Run) -> list[str]:
    """Sentences for the findings: what matters most to the first outcome, and which policy is most often enough."""
    told = []
    with suppress(Missing):
        told.append(_most_influential(run.sensitivity.isel(outcome=0)))
    with suppress(Missing):
        if "fails" in run.stress:
            told.append(_most_often_enough(run, run.stress))
    return told


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
    if "exposure" not in run.changes:
        return ""
    match run.changes["exposure"].verdicts()[run.policies.index(policy)]:
        case Verdict.WORSE:
            return "Averaged over all worlds it nevertheless adds exposure: in others more than it removes in these. "
        case Verdict.UNCHANGED:
            return "Averaged over all worlds it nevertheless does not change exposure. "
        case Verdict.UNCLEAR:
            return "Whether it reduces exposure on average over all worlds, this run does not tell. "
    return ""


def _most_influential(one: xr.Dataset) -> str:
    """The number with the largest influence on an outcome, and the share of chance."""
    aleatory = float(one["aleatory_share"])
    chance = share(aleatory, float(one["aleatory_share_se"]))
    told = f"Of the differences between futures in {spoken(str(one['outcome'].item()))} ("
    told += f"{one['outcome_long_name'].item()}), " + (
        "this run does not tell how much is chance"
        if np.isnan(aleatory)
        else f"chance decides {chance}, and the uncertain numbers the rest"
    )
    influence = one["pawn_median"].fillna(-1.0).values
    noise = float(one["noise_level"])
    places = [n for n in np.argsort(-influence, kind="stable")[:3] if influence[n] > noise]
    if not places:
        return f"{told}; no single number stands out from noise in this run."
    clear = [n for n in places if influence[n] > _CLEARLY * noise]
    names = listed([number_in_words(str(one["parameter"].values[n])) for n in clear or places])
    one_only = len(clear or places) == 1
    if not clear:
        return f"{told}; of the numbers {names} stand{'s' if one_only else ''} out barely from noise."
    return f"{told}; of the numbers {names} matter{'s' if one_only else ''} most."
