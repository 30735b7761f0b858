"""The folder of a run: what is finished stays, what is damaged is played again, and nothing else is mixed in."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import pytest
import xarray as xr
from helpers import scenario

import engine
from engine.execution import directory as module
from engine.execution import manifest
from engine.execution.runner import Execution
from engine.montecarlo import play_chunk

WORLDS, FUTURES, SEED, CHUNK = 12, 5, 4, 10


@pytest.fixture(scope="module")
def spec(scenario_file):
    return engine.load_scenario(scenario_file)


def simulated(spec, folder=None, threads=None, chunk=CHUNK, **what):
    size = {"worlds": WORLDS, "futures": FUTURES, "seed": SEED, "policies": ["caution"]} | what
    return engine.simulate(spec, execution=engine.Execution(threads=threads, chunk=chunk, directory=folder), **size)


@pytest.fixture(scope="module")
def expected(spec):
    return simulated(spec, keep="samples")


@pytest.fixture(scope="module")
def finished(spec, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "finished"
    simulated(spec, folder, keep="samples")
    return folder


@pytest.fixture
def folder(finished, tmp_path):
    """A copy of the folder of a finished run."""
    return shutil.copytree(finished, tmp_path / "run")


@pytest.fixture
def played(monkeypatch):
    """The chunks that are played from now on."""
    seen = []

    def noted(job, chunk, stop):
        seen.append(chunk)
        return play_chunk(job, chunk, stop)

    monkeypatch.setattr("engine.execution.runner.compile_and_play", noted)
    return seen


def chunk_files(folder):
    return sorted(folder.glob("chunk-*.npz"))


def test_a_finished_run_is_read_and_not_played(folder, expected, played):
    xr.testing.assert_identical(engine.resume(folder), expected)
    assert (len(chunk_files(folder)), played) == (6, [])


@pytest.mark.parametrize("lost", [[0], [5], [1, 2, 4], range(6)])
def test_missing_chunks_are_played(folder, expected, played, lost):
    for number in lost:
        chunk_files(folder)[0].with_name(f"chunk-{number:06d}.npz").unlink()
    xr.testing.assert_identical(engine.resume(folder, execution=engine.Execution(threads=2)), expected)
    assert len(played) == len(lost)
    assert len(chunk_files(folder)) == 6


def truncated(file):
    file.write_bytes(file.read_bytes()[:-100])


def altered(file):
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def emptied(file):
    file.write_bytes(b"")


def swapped(file):
    other = file.with_name("chunk-000003.npz")
    file.write_bytes(other.read_bytes())


def linked(file):
    other = file.with_name("chunk-000003.npz")
    file.unlink()
    file.symlink_to(other)


@pytest.mark.parametrize("damage", [truncated, altered, emptied, swapped, linked])
def test_a_damaged_chunk_is_played_again(folder, expected, played, damage):
    file = chunk_files(folder)[1]
    whole = file.read_bytes()
    damage(file)
    xr.testing.assert_identical(engine.resume(folder), expected)
    assert len(played) == 1
    assert file.read_bytes() == whole
    assert not file.is_symlink()


def test_the_same_call_goes_on_whatever_the_chunk(spec, folder, expected, played):
    """A script that is submitted again need not know whether it was begun."""
    chunk_files(folder)[2].unlink()
    xr.testing.assert_identical(simulated(spec, folder, keep="samples", threads=1, chunk=3), expected)
    assert len(played) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"seed": 5}, "a run with seed 4, not 5"),
        ({"worlds": 13}, "a run with worlds 12, not 13"),
        ({"futures": 6}, "a run with futures 5, not 6"),
        ({"policies": ["brake"]}, "a run with policies baseline,caution, not baseline,brake"),
        ({"sampling": "lhs"}, "a run with sampling qmc, not lhs"),
        ({"keep": "counts"}, "a run with kept samples, not counts"),
    ],
)
def test_another_run_is_refused_and_nothing_is_changed(spec, folder, change, said):
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(engine.ResultsError, match=f"{said}; resume it with `engine resume"):
        simulated(spec, folder, **({"keep": "samples"} | change))
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_another_scenario_is_refused(spec, folder, tmp_path, scenario_file):
    other = tmp_path / "other.yaml"
    other.write_text(scenario_file.read_text().replace("2032", "2031"))
    with pytest.raises(engine.ResultsError, match="a run of another scenario"):
        simulated(engine.load_scenario(other), folder, keep="samples")


@pytest.mark.parametrize("name", ["engine", "numpy"])
def test_another_version_is_refused(folder, name, monkeypatch):
    versions = manifest.versions()
    monkeypatch.setattr(manifest, "versions", lambda: versions | {name: "0.0"})
    with pytest.raises(engine.ResultsError, match=f"started with {name} .*, but this is 0.0; resume with that version"):
        engine.resume(folder)


def test_a_scenario_file_that_has_changed_is_refused_unless_asked_for(spec, tmp_path, scenario_file, expected):
    file, folder = tmp_path / "s.yaml", tmp_path / "run"
    file.write_bytes(scenario_file.read_bytes())
    begun = simulated(engine.load_scenario(file), folder)
    file.write_text(file.read_text().replace("2032", "2031"))
    with pytest.raises(engine.ResultsError, match=r"changed since the run in .* began"):
        engine.resume(folder)
    xr.testing.assert_identical(engine.resume(folder, as_begun=True), begun)
    file.write_text("no: scenario")
    with pytest.raises(engine.ResultsError, match="changed since"):
        engine.resume(folder)
    file.unlink()
    xr.testing.assert_identical(engine.resume(folder), begun)


def test_a_copy_of_the_scenario_that_was_edited_is_refused(folder):
    kept = folder / "scenario.yaml"
    kept.write_text(kept.read_text().replace("2032", "2031"))
    with pytest.raises(engine.ResultsError, match=r"scenario\.yaml: not the scenario with which the run started"):
        engine.resume(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"chunk": 0},
        {"chunk": "10"},
        {"seed": -1},
        {"worlds": True},
        {"policies": [1]},
        {"versions": []},
        {"cpu": None},
        {"format": 0},
        {"seed": 5},
        {"kept": "all"},
        {"sampling": "grid"},
        {"scenario_name": "\ud800"},
        {"policies": []},
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(folder, change):
    file = folder / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(engine.ResultsError, match=r"manifest\.json: (damaged|written by another version)"):
        engine.resume(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "nan", "[" * 100_000, '{"format": 1}', "\0", "9" * 10_000])
def test_a_manifest_that_is_none_is_refused(folder, text):
    (folder / "manifest.json").write_text(text)
    with pytest.raises(
        engine.ResultsError, match=r"manifest\.json: damaged or altered; start the run again in another folder"
    ):
        engine.resume(folder)


def test_a_folder_of_something_else_is_left_alone(spec, tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(engine.ResultsError, match="neither empty nor the folder of a run; name another"):
        simulated(spec, tmp_path)
    with pytest.raises(engine.ResultsError, match="not the folder of a run"):
        engine.resume(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["letter.txt"]


def test_a_start_that_was_cut_off_begins_again(spec, tmp_path, expected):
    """The scenario was written and the manifest was not; a file was half written."""
    (tmp_path / "scenario.yaml").write_text(spec.yaml)
    (tmp_path / ".manifest.json.x1y2.part").write_text("{")
    xr.testing.assert_identical(simulated(spec, tmp_path, keep="samples"), expected)
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("name", ["scenario.yaml", ".movie.part", "chunk-000000.npz", "results.nc"])
def test_what_is_not_of_the_run_is_never_touched(spec, tmp_path, name):
    """A scenario of the user's beside which he would have the run; a download that is under way."""
    (tmp_path / name).write_text("mine")
    (tmp_path / ".chunk-000001.npz.1a2b.part").write_text("half")
    with pytest.raises(engine.ResultsError, match="neither empty nor the folder of a run; name another"):
        simulated(spec, tmp_path)
    assert (tmp_path / name).read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 2


