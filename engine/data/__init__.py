"""Data files that belong to the package: observations, each with its source."""

from pathlib import Path

#: The folder of the tables of observations; its README.md says what each is.
OBSERVATIONS = Path(__file__).resolve().parent / "observations"
