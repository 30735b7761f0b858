"""Results files of a stranger: copies of sound ones with something changed, and what commands make of them.

    .venv/bin/python tests/fuzzed_files.py [count] [seed]

plays small runs, makes so many altered copies of their files, and gives each to `engine describe` and to
`engine report`, in a process of its own each. It prints what came of them, and every traceback, crash or hang.
"""

from __future__ import annotations

import faulthandler
import json
import multiprocessing
import os
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import netCDF4
import numpy as np
import xarray as xr
from hostile_files import mutants

Luck = random.Random
#: What may come of a command.
GOOD = ("done", "refused")
#: Seconds after which a command hangs.
PATIENCE = 300
#: Texts that a terminal, matplotlib, HTML or YAML may take for something else.
TEXTS = (
    "",
    "\x1b[31mred",
    "\u202egnp.exe",
    "a\nb",
    "$x^2$_<b>&",
    "\x00",
    "%s {0} {{x}}",
    "x" * 5000,
    "\u200b",
    "nan",
    "-1",
)
NUMBERS = (np.nan, np.inf, -np.inf, 0.0, -1.0, 1e300, -1e300, 1e-300, 2.0, 1e18)
ATTRIBUTES: tuple[Any, ...] = (*TEXTS[:8], 1, -1, 0, 2**62, 1.5, np.nan, np.array([1, 2]), np.array([1.0, np.nan]))
DECODED = (
    "scale_factor",
    "add_offset",
    "_FillValue",
    "missing_value",
    "units",
    "calendar",
    "_Unsigned",
    "dtype",
    "coordinates",
)


def _attribute_of(file: Any, luck: Luck) -> tuple[Any, str]:
    """Something that has attributes, and the name of one."""
    holder = file if luck.random() < 0.4 else file.variables[luck.choice(sorted(file.variables))]
    return holder, luck.choice(sorted(holder.ncattrs()))


def attribute_deleted(file: Any, luck: Luck) -> None:
    holder, name = _attribute_of(file, luck)
    if name != "_FillValue":
        holder.delncattr(name)


def attribute_changed(file: Any, luck: Luck) -> None:
    holder, name = _attribute_of(file, luck)
    if name != "_FillValue":
        holder.setncattr(name, luck.choice(ATTRIBUTES))


def attribute_decoded(file: Any, luck: Luck) -> None:
    variable = file.variables[luck.choice(sorted(file.variables))]
    value = luck.choice((*ATTRIBUTES, "days since 2000-01-01", "bool", "noleap", "true", 2.0, np.float32(0)))
    name = luck.choice(DECODED)
    if name != "_FillValue":
        variable.setncattr(name, value)


def variable_renamed(file: Any, luck: Luck) -> None:
    name = luck.choice(sorted(file.variables))
    file.renameVariable(name, luck.choice((f"{name}_x", f"x_{name}", name.upper(), name[:-1])))


def dimension_renamed(file: Any, luck: Luck) -> None:
    name = luck.choice(sorted(file.dimensions))
    file.renameDimension(name, f"{name}_x")


def values_changed(file: Any, luck: Luck) -> None:
    """One value, or all, of one variable, or of every number."""
    _put_values(file, sorted(file.variables), luck)


def samples_changed(file: Any, luck: Luck) -> None:
    """The same of single futures and worlds, whose values are not looked at when a file is opened."""
    _put_values(file, sorted(name for name, one in file.variables.items() if "world" in one.dimensions), luck)


def labels_changed(file: Any, luck: Luck) -> None:
    """One label of a dimension gets another name."""
    file.set_auto_maskandscale(False)
    variable = file.variables[luck.choice(("actor_class", "capability", "policy", "capability_kind"))]
    variable[luck.randrange(variable.shape[0])] = luck.choice(TEXTS).replace("\x00", "\x01") + "x"


