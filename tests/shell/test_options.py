"""Numbers in options, and names of files that commands make up, which stay in their folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_args, get_origin, get_type_hints

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from shell import call

from engine.cli import commands, function_of
from engine.execution.atomic_write import DATASET
from engine.shell.options import MOST_BYTES, default_output, file_stem, number, whole_number


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("baseline", "baseline"),
        ("fast algorithms", "fast_algorithms"),
        ("v1.2-draft_3", "v1.2-draft_3"),
        ("Économie", "Économie"),
        ("../../x", "_.._.._x"),
        ("..", "_.."),
        (".bashrc", "_.bashrc"),
        ("-o", "_-o"),
        ("--policies=a", "_--policies_a"),
        ("~", "_"),
        ("~root", "_root"),
        ("$HOME", "_HOME"),
        ("a/b\\c:d", "a_b_c_d"),
        ("CON", "_CON"),
        ("nul.x", "_nul.x"),
        ("a\u202ecn.x", "a_cn.x"),
        ("a\nb\0c", "a_b_c"),
        ("\ud800", "_"),
        ("", "_"),
        ("x" * 100, "x" * 100),
        ("x" * 255 + "-stress", f"{'x' * 49}_{'x' * 43}-stress"),
        ("é" * 255, f"{'é' * 24}_{'é' * 25}"),
    ],
)
def test_a_name_becomes_a_plain_file_name(name, stem):
    assert file_stem(name) == stem


@pytest.mark.property
@given(st.text(st.characters(exclude_categories=[])) | st.text("./\\-~ \n\ud800aé", min_size=90, max_size=300))
def test_any_name_becomes_a_file_name_of_its_folder(name):
    stem = file_stem(name)
    assert 0 < len(stem.encode()) <= MOST_BYTES
    assert all(letter.isalnum() or letter in "_.-" for letter in stem)
    assert stem[0] not in ".-"
    assert Path(f"{stem}.nc").name == f"{stem}.nc"


def test_a_file_stands_in_outputs_if_there_is_such_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert default_output("../x", DATASET) == Path("_.._x.nc")
    (tmp_path / "outputs").mkdir()
    assert default_output("a b-effects", DATASET) == Path("outputs/a_b-effects.nc")


def test_all_numbers_of_options_are_read_alike():
    """A kind of fault: one option takes what another refuses, and each says so in words of its own."""
    found = 0
    for function in map(function_of, commands()):
        for name, hint in get_type_hints(function, include_extras=True).items():
            kind, *more = get_args(hint) if get_origin(hint) is Annotated else (hint,)
            for of, reader in ((int, whole_number), (float, number)):
                if more and of in (kind, *get_args(kind)):
                    found += 1
                    assert more[0].parser is reader, f"{function.__name__} {name}"
    assert found > 60


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (whole_number, "10.0", "'10.0' is no whole number; write 10"),
        (whole_number, "1e3", "'1e3' is no whole number; write 1000"),
        (whole_number, "1,000", "'1,000' is no whole number; write 1000 or 1, whichever is meant"),
        (whole_number, "1_000", "'1_000' is no whole number; write 1000"),
        (whole_number, "ten", "'ten' is no whole number"),
        (whole_number, "", "'' is no whole number"),
        (number, "0,5", "'0,5' is no number; write 0.5"),
        (number, "1'000", '"1\'000" is no number; write 1000'),
        (number, "nan", "'nan' is no number"),
        (number, "\uff15", "'\uff15' is no number; write 5"),
    ],
)
def test_what_is_no_number_is_told_how_to_be_written(read, text, said):
    with pytest.raises(typer.BadParameter) as refused:
        read(text)
    assert refused.value.message == said


def test_numbers_as_they_should_be():
    assert [whole_number(text) for text in ("10", "-1", "+7", 3)] == [10, -1, 7, 3]
    assert [number(text) for text in ("10", "-.5", "1e-3", "inf", 3)] == [10.0, -0.5, 1e-3, float("inf"), 3.0]


def test_the_option_is_named(monkeypatch, capsys):
    code, _, err = call(monkeypatch, capsys, "run", "minimal", "--worlds", "1,000")
    assert code == 2
    assert "Invalid value for '--worlds': '1,000' is no whole number; write 1000 or 1, whichever is meant" in err
