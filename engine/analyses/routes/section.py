"""The section on routes."""

from __future__ import annotations

from engine.document.page import Section, picture
from engine.document.run import Run


def section(run: Run) -> Section:
    """How capabilities reach each class."""
    from engine.analyses.routes.plots import routes_figure, routes_in_words

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
