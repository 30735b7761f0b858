"""The section on who is first, and by how long."""

from __future__ import annotations

from engine.document.page import Section, picture
from engine.document.run import Run


def section(run: Run) -> Section:
    """The class that is first, and its lead."""
    from engine.analyses.leads.plots import lead_figure, lead_in_words

    words = (
        "The lead of the first class over another is the time left to prepare before the other class has the "
        "capability too: to study it, to build defences, and to decide on rules.",
    )
    made = picture(
        lead_figure(run.results),
        lead_in_words(run.results),
        "Probability that each class is first, and its years behind the first.",
    )
    return Section("Who is first, and by how long", words, pictures=(made,))
