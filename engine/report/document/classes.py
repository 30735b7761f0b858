"""Sections on who has what and when: attainment, access and performance, routes, leads."""

from __future__ import annotations

from engine.report.document.page import Section, Table, picture, table
from engine.report.document.run import Run
from engine.report.document.told import ends, median_year, span
from engine.report.style import spoken
from engine.results.summary import attained_by_the_end

_POLICIES_ELSEWHERE = "All of it is under the baseline; what policies change stands in a section of its own."


def attainment(run: Run) -> Section:
    """When each class attains each capability."""
    from engine.report.attainment import attainment_figure, attainment_in_words, times_figure, times_in_words

    words = [
        "A class attains a capability when the first of its members can use it: after training it, taking up open "
        "weights, or stealing it. " + (_POLICIES_ELSEWHERE if run.policies else ""),
        "A curve says in which share of all futures the class has the capability by a year. A median is the year by "
        "which half of all futures are that far; decimal years are used, so that 2030.5 is the middle of 2030.",
    ]
    pictures = (
        picture(
            attainment_figure(run.results),
            attainment_in_words(run.results),
            "Probability over time that a member of the class has the capability. Bands are 95% limits of what this "
            "run can say.",
        ),
        picture(
            times_figure(run.results),
            times_in_words(run.results),
            "When each class first attains each capability: medians, and between which years most futures lie.",
        ),
    )
    return Section("Who attains what, and when", tuple(words), pictures=pictures, tables=(_times(run),))


def _times(run: Run) -> Table:
    one = run.baseline
    within = ends(one["attainment_time_quantile"].isel(actor_class=0, capability=0))[2]
    rows = []
    for capability in run.results["capability"].values:
        for name in run.results["actor_class"].values:
            cell = one.sel(capability=capability, actor_class=name)
            rows.append(
                (
                    f"{spoken(str(capability))}: {spoken(str(name))}",
                    median_year(cell, run.horizon),
                    span(cell["attainment_time_quantile"], run.horizon),
                    attained_by_the_end(cell),
                )
            )
    columns = ("capability: class", "median year", f"{within} of futures", f"share of futures by {run.horizon:g}")
    return table(
        "First attainment by each class. +- is the Monte Carlo standard error; near 0% and 100% there are 95% limits.",
        columns,
        rows,
    )


def effects(run: Run) -> Section:
    """The two effects of compute efficiency after which the paper is named."""
    from engine.report.diffusion import (
        access_figure,
        access_in_words,
        models_figure,
        models_in_words,
        performance_figure,
        performance_in_words,
    )

    words = (
        "As chips get cheaper and algorithms better, the compute investment efficiency rises: a dollar buys more "
        "performance. Pilz, Heim & Brown tell two effects of this apart.",
        "Access effect: the number of actors who can afford a given capability grows. "
        "Performance effect: every actor, at the same investment, reaches a higher performance, so that those with the "
        "largest investments still discover new capabilities first.",
        "The figures do not show these effects alone. Access counts all real actors with access by any route, open "
        "weights and theft too. Performance is that of each class's best model so far, trained with its own budget, "
        "which grows. Both therefore show the paper's effects together with the growth of investment; "
        "`engine effects` takes them apart, at a fixed investment.",
    )
    pictures = (
        picture(
            access_figure(run.results),
            access_in_words(run.results),
            "Access: how many real actors have access to each capability, by any route.",
        ),
        picture(
            performance_figure(run.results),
            performance_in_words(run.results),
            "Performance: effective compute of the best model of each class. Effective compute is training "
            "compute counted in FLOP with the algorithms of the start.",
        ),
        picture(
            models_figure(run.results),
            models_in_words(run.results),
            "Models trained so far with at least so much compute: what a rule with a fixed compute threshold has to "
            "deal with.",
        ),
    )
    return Section("The access effect and the performance effect", words, pictures=pictures)


def routes(run: Run) -> Section:
    """How capabilities reach each class."""
    from engine.report.diffusion import routes_figure, routes_in_words

    words = (
        "A class first gains a capability by one of three routes: one of its members trains a model, takes up a model "
        "whose weights others released, or steals one. Rules for each are different, and so it matters which is used.",
    )
    made = picture(
        routes_figure(run.results),
        routes_in_words(run.results),
        f"The route of first attainment, as shares of all futures to {run.horizon:g}. What is missing to the whole "
        "never attains.",
    )
    return Section("By which route", words, pictures=(made,))


def leads(run: Run) -> Section:
    """Who is first, and how far ahead."""
    from engine.report.diffusion import lead_figure, lead_in_words

    words = (
        "The lead of the first class over another is the time that is left to prepare: to find out what the capability "
        "can do, to build defences, and to decide on rules, before the other class has it too.",
    )
    made = picture(
        lead_figure(run.results),
        lead_in_words(run.results),
        "Which class is first of all, and by how many years the first leads each class.",
    )
    return Section("Who is first, and by how long", words, pictures=(made,))
