"""Can a results file be used? It is first read by another process, and then must hold what its readers expect."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import xarray as xr

#: After so many seconds a file is given up; the largest take a few.
PATIENCE = 120.0
_PROBE = Path(__file__).with_name("probe_file.py")

#: What summaries and analyses read, by its dimensions; a variable after a bar is there with `keep_samples=True` only.
_LAYOUT = {
    "policy actor_class capability time": "attainment_probability attainment_probability_se",
    "policy actor_class capability quantile": "attainment_time_quantile attainment_time_quantile_se",
    "policy capability": "exposure_mean exposure_mean_se incidents_mean incidents_mean_se",
    "policy period": "loss_mean loss_mean_se",
    "policy period level": "value_at_risk value_at_risk_se expected_shortfall expected_shortfall_se",
    "policy": "benefit_mean benefit_mean_se",
    "policy world future": "| future_loss future_benefit",
    "policy world future capability": "| future_exposure future_incidents",
    "policy world future actor_class capability": "| attainment_time",
    "world parameter": "| parameters",
}
_NAMES = ("policy", "actor_class", "capability", "period")
_RISING = ("time", "quantile", "level")
_COUNTS = ("worlds", "futures")
_TEXTS = (
    *("title", "scenario_name", "scenario_file", "scenario_sha256", "sampling", "id"),
    *("engine_version", "python_version", "package_versions", "platform"),
)


def damage(path: Path) -> str:
    """What is wrong with the netCDF file at `path`, in one line; "" if nothing is.

    It is read by `probe_file.py` in a process of its own, which alone ends if the libraries crash on it.
    """
    # With -P and not -I, so that packages are found wherever this process finds them.
    command = [sys.executable, "-P", str(_PROBE), str(path.resolve())]
    few = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command, env=few, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return f"reading it takes more than {PATIENCE:g} seconds"
    if done.returncode < 0:
        return f"reading it is ended by {signal.Signals(-done.returncode).name}"
    said = (done.stdout or done.stderr).decode(errors="replace").strip()
    return said.splitlines()[-1] if done.returncode else ""


def misfit(dataset: xr.Dataset) -> str:
    """In what a dataset differs from what readers of results expect, in one line; "" in nothing."""
    for name in _COUNTS:
        if not isinstance(dataset.attrs.get(name), int | np.integer) or dataset.attrs[name] < 1:
            return f"the attribute {name} is no whole number above 0"
    for name in _TEXTS:
        if not isinstance(dataset.attrs.get(name), str):
            return f"the attribute {name} is no text"
    return _wrong_labels(dataset) or _wrong_variables(dataset)


def _wrong_labels(dataset: xr.Dataset) -> str:
    for name in (*_NAMES, *_RISING):
        if name not in dataset.coords or dataset[name].dims != (name,) or not dataset.sizes[name]:
            return f"the dimension {name} has no labels"
        labels = dataset[name].values
        if name in _NAMES and not (all(isinstance(label, str) for label in labels) and len({*labels}) == len(labels)):
            return f"the labels of {name} are not different names"
        if name in _RISING and not (
            labels.dtype.kind == "f" and np.isfinite(labels).all() and (np.diff(labels) > 0).all()
        ):
            return f"the labels of {name} are not rising numbers"
    for name, label in (("policy", "baseline"), ("period", "annual")):
        if label not in dataset[name].values:
            return f"the dimension {name} has no {label}"
    if "capability_kind" not in dataset.coords or dataset["capability_kind"].dims != ("capability",):
        return "capability_kind has not the dimension capability"
    return ""


def _wrong_variables(dataset: xr.Dataset) -> str:
    for dims, names in _LAYOUT.items():
        always, _, sometimes = names.partition("|")
        for name in (*always.split(), *(sometimes.split() if "future_loss" in dataset else ())):
            if name not in dataset.data_vars:
                return f"the variable {name} is missing"
            if dataset[name].dims != tuple(dims.split()) or dataset[name].dtype.kind != "f":
                return f"the variable {name} is not of floating numbers ({dims.replace(' ', ', ')})"
    unnamed = [str(name) for name in dataset.data_vars if not isinstance(dataset[name].attrs.get("long_name"), str)]
    return f"the variable {unnamed[0]} has no long_name" if unnamed else ""
