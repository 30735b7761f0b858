"""The section on routes."""

from __future__ import annotations

from engine.document.page import Section, picture
from engine.document.run import Run


def section(run: Run) -> Section:
    """Routes by which capabilities reach each class."""
    from engine.analyses.routes.plots import routes_figure, routes_in_words

    words = (
        "A class first attains a capability by one of these routes: one of its members trains a model, perhaps with "
        "what it learns from a model of others (distillation), takes up released weights, or steals a model. Each "
        "route needs different rules.",
    )
    made = picture(
        routes_figure(run.results),
        routes_in_words(run.results),
        f"The route of first attainment, as shares of all futures to {run.horizon:g}. What is missing to the whole "
        "never attains.",
    )
    return Section("By which route", words, pictures=(made,))
