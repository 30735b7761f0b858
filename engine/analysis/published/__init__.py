"""What others have published, beside what the engine gives: a table of figures, and how far the two agree."""

from engine.analysis.published.compare import published_comparison
from engine.analysis.published.figures import FORECASTS, Figure, read_figures
from engine.analysis.published.quantities import QUANTITIES
from engine.analysis.published.stories import stories
from engine.analysis.published.words import comparison_rows, published_in_words

__all__ = [
    "FORECASTS",
    "QUANTITIES",
    "Figure",
    "comparison_rows",
    "published_comparison",
    "published_in_words",
    "read_figures",
    "stories",
]
