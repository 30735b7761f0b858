"""Every option that names a file to be written, of every command."""

from __future__ import annotations

import os
from pathlib import Path
from typing import get_type_hints

import pytest
from shell import call
from typer.models import OptionInfo

import engine
from engine.cli import commands, function_of
from engine.scenario import library

#: Options that name what is read, but for scenarios, or a folder.
READ = {"--worlds-from", "--observations", "--figures", "--run-dir"}


def options():
    """(command, option, its type, what checks it) of all options of all commands."""
    for name, function in ((name, function_of(name)) for name in commands()):
        for key, hint in get_type_hints(function, include_extras=True).items():
            for option in getattr(hint, "__metadata__", ()):
                if isinstance(option, OptionInfo):
                    # In an annotation, typer takes the first name for a default.
                    given = [name for name in (option.default, *(option.param_decls or ())) if isinstance(name, str)]
                    names = given or [f"--{key.replace('_', '-')}"]
                    yield name, names[0], hint.__origin__, getattr(option.callback, "form", None)


WRITTEN = [(command, option, form) for command, option, _, form in options() if form]
#: What commands must be given before they look at their options.
ARGUMENTS = {
    "decide": ["--actor-class", "leader"],
    "rare": ["--actor-class", "leader", "--within", "2"],
    "replay": ["--world", "0", "--future", "0"],
}


def called(monkeypatch, capsys, command, option, path):
    given = [] if command in ("hindcast", "calibrate", "published") else ["minimal"]
    return call(monkeypatch, capsys, command, *given, *ARGUMENTS.get(command, []), option, path)


def test_all_options_that_name_files_are_known():
    """A new one is either of what is read, or is declared by `written`."""
    assert len(WRITTEN) >= 15
    paths = {option for _, option, kind, form in options() if not form and "Path" in str(kind)}
    assert paths == READ


@pytest.mark.parametrize(("command", "option", "form"), WRITTEN)
def test_a_name_of_another_form_is_refused(command, option, form, monkeypatch, capsys, tmp_path):
    """Kind: `compare -o c.nc` wrote a table into a file that is named as a dataset."""
    path = tmp_path / ("c.csv" if form.ending != ".csv" else "c.nc")
    code, out, err = called(monkeypatch, capsys, command, option, path)
    assert (code, out) == (2, "")
    said = f"engine: {command}: {path}: {option} writes a {form.what}, name it {form.ending}"
    assert err.count("\n") == 1
    assert err.startswith(said)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("command", "option", "form"), WRITTEN)
def test_what_is_no_regular_file_is_refused(command, option, form, monkeypatch, capsys, tmp_path):
    """Kind: an output path that is a device, a pipe, a socket or a link to one is replaced."""
    path = tmp_path / f"c{form.ending}"
    os.mkfifo(tmp_path / "pipe")
    path.symlink_to("pipe")
    code, out, err = called(monkeypatch, capsys, command, option, path)
    assert (code, out) == (2, "")
    assert err == f"engine: {path}: is not a regular file; name one, or a new file\n"
    assert Path(os.readlink(path)) == Path("pipe")


def test_a_refusal_says_what_the_other_option_writes(monkeypatch, capsys):
    _, _, err = called(monkeypatch, capsys, "compare", "-o", "c.nc")
    said = "compare: c.nc: --output writes a table, name it .csv; --results writes a dataset (.nc)"
    assert err == f"engine: {said}\n"


@pytest.mark.parametrize("command", ["effects", "stress", "compare"])
def test_a_default_place_that_is_no_regular_file_is_refused(command, monkeypatch, capsys, tmp_path):
    scenario = library.path_of("policies")
    monkeypatch.chdir(tmp_path)
    for name in ("policies-effects.nc", "policies-stress.nc", "policies.csv"):
        os.mkfifo(name)
    code, _, err = call(monkeypatch, capsys, command, scenario)
    assert code == 2
    assert err.endswith("is not a regular file; name one, or a new file\n")


@pytest.mark.parametrize("name", ["results.nc", "lock", "manifest.json", "scenario.yaml", "chunk-000000.npz"])
def test_a_run_folder_with_what_is_no_regular_file_is_refused(name, monkeypatch, capsys, tmp_path, scenario_file):
    """Kind: a file of a run's folder that is a pipe, on which a reader would wait for ever, or that is replaced."""
    folder = tmp_path / "run"
    folder.mkdir()
    os.mkfifo(folder / name)
    monkeypatch.setattr("engine.execution.runner.compile_and_play", None)
    code, _, err = call(monkeypatch, capsys, "run", scenario_file, "--run-dir", folder, "--worlds", 2)
    assert code == 2
    assert f"{folder / name}: is not a regular file" in err
    assert os.listdir(folder) == [name]


def test_no_command_overwrites_what_it_reads(monkeypatch, capsys, tmp_path, kept):
    """A sensitivity analysis of a results file was once written over that file."""
    path = tmp_path / "runs.nc"
    engine.write_results(kept, path)
    before = path.read_bytes()
    code, _, err = call(monkeypatch, capsys, "sensitivity", path, "-o", path)
    assert (code, err) == (
        2,
        f"engine: {path}: would overwrite input from {path}; give --output another name\n",
    )
    assert path.read_bytes() == before
