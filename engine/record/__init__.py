"""Observations: tables of counts, ranks and lags as one labelled dataset."""

from engine.record.files import ObservationsError
from engine.record.read import after, known_by, read_observations, with_past

__all__ = ["ObservationsError", "after", "known_by", "read_observations", "with_past"]
