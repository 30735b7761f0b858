"""What commands print of files: no letter of a file does anything to a terminal, or hides, or turns the direction."""

from __future__ import annotations

import errno
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import netCDF4
import pytest
import typer
from helpers import scenario_data
from hypothesis import given
from hypothesis import strategies as st
from shell import call

import engine
from engine.report import report
from engine.shell.printing import say
from engine.text.printable import printable

ESCAPE, BIDI, WIDTHLESS = "\x1b[31m", "\u202e", "\u200b"
HIDDEN = f"a{ESCAPE}b{BIDI}c\u2066d\u2069e{WIDTHLESS}f\u2028g\x9bh\x07i\rj\x7fk"
SHOWN = r"a\x1b[31mb\u202ec\u2066d\u2069e\u200bf\u2028g\x9bh\x07i\rj\x7fk"


def test_hidden_letters_are_escaped():
    assert printable(HIDDEN) == SHOWN
    assert printable("Économie, 北京 ±\u00a0x\u3000y\n\tz") == "Économie, 北京 ±\u00a0x\u3000y\n\tz"
    assert printable("\ud800\U000e0001\ue000") == r"\ud800\U000e0001\ue000"


@pytest.mark.property
@given(st.text(st.characters(exclude_categories=[])))
def test_nothing_hidden_is_left(text):
    shown = printable(text)
    assert all(letter.isprintable() or letter in "\n\t" or letter.isspace() for letter in shown)
    assert printable(shown) == shown


ENGINE = Path(engine.__file__).parent


def test_commands_print_in_one_place_only():
    """Kind: text of a file that is printed past what escapes it."""
    found = {
        path.name
        for path in [*ENGINE.glob("cli/*.py"), *ENGINE.glob("shell/*.py"), *ENGINE.glob("analyses/*/command.py")]
        if re.search(r"(?<![\w.])print\(|typer\.(secho|echo)|sys\.std(out|err)\.write|to_csv\(", path.read_text())
    }
    assert found == {"printing.py"}


@pytest.fixture
def strange(tmp_path, kept):
    """A results file whose texts hold hidden letters."""
    path = tmp_path / "strange.nc"
    engine.write_results(kept, path)
    with netCDF4.Dataset(path, "a") as file:
        for name in ("title", "scenario_name", "scenario_file", "summary", "platform", "date_created"):
            file.setncattr(name, HIDDEN)
        file.variables["loss_mean"].long_name = HIDDEN
        file.variables["actor_class"][0] = HIDDEN
        file.variables["capability"][0] = HIDDEN
    return path


@pytest.mark.parametrize("command", ["describe", "convergence"])
def test_texts_of_a_results_file_are_escaped(command, strange, monkeypatch, capsys):
    code, out, err = call(monkeypatch, capsys, command, strange)
    assert (code, err) == (0, "")
    assert SHOWN in out
    assert all(letter.isprintable() or letter == "\n" for letter in out)


@pytest.mark.parametrize(("name", "value"), [("title", "x\nengine: all is well"), ("scenario_name", "a\tb")])
def test_a_name_of_two_lines_is_refused(name, value, strange, monkeypatch, capsys):
    """It could pass for what the engine says."""
    with netCDF4.Dataset(strange, "a") as file:
        file.setncattr(name, value)
    code, out, err = call(monkeypatch, capsys, "describe", strange)
    assert (code, out) == (2, "")
    assert f"the attribute {name} has more than one line" in err


def test_a_report_shows_what_would_mislead(kept):
    page = report(kept.assign_attrs(summary=HIDDEN, scenario_name=HIDDEN))
    assert SHOWN in page
    assert not {ESCAPE[0], BIDI, WIDTHLESS, "\u2066", "\u2028"} & {*page}


@pytest.mark.parametrize("key", ["name", HIDDEN])
def test_errors_about_a_scenario_are_escaped(key, tmp_path, monkeypatch, capsys):
    path = tmp_path / "strange.yaml"
    path.write_text(json.dumps(scenario_data() | {key: HIDDEN, "start": HIDDEN}))
    code, out, err = call(monkeypatch, capsys, "validate", path)
    assert (code, out) == (2, "")
    assert r"\u202e" in err
    assert all(letter.isprintable() or letter == "\n" for letter in err)


def test_a_table_holds_no_hidden_letter(tmp_path, monkeypatch, capsys):
    """Of published figures, which a stranger may have written."""
    table = Path("engine/data/published/forecasts.csv").read_text().replace("Epoch", f"Ep{BIDI}och{ESCAPE}")
    (tmp_path / "figures.csv").write_text(table)
    size = ("--worlds", 4, "--futures", 2, "--replays", 2)
    code, out, _ = call(
        monkeypatch, capsys, "published", "--figures", tmp_path / "figures.csv", *size, "-o", tmp_path / "p.nc"
    )
    assert code == 0
    written = (tmp_path / "p.csv").read_text()
    assert r"Ep\u202eoch\x1b[31m" in written
    for text in (out, written):
        assert not {BIDI, ESCAPE[0]} & {*text}


def shell(command, tmp_path):
    """(exit code, standard output and error) of a line of the shell, in which `engine` is this engine."""
    line = command.replace("engine ", f"{shlex.quote(sys.executable)} -m engine ")
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def plain(tmp_path, kept):
    """A results file called plain.nc."""
    engine.write_results(kept, tmp_path / "plain.nc")
    return tmp_path


@pytest.mark.parametrize("reader", ["head -1", "true"])
def test_a_reader_that_leaves_early_is_no_failure(reader, plain):
    """Kind: a command whose work is done says that it failed (1), since nobody read its words to the end."""
    code, out, err = shell(f"engine describe plain.nc | {reader}", plain)
    assert (code, err) == (0, "")
    assert out.count("\n") == (reader == "head -1")


@pytest.mark.slow
@pytest.mark.parametrize("how", ["2>&1 | true", "2>&-", ">&- 2>&-"])
def test_nobody_listens_and_the_run_is_played(how, tmp_path, scenario_file):
    """Kind: what nobody reads, the estimate or the bar of a run, ends the run before it has begun."""
    code, _, err = shell(f"engine run {scenario_file} --worlds 2 --futures 2 -o run.nc {how}", tmp_path)
    assert (code, err) == (0, "")
    with engine.open_results(tmp_path / "run.nc") as results:
        assert results.attrs["worlds"] == 2


def test_a_full_standard_output_is_named(monkeypatch, capsys):
    """Kind: an error about a file that names none."""

    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(typer, "echo", full)
    with pytest.raises(engine.ResultsError, match=r"^standard output: cannot be written: No space left on device$"):
        say("words")
