"""Hindcast: a scenario played from the past, judged by what was observed since, beside forecasts that know no model."""

from engine.analysis.hindcast.naive import FORECASTERS, naive_forecasts
from engine.analysis.hindcast.observables import observables, observables_of
from engine.analysis.hindcast.run import hindcast
from engine.analysis.hindcast.words import hindcast_in_words

__all__ = [
    "FORECASTERS",
    "hindcast",
    "hindcast_in_words",
    "naive_forecasts",
    "observables",
    "observables_of",
]
