"""Data files that belong to the package: observations and bounds, each with its source."""

from pathlib import Path

#: The folder of the tables of observations; its README.md says what each is.
OBSERVATIONS = Path(__file__).resolve().parent / "observations"
#: The table of the bounds of plausibility; its README.md describes the columns.
BOUNDS = Path(__file__).resolve().parent / "plausibility" / "bounds.csv"
