"""Figures as a person reads them. Nothing here knows the model."""