def scenario_changed(file: Any, luck: Luck) -> None:
    """The scenario in the file gets another letter, or loses lines."""
    lines = file.getncattr("scenario_yaml").split("\n")
    at = luck.randrange(len(lines))
    lines[at : at + luck.choice((0, 1, 1, 3))] = [
        luck.choice((*TEXTS, "horizon: 2", "policies: 1", "  - [", "start: .inf"))
    ]
    file.setncattr("scenario_yaml", "\n".join(lines).replace("\x00", "\x01"))
    if luck.random() < 0.5:
        file.setncattr("seed", np.int64(luck.choice((0, 7, 2**62))))


def _put_values(file: Any, names: list[str], luck: Luck) -> None:
    file.set_auto_maskandscale(False)
    if not names:
        return
    for name in names if luck.random() < 0.1 else [luck.choice(names)]:
        variable = file.variables[name]
        where = (
            ... if luck.random() < 0.4 or not variable.ndim else tuple(luck.randrange(n) for n in variable.shape if n)
        )
        if 0 in variable.shape:
            continue
        if variable.dtype is str:
            text = luck.choice(TEXTS).replace("\x00", "\x01")
            variable[where] = np.full(variable.shape, text, object) if where is ... else text
        elif variable.dtype.kind == "f":
            with np.errstate(over="ignore"):
                variable[where] = luck.choice(NUMBERS)
        else:
            variable[where] = luck.choice((0, -1, 1, 2**31 - 1 if variable.dtype.itemsize >= 4 else 100))


IN_PLACE = (
    attribute_deleted,
    attribute_changed,
    attribute_decoded,
    variable_renamed,
    dimension_renamed,
    values_changed,
    samples_changed,
    samples_changed,
    labels_changed,
    scenario_changed,
)


def _dropped(data: xr.Dataset, name: str, luck: Luck) -> xr.Dataset:
    return data.drop_vars(name)


def _retyped(data: xr.Dataset, name: str, luck: Luck) -> xr.Dataset:
    kind = luck.choice(("f4", "i4", "U5", "i8", "f8", "u1"))
    values = data[name].values
    try:
        changed = np.nan_to_num(values).astype(kind) if values.dtype.kind == "f" else values.astype(kind)
    except ValueError:
        changed = np.zeros(values.shape, kind)
    return data.assign({name: (data[name].dims, changed, data[name].attrs)})


def _reshaped(data: xr.Dataset, name: str, luck: Luck) -> xr.Dataset:
    if not data[name].dims:
        return data
    dimension = luck.choice([str(dim) for dim in data[name].dims])
    change = luck.randrange(4)
    if change == 0:
        return data.isel({dimension: slice(0, luck.choice((0, 1)))})
    if change == 1:
        return data.isel({dimension: slice(None, None, -1)})
    if change == 2:
        return data.drop_vars(name).assign({name: data[name].isel({dimension: 0}, drop=True)})
    return data.drop_vars(name).assign({name: data[name].transpose()})


def _added(data: xr.Dataset, name: str, luck: Luck) -> xr.Dataset:
    long_name = {"long_name": luck.choice(TEXTS).replace("\x00", "")}
    return data.assign({luck.choice(("extra", "more_se", "more_difference")): ((), 1.0, long_name)})


REWRITTEN: tuple[Callable[[xr.Dataset, str, Luck], xr.Dataset], ...] = (_dropped, _retyped, _reshaped, _added)


