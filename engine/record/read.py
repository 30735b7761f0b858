"""Reading of tables of observations as one dataset, and its part that was known by a given time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from engine.data import OBSERVATIONS
from engine.record.checks import FOLLOWERS, check
from engine.record.files import ObservationsError, Table, columns_of, open_table, problem
from engine.record.forms import KNOWN, Form, Observation, form_of, is_like_one
from engine.scenario.errors import shown
from engine.statistics.labelled import Labelled, labelled
from engine.text.format import strings

#: The source of the tables of the package.
SOURCE = (
    "Epoch AI, All ML Systems (CC-BY 4.0), snapshot github.com/epoch-research/training-cost-trends at 263c40a, "
    "models published to May 2025, without Wu Dao 2.0"
)
#: Times closer than this, in years, are the same.
_AT_ONCE = 1e-9

_Key = tuple[str, float | None, int, float | None]


def read_observations(paths: str | Path | Sequence[str | Path] | None = None) -> xr.Dataset:
    """The observations in tables, one for each non-empty cell, along the dimension `observation`.

    `paths` are CSV files, or folders, whose CSV files of a known form are all read; None is the package's own tables.
    `docs/observations.md` describes the forms. A file with the same observations and values as another adds nothing.

    The variable `observed` is a count, log10 FLOP, or for followers a decimal year. Coordinates: `kind`
    ("organisations", "models", "open_models"; "compute", "open_compute"; "follower", "open_follower"), `level` (the
    threshold in FLOP; NaN for compute), `rank` (of the organisation, by its best model or by its order as a follower;
    0 where it does not apply), `time` (decimal years: of the observation; for followers, of the first), `label`
    (text) and `source` (file:line). Sorted by kind, level, rank and time.

    Raises ObservationsError, one line with file, line, column and the right form, for a file that cannot be read or has
    no known form, an invalid cell, or contradictory observations.
    """
    given = [paths] if isinstance(paths, str | Path) else [OBSERVATIONS] if paths is None else paths
    chosen = [Path(path) for path in given]
    found: dict[_Key, Observation] = {}
    files: dict[Path, None] = {}
    for path, table, form in _tables(chosen):
        files[path] = None
        for observation in _read(table, form):
            _add(found, observation)
    if not found:
        named = ", ".join(map(str, chosen)) or "no file"
        raise ObservationsError(f"{named}: no observations; give a table with a non-empty cell")
    observations = sorted(found.values(), key=_order)
    check(observations)
    own = all(path.parent == OBSERVATIONS for path in files)
    return _dataset(
        observations,
        title="Observations of the diffusion of training compute",
        source=SOURCE if own else "tables given by the user, as listed in files",
        files="\n".join(path.name if own else str(path) for path in files),
    )


def known_by(observations: xr.Dataset, time: float) -> xr.Dataset:
    """The `observations` that were possible by `time`, a decimal year.

    Counts and compute can be observed at their own `time`, followers when they follow. The state at the end of 2017 is
    known at 2018.0.
    """
    return observations.isel(observation=np.flatnonzero(_moments(observations) <= time + _AT_ONCE))


def after(observations: xr.Dataset, time: float, until: float | None = None) -> xr.Dataset:
    """The `observations` that were possible after `time` and by `until`, decimal years; None is any time."""
    moments = _moments(observations)
    later = moments > time + _AT_ONCE
    return observations.isel(observation=np.flatnonzero(later & (until is None or moments <= until + _AT_ONCE)))


def with_past(observations: xr.Dataset, time: float) -> xr.Dataset:
    """`observations` with the package's own for series that have no observation by `time`.

    A series has one kind, threshold and rank; `time` is a decimal year. Tables that begin later are thus scored with
    earlier knowledge, which naive forecasters have too. The attribute `past` is the number of added observations.
    Raises ObservationsError if cumulative counts or compute would fall.
    """
    before = _series(known_by(observations, time))
    wanted = {key for key in _series(after(observations, time)) if key not in before and key[0] not in FOLLOWERS}
    own = known_by(read_observations(), time)
    taken = own.isel(observation=[n for n, key in enumerate(_keys(own)) if key in wanted])
    last = dict(zip(_keys(taken), taken["observed"].values, strict=True))
    for key, value, label in zip(
        _keys(observations), observations["observed"].values, observations["label"].values, strict=True
    ):
        if key in last and value < last[key]:
            raise ObservationsError(
                f"{label}: {value:g} is less than the value in the package's own tables by {time:g}, {last[key]:g}; "
                "give your tables of earlier years, too"
            )
    if not wanted or not taken.sizes["observation"]:
        return observations.assign_attrs(past=0)
    both = xr.concat([taken, observations], "observation", combine_attrs="drop")
    return both.assign_attrs({**observations.attrs, "past": taken.sizes["observation"]})


def _series(observations: xr.Dataset) -> set[tuple[str, float, int]]:
    return set(_keys(observations))


def _keys(observations: xr.Dataset) -> list[tuple[str, float, int]]:
    """Kind, threshold (0 for none) and rank of each observation."""
    columns = (observations[name].values for name in ("kind", "level", "rank"))
    return [
        (str(kind), 0.0 if np.isnan(level) else float(level), int(rank))
        for kind, level, rank in zip(*columns, strict=True)
    ]


def _moments(observations: xr.Dataset) -> np.ndarray:
    """The time from which each observation was possible."""
    following = np.isin(observations["kind"].values.astype(str), FOLLOWERS)
    return np.where(following, observations["observed"].values, observations["time"].values)


def _tables(paths: Sequence[Path]) -> Iterator[tuple[Path, Table, Form]]:
    """The tables of a known form in `paths`, files or folders."""
    for path in paths:
        if not path.is_dir():
            table = open_table(path)
            form = form_of(table.columns)
            if form is None:
                has = f"; the file has {', '.join(map(shown, table.columns))}" if is_like_one(table.columns) else ""
                raise problem(path, 0, "", f"has no known form; the columns must be {KNOWN}{has}")
            yield path, table, form
            continue
        inside = sorted(
            each for each in path.glob("*.[cC][sS][vV]") if not each.name.startswith(".") and each.is_file()
        )
        known = [(each, form) for each in inside if (form := form_of(columns_of(each)))]
        if not known:
            raise problem(path, 0, "", f"contains no CSV file of a known form; the columns must be {KNOWN}")
        for each, form in known:
            yield each, open_table(each), form


def _read(table: Table, form: Form) -> Iterator[Observation]:
    """The observations in the rows of `table`. Raises ObservationsError if two have the same key."""
    lines: dict[tuple[float | str, ...], int] = {}
    for row in table.rows():
        # The row is parsed first, so that the cells of its key are valid below.
        observations = list(form.read(row))
        of = tuple(_value(row.cells[column]) for column in form.row_is_of)
        if of in lines:
            column, others = form.row_is_of[-1], form.row_is_of[:-1]
            where = "".join(f" for {other} {row.cells[other]}" for other in others)
            message = f"{row.cells[column]} is given twice{where}, first on line {lines[of]}; remove one row"
            raise row.error(column, message)
        lines[of] = row.line
        yield from observations


def _value(cell: str) -> float | str:
    """A cell in normal form: 1e22 and 1E+22 are the same threshold."""
    try:
        return float(cell)
    except ValueError:
        return cell


def _add(found: dict[_Key, Observation], new: Observation) -> None:
    """Add `new` to `found`. Raises ObservationsError if it is there with another value."""
    following = new.kind in FOLLOWERS
    level = None if np.isnan(new.level) else new.level
    old = found.setdefault((new.kind, level, new.rank, None if following else new.time), new)
    if new.observed != old.observed:
        place = f"{old.path}:{old.line}"
        raise new.error(f"{new.observed:.10g} ({new.label}) is {old.observed:.10g} in {place}; remove one of the two")
    if new.time != old.time:
        place = f"{old.path}:{old.line}"
        raise new.error(f"first_year is {new.time:g} ({new.label}), but {old.time:g} in {place}; remove one of the two")


def _order(observation: Observation) -> tuple[str, float, int, float]:
    level = 0.0 if np.isnan(observation.level) else observation.level
    return observation.kind, level, observation.rank, observation.time


def _dataset(observations: Sequence[Observation], **attrs: str) -> xr.Dataset:
    def along(values: list[object], long_name: str, units: str = "") -> Labelled:
        return ("observation",), np.array(values) if units else strings(values), long_name, units

    units = "1 for counts, log10 FLOP for compute, decimal year for followers"
    variables = {"observed": along([o.observed for o in observations], "observed value", units)}
    coordinates = {
        "kind": along([o.kind for o in observations], "kind of observation"),
        "level": along([o.level for o in observations], "training compute threshold", "FLOP"),
        "rank": along([o.rank for o in observations], "rank of the organisation, 0 where it does not apply", "1"),
        "time": along(
            [o.time for o in observations], "time of the observation; for followers, that of the first", "year"
        ),
        "label": along([o.label for o in observations], "description of the observation"),
        "source": along([o.source for o in observations], "file and line"),
    }
    return labelled(variables, coordinates, **attrs)