def test_results_do_not_take_the_place_of_the_run(folder):
    with pytest.raises(engine.ResultsError, match=r"manifest\.json: is a file of the run itself; name a results file"):
        engine.resume(folder, output=folder / "manifest.json")
    engine.resume(folder, output=folder / "other.nc")


def test_a_resumed_run_takes_the_place_of_an_unfinished_results_file(folder, tmp_path):
    """What a crash left of a large file beside its target does not stay."""
    target = tmp_path / "out.nc"
    tag = manifest.read_manifest(folder).label[:12]
    (tmp_path / f".out.nc.{tag}.part").write_text("half")
    engine.resume(folder, output=target)
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["out.nc"]


def test_a_chunk_too_large_is_not_read(folder, expected, played):
    with chunk_files(folder)[1].open("r+b") as file:
        file.truncate(2**34)
    xr.testing.assert_identical(engine.resume(folder), expected)
    assert len(played) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX")
def test_a_manifest_that_is_a_pipe_is_not_waited_for(folder):
    (folder / "manifest.json").unlink()
    os.mkfifo(folder / "manifest.json")
    with pytest.raises(engine.ResultsError, match=r"manifest\.json: is not a regular file"):
        engine.resume(folder)


def test_the_folder_is_resumed_from_anywhere(folder, expected, tmp_path, monkeypatch):
    """And when it was moved: it holds no path that matters."""
    monkeypatch.chdir(tmp_path)
    folder.rename("moved")
    xr.testing.assert_identical(engine.resume("moved"), expected)