def altered(bases: list[Path], folder: Path, count: int, seed: int) -> Iterator[tuple[Path, str]]:
    """So many altered copies of sound files in `folder`, and what was changed in each."""
    for number in range(count):
        luck = random.Random(f"{seed}/{number}")
        base, path = luck.choice(bases), folder / f"{number}.nc"
        what = number % 16
        if what == 0:
            # Of the five kinds of damage to bytes, one after another.
            *_, content = mutants(base.read_bytes(), number // 16 % 5 + 1, seed + number)
            path.write_bytes(content)
            yield path, "bytes"
            continue
        try:
            yield path, _changed(base, path, luck, what)
        except (OSError, RuntimeError, TypeError, ValueError, AttributeError, NotImplementedError) as error:
            # The library does not write such a thing.
            path.write_bytes(base.read_bytes())
            yield path, f"nothing ({type(error).__name__})"


def _changed(base: Path, path: Path, luck: Luck, what: int) -> str:
    if what <= 3:
        change = luck.choice(REWRITTEN)
        with xr.open_dataset(base) as data:
            whole = data.load()
        change(whole, luck.choice(sorted(map(str, whole.variables))), luck).to_netcdf(path)
        return change.__name__
    in_place = luck.choice(IN_PLACE)
    path.write_bytes(base.read_bytes())
    with netCDF4.Dataset(path, "a") as file:
        for _ in range(luck.choice((1, 1, 1, 2, 5))):
            in_place(file, luck)
    return in_place.__name__


def bases(folder: Path) -> list[Path]:
    """Sound results: with policies and samples, without samples, and with paths of the smallest scenario."""
    from helpers import scenario_data
    from small_run import POLICIES, RICH

    import engine

    written = folder / "governed.yaml"
    few = {name: POLICIES[name] for name in ("caution", "brake")}
    written.write_text(json.dumps(scenario_data(**RICH, policies=few)))
    governed, minimal = engine.load_scenario(written), engine.load_scenario("minimal")
    paths = [folder / name for name in ("samples.nc", "summary.nc", "paths.nc")]
    engine.simulate(governed, 6, 4, 1, keep="samples", output=paths[0])
    engine.write_results(engine.simulate(governed, 6, 4, 2), paths[1])
    engine.simulate(minimal, 4, 3, 3, keep="prices", output=paths[2])
    return paths


def _command(arguments: list[str], said: Path) -> None:
    """Runs in a process of its own."""
    from engine import cli

    handle = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    # What hangs says where.
    faulthandler.dump_traceback_later(PATIENCE - 20, file=handle)
    sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
    sys.argv = ["engine", *arguments]
    code = 0
    try:
        cli.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    except BaseException:
        traceback.print_exc()
        code = 99
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def outcome(arguments: list[str], said: Path) -> str:
    """What came of a command: `done`, `refused`, or what is wrong: a traceback, a crash, a hang, a refusal too long."""
    process = multiprocessing.get_context("fork").Process(target=_command, args=(arguments, said))
    process.start()
    process.join(PATIENCE)
    if process.is_alive():
        process.kill()
        return "hang"
    text = said.read_text(errors="replace") if said.exists() else ""
    if process.exitcode not in (0, 2) or "Traceback" in text:
        return f"traceback or crash ({process.exitcode})"
    if any(not (letter.isprintable() or letter in "\n\t") for letter in text):
        return "unprintable letters"
    if process.exitcode == 2 and text.count("\n") > 2:
        return "a refusal of many lines"
    return "refused" if process.exitcode else "done"


def main(count: int, seed: int) -> int:
    """Make altered files, give them to commands, and tell what came of them; the number of what should not have."""
    import engine.report  # noqa: F401  (imported once, before processes are forked)

    began = time.perf_counter()
    found: Counter[tuple[str, str]] = Counter()
    with TemporaryDirectory() as name, ThreadPoolExecutor(2) as pool:
        folder = Path(name)
        files = list(altered(bases(folder), folder, count, seed))

        def tried(file: tuple[Path, str]) -> list[tuple[str, str, str]]:
            path, change = file
            out = []
            for command in (["describe", str(path)], ["report", str(path), "--threads", "1", "-o", f"{path}.html"]):
                said = path.with_suffix(f".{command[0]}.txt")
                out.append((command[0], outcome(command, said), f"{path.name} {change}\n{said.read_text()[-3000:]}"))
            return out

        for number, results in enumerate(pool.map(tried, files)):
            for command, came, text in results:
                found[command, came] += 1
                if came not in GOOD:
                    print(f"=== {command}: {came}: {text}", flush=True)
            if number % 50 == 49:
                print(f"{number + 1} files, {time.perf_counter() - began:.0f} s", flush=True)
        print(Counter(change for _, change in files))
    for (command, came), times in sorted(found.items()):
        print(f"{command}: {came}: {times}")
    return sum(times for (_, came), times in found.items() if came not in GOOD)


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    sys.exit(main(*(numbers + [500, 1][len(numbers) :])) > 0)
