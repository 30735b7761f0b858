"""What commands print of files: no letter of a file does anything to a terminal, or hides, or turns the direction."""

from __future__ import annotations

import json
import re
from pathlib import Path

import netCDF4
import pytest
from helpers import scenario_data
from hypothesis import given
from hypothesis import strategies as st
from shell import call

import engine
from engine.report.document import report
from engine.scenario.printing import printable

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


def test_commands_print_in_one_place_only():
    """Kind: text of a file that is printed past what escapes it."""
    found = {
        path.name
        for path in Path("engine/cli").glob("*.py")
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
