"""Names of files that commands make up: they stay in their folder, whatever a scenario is called."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cli.options import MOST_BYTES, default_output, file_stem
from engine.execution.whole_file import DATASET


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
