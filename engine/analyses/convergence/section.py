"""The section on Monte Carlo error."""

from __future__ import annotations

import numpy as np

from engine.analyses.convergence.analysis import effective_sample_size, futures_needed
from engine.document.page import Section, Table, picture, table
from engine.document.run import Run
from engine.text.format import spoken

#: Target standard errors for which the section gives the size of a run.
_TARGETS = (0.01, 0.005, 0.002)


def section(run: Run) -> Section:
    """The precision of the numbers."""
    from engine.analyses.convergence.plots import precision_figure, precision_in_words

    words = (
        "Because the number of simulated futures is finite, every number has a Monte Carlo standard error: the +- of "
        "this report. Twice as many worlds reduce it by about a third. It does not measure whether the scenario is "
        "right.",
    )
    made = picture(
        precision_figure(run.results), precision_in_words(run.results), "Monte Carlo standard errors of this run."
    )
    return Section("Precision of the numbers", words, pictures=(made,), tables=_sizes(run))


def _sizes(run: Run) -> tuple[Table, ...]:
    """The effective number of futures of each policy, and the size for a smaller error; empty with one world."""
    if int(run.results.attrs["worlds"]) < 2:
        return ()
    sizes = effective_sample_size(run.results)
    simulated = int(run.results.attrs["worlds"]) * int(run.results.attrs["futures"])

    def count(value: float) -> str:
        return "unknown" if np.isnan(value) else f"{value:,.0f}"

    independent = table(
        f"Effective number of independent futures, of {simulated:,} simulated: futures of one world share its numbers, "
        "so they carry less information than as many independent ones.",
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
        "Number of worlds at which no probability of attainment has a larger standard error",
        ("standard error", "worlds", "futures in each"),
        [(f"{100.0 * target:g}%", f"{int(one['worlds_needed']):,}", f"{futures:,}") for target, one in needed],
    )
    return independent, larger
