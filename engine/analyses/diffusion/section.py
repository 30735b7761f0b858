"""The section on access and performance."""

from __future__ import annotations

from engine.document.page import Section, picture
from engine.document.run import Run


def section(run: Run) -> Section:
    """The two effects of compute efficiency that the paper describes."""
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
        "performance. Pilz, Heim & Brown distinguish two effects.",
        "Access effect: the number of actors who can afford a given capability grows. "
        "Performance effect: every actor reaches a higher performance at the same investment, so those with the "
        "largest investments still discover new capabilities first.",
        "The figures do not show these effects alone. Access counts all real actors with access by any route, "
        "including open weights and theft. Performance is that of each class's best model so far, trained with a "
        "growing budget. Both therefore show the paper's effects together with the growth of investment; "
        "`engine effects` separates them, at a fixed investment.",
    )
    pictures = (
        picture(
            access_figure(run.results),
            access_in_words(run.results),
            "Access: number of real actors with access to each capability, by any route.",
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
            "Number of models trained so far with at least each amount of compute: the models that a rule with a fixed "
            "compute threshold must cover.",
        ),
    )
    return Section("The access effect and the performance effect", words, pictures=pictures)
