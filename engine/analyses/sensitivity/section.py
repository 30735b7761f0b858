"""The section on the assumptions that matter most, and its findings."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import xarray as xr

from engine.analyses.sensitivity.experiment import pawn_of, together, variance_of
from engine.document.page import LeftOut, Section, picture
from engine.document.run import Missing, Run
from engine.text.format import number_in_words, spoken
from engine.text.report_format import listed, share

#: A number counts as influential if its influence is at least this multiple of noise; a smaller one barely exceeds
#: noise. An assumption.
_CLEARLY = 1.25


def section(run: Run) -> Section | LeftOut:
    """The most influential uncertain numbers, and the share of chance."""
    title = "Which assumptions matter most"
    try:
        found = run.once(_influences, run.futures)
    except Missing as missing:
        return LeftOut(title, str(missing))
    from engine.analyses.sensitivity.plots import sensitivity_figure, sensitivity_in_words

    words = (
        f"{run.of_how_many()} It describes the baseline.",
        "Futures differ for two reasons: the uncertain numbers of the scenario, which are drawn for each world, "
        "and chance, which differs between the futures of one world. More research can narrow the first, not the "
        "second.",
        "Influence (PAWN) measures how much the distribution of an outcome moves when a number is held fixed; 0 means "
        "no influence. Influences within the noise of this number of worlds are marked.",
    )
    made = picture(
        sensitivity_figure(found),
        sensitivity_in_words(found),
        "Share of chance, and the uncertain numbers with the largest influence on each outcome.",
    )
    return Section(title, words, pictures=(made,))


def _influences(futures: xr.Dataset) -> xr.Dataset:
    """Shares of variance, and PAWN indices, under the baseline."""
    return together(variance_of(futures), pawn_of(futures))


def findings(run: Run) -> list[str]:
    """The most influential number for the first outcome."""
    with suppress(Missing):
        return [_most_influential(run.once(_influences, run.futures).isel(outcome=0))]
    return []


def _most_influential(one: xr.Dataset) -> str:
    """The number with the largest influence on an outcome, and the share of chance."""
    aleatory = float(one["aleatory_share"])
    chance = share(aleatory, float(one["aleatory_share_se"]))
    text = f"Of the differences between futures in {spoken(str(one['outcome'].item()))} ("
    text += f"{one['outcome_long_name'].item()}), " + (
        "this run does not show the share of chance"
        if np.isnan(aleatory)
        else f"chance explains {chance}, and the uncertain numbers the rest"
    )
    influence = one["pawn_median"].fillna(-1.0).values
    noise = float(one["noise_level"])
    places = [n for n in np.argsort(-influence, kind="stable")[:3] if influence[n] > noise]
    if not places:
        return f"{text}; no single number exceeds noise in this run."
    clear = [n for n in places if influence[n] > _CLEARLY * noise]
    names = listed([number_in_words(str(one["parameter"].values[n])) for n in clear or places])
    one_only = len(clear or places) == 1
    if not clear:
        return f"{text}; of the numbers, {names} barely exceed{'s' if one_only else ''} noise."
    return f"{text}; of the numbers, {names} matter{'s' if one_only else ''} most."
