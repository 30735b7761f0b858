"""The libraries that setup.cfg asks for: the lowest versions are those that CI tries, together.

Guards against a kind of fault: a bound that nobody has ever installed.
"""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import numba
import pytest

pytestmark = pytest.mark.quick

ROOT = Path(__file__).parents[1]
#: Tools that look at sources or pages, whose version the engine does not feel.
TOOLS = {"mypy", "pandas-stubs", "playwright", "ruff", "setuptools"}


def asked():
    """Every requirement of setup.cfg but those of the documentation: the rest of its line, by its name."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    extras = [lines for name, lines in config["options.extras_require"].items() if name != "docs"]
    lines = config["options"]["install_requires"] + "".join(extras)
    found = (re.fullmatch(r"([\w.-]+)(?:\[[\w,]+\])?(.*)", line) for line in lines.split())
    return {match[1]: match[2] for match in found if match[1] != config["metadata"]["name"]}


def test_the_lowest_versions_are_those_that_ci_installs():
    """tests/lowest.txt pins each to its lower bound, and nothing else."""
    lines = (ROOT / "tests" / "lowest.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
    lowest = {name: bounds.split(",")[0].removeprefix(">=") for name, bounds in asked().items() if name not in TOOLS}
    assert pinned == lowest


def test_numba_is_held_below_the_first_version_that_was_not_tried():
    """The cache's locator and the lock of compiling are none of its public interface."""
    below = asked()["numba"].split("<")[1]
    assert tuple(map(int, numba.__version__.split(".")[:2])) < tuple(map(int, below.split(".")))