def test_damage_and_another_cpu_are_told(folder, monkeypatch, capsys):
    altered(chunk_files(folder)[1])
    monkeypatch.setattr(manifest, "cpu_type", lambda: "another")
    engine.resume(folder)
    told = capsys.readouterr().err
    assert "chunk-000001.npz: damaged; its futures are simulated again" in told
    assert "than this (another): the last bits may differ" in told


def test_two_processes_do_not_share_a_folder(folder):
    handle = module._locked(folder)
    try:
        with pytest.raises(engine.ResultsError, match="another process is simulating this run"):
            engine.resume(folder)
    finally:
        os.close(handle)
    engine.resume(folder)


def test_a_full_disk_loses_nothing_that_is_finished(spec, tmp_path, expected, played, monkeypatch):
    folder, write, written = tmp_path / "run", Path.write_bytes, []

    def full(path, content):
        written.append(path)
        if len(written) > 4:
            write(path, content[:10])
            raise OSError(28, "No space left on device", str(path))
        return write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(engine.ResultsError, match=r"chunk-00000.\.npz: cannot be written: No space left on device"):
            simulated(spec, folder, keep="samples", threads=1)
    assert len(chunk_files(folder)) == 2
    assert not list(folder.glob(".*"))
    played.clear()
    xr.testing.assert_identical(engine.resume(folder), expected)
    assert len(played) == 4


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_is_refused(spec, tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(engine.ResultsError, match=r"run: cannot be used: Permission denied"):
        simulated(spec, tmp_path / "run")


def test_a_folder_that_cannot_be_made_is_refused(spec, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(engine.ResultsError, match=r"file/run: cannot be used: Not a directory"):
        simulated(spec, tmp_path / "file" / "run")


def test_a_scenario_that_is_no_file_cannot_be_kept(tmp_path):
    with pytest.raises(engine.ResultsError, match="only a scenario read from a file can be stored"):
        engine.simulate(scenario(), 2, 2, execution=engine.Execution(directory=tmp_path))


def test_changed_worlds_cannot_be_kept(spec, tmp_path):
    with pytest.raises(engine.ResultsError, match="changed by a function, cannot be stored"):
        simulated(spec, tmp_path / "run", change=lambda worlds: None)


@pytest.mark.parametrize(
    "how", [{"threads": 0}, {"chunk": 0}, {"chunk": 2.5}, {"threads": True}, {"threads": 2, "cluster": "local"}]
)
def test_impossible_executions_are_refused(how):
    with pytest.raises(ValueError, match=r"must be a whole number(, such as 10| of at least 1), not|give one of them"):
        Execution(**how)
