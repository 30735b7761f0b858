"""The section on access and performance."""

from __future__ import annotations

from engine.document.page import Section, picture
from engine.document.run import Run


def section(run: Run) -> Section:
    """The two effects of compute efficiency after which the paper is named."""
    from engine.analyses.diffusion.plots import (
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
