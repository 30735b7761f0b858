"""What all tests share: Hypothesis draws the same examples in every run, and one small run is played once."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path

import pytest
import xarray as xr
from helpers import scenario_data
from hypothesis import settings
from small_run import FUTURES, POLICIES, RICH, SEED, WORLDS

import engine
from engine.execution.compilation import compile_once

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=200)
settings.load_profile("repeatable")
# A shell that starts the tests in the background lets interrupts be ignored, by all that they start as well.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    """Compilation is over before the first test, and reports nothing in the middle of one."""
    compile_once("counts")
    compile_once("prices")


@pytest.fixture(scope="session")
def rich() -> engine.Scenario:
    """The scenario of the small run."""
    return engine.parse_scenario(scenario_data(**RICH), "rich")


@pytest.fixture(scope="session")
def kept(rich) -> xr.Dataset:
    """The results of the small run, with samples."""
    return engine.simulate(rich, WORLDS, FUTURES, SEED, keep="samples")


@pytest.fixture(scope="session")
def governed() -> engine.Scenario:
    """The same scenario with policies."""
    return engine.parse_scenario(scenario_data(**RICH, policies=POLICIES), "governed")


@pytest.fixture(scope="session")
def compared(governed) -> xr.Dataset:
    """The results of the small run under all policies, with samples."""
    return engine.simulate(governed, WORLDS, FUTURES, SEED, keep="samples")


@pytest.fixture(scope="session")
def scenario_file(tmp_path_factory) -> Path:
    """The same scenario as a file that stays for all tests."""
    path = tmp_path_factory.mktemp("scenarios") / "governed.yaml"
    path.write_text(json.dumps(scenario_data(**RICH, policies=POLICIES)))
    return path


@pytest.fixture
def governed_file(tmp_path) -> Path:
    """The same scenario as a file; JSON is YAML, too."""
    path = tmp_path / "governed.yaml"
    path.write_text(json.dumps(scenario_data(**RICH, policies=POLICIES)))
    return path
