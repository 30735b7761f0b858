"""The section on who is first, and by how long."""

from __future__ import annotations

from engine.document.page import Section, picture
from engine.document.run import Run


def section(run: Run) -> Section:
    """Who is first, and how far ahead."""
    from engine.analyses.leads.plots import lead_figure, lead_in_words

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
