"""Validation of results files: another process reads a file first, then its contents are compared with the format."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import xarray as xr

from engine.execution import ResultsError
from engine.montecarlo import Keep
from engine.montecarlo.future import ROUTES
from engine.results.risk import PERIODS
from engine.results.variables import ALL, ATTRIBUTES, held
from engine.scenario import BASELINE

#: Seconds after which reading is abandoned; the largest files take a few.
PATIENCE = 120.0
_PROBE = Path(__file__).with_name("netcdf_check_child.py")

#: NumPy's letters for kinds of values, and words for them.
_KINDS = {"float": "f", "whole": "iu", "text": "OU"}
_KIND_IN_WORDS = {"float": "floating numbers", "whole": "whole numbers", "text": "texts"}

#: Labels that a dimension must have, and the only ones that it may have.
_AMONG = {"policy": {BASELINE}, "period": set(PERIODS), "route": set(ROUTES)}
_ONLY = {"capability_kind": {"dangerous", "valuable"}, "period": set(PERIODS), "route": set(ROUTES)}
#: Attributes with which readers of netCDF change values; the engine writes none of them except NaN for missing numbers.
_CHANGING = ("scale_factor", "add_offset", "missing_value", "_Unsigned", "calendar", "_FillValue")


def damage(path: Path) -> str:
    """The fault of the netCDF file at `path`, in one line; "" if there is none.

    `netcdf_check_child.py` reads it in a separate process; only that process ends if the libraries crash. Raises
    ResultsError if no process can be started.
    """
    # With -P and not -I, so that packages are found in the same places as here.
    command = [sys.executable, "-P", str(_PROBE), str(path.resolve())]
    few = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command, env=few, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
        )
    except OSError as error:
        what = f"the process that reads it first cannot be started ({error.strerror})"
        raise ResultsError(f"{path}: {what}; allow more processes (ulimit -u)") from None
    except subprocess.TimeoutExpired:
        return f"reading it takes more than {PATIENCE:g} seconds"
    if done.returncode < 0:
        return f"reading it is ended by {signal.Signals(-done.returncode).name}"
    said = (done.stdout or done.stderr).decode(errors="replace").strip()
    return said.splitlines()[-1] if done.returncode else ""


def changed_in_reading(dataset: xr.Dataset) -> str:
    """The variable of a dataset with an attribute that changes its values in reading, in one line; "" for none."""
    for name, variable in dataset.variables.items():
        for key in _CHANGING:
            value = variable.encoding.get(key)
            if value is not None and not (isinstance(value, float | np.floating) and np.isnan(value)):
                return f"the variable {name} has the attribute {key}"
    return ""


def misfit(dataset: xr.Dataset) -> str:
    """The difference of a dataset from the description of results (`variables.py`), in one line; "" for none.

    Values of single futures, which may exceed memory, are not checked.
    """
    return _wrong_attribute(dataset) or _wrong_variable(dataset) or _wrong_label(dataset) or _wrong_value(dataset)


def _wrong_attribute(dataset: xr.Dataset) -> str:
    for name, attribute in ATTRIBUTES.items():
        value = dataset.attrs.get(name)
        if value is None:
            if attribute.needed:
                return f"the attribute {name} is missing"
        elif attribute.kind != "whole" and not isinstance(value, str):
            return f"the attribute {name} is not text"
        elif attribute.kind == "text" and not _is_line(value):
            return f"the attribute {name} has more than one line"
        elif attribute.kind == "whole" and not (isinstance(value, int | np.integer) and value >= attribute.least):
            return f"the attribute {name} is not a whole number of at least {attribute.least}"
    return ""


def _wrong_variable(dataset: xr.Dataset) -> str:
    for own, variable in dataset.variables.items():
        if not _is_line(variable.attrs.get("long_name")):
            return f"the variable {own} has no long_name of one line"
        if not _is_line(variable.attrs.get("units", "")):
            return f"the variable {own} has a unit that is not text of one line"
    levels: tuple[Keep, ...] = get_args(Keep)
    kept: list[Keep] = [one for one in levels if any(n in dataset.variables for n, v in ALL.items() if v.kept == one)]
    for name, one in held(["counts", *kept][-1]).items():
        if name not in dataset.variables:
            return f"the variable {name} is missing"
        variable = dataset.variables[name]
        if variable.dims != one.dims or (name in dataset.coords) != one.is_coordinate:
            return f"the variable {name} does not have the dimensions {', '.join(one.dims)}"
        if variable.dtype.kind not in _KINDS[one.kind]:
            return f"the variable {name} is not of {_KIND_IN_WORDS[one.kind]}"
        if (variable.attrs.get("units") or None) != one.units:
            return f"the variable {name} is not in {one.units}" if one.units else f"the variable {name} has a unit"
    return ""


def _is_line(value: object) -> bool:
    """Whether `value` is a text of one line that is safe to print."""
    return isinstance(value, str) and not {"\n", "\t"} & {*value}


def _wrong_label(dataset: xr.Dataset) -> str:
    for name in filter(dataset.coords.__contains__, ALL):
        labels, one = dataset[name].values, ALL[name]
        if not labels.size and name != "parameter" and one.dims != ("parameter",):
            return f"the dimension {one.dims[0]} has no labels"
        if one.kind == "text":
            if not all(map(_is_line, labels)):
                return f"the labels of {name} are not texts of one line"
            if name in dataset.dims and not ("" not in labels and len({*labels}) == len(labels)):
                return f"the labels of {name} are not different names"
            if missing := _AMONG.get(name, set()) - {*labels}:
                return f"the labels of {name} lack {min(missing)}"
            if name in _ONLY and not {*labels} <= _ONLY[name]:
                return f"the labels of {name} are not among {', '.join(sorted(_ONLY[name]))}"
        elif name in dataset.dims and not (labels[1:] > labels[:-1]).all():
            return f"the labels of {name} are not rising numbers"
        elif not ((labels >= one.least) & (labels <= one.most)).all():
            return f"the labels of {name} are not numbers from {one.least:g} to {one.most:g}"
    if "class_of_actor" in dataset.coords and not {*dataset["class_of_actor"].values} <= {
        *dataset["actor_class"].values
    }:
        return "the labels of class_of_actor are not among those of actor_class"
    return ""


def _wrong_value(dataset: xr.Dataset) -> str:
    for name, one in held("counts").items():
        if not one.is_coordinate:
            # Not the variable itself, which would cache its values.
            values = np.asarray(dataset.variables[name][...].values)
            if ((values < one.least) | (values > one.most)).any():
                return f"the variable {name} has numbers that are not from {one.least:g} to {one.most:g}"
    return ""
