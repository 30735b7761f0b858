"""Rooms of analyses: each is whole, can be called by its name, and says its question."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import pytest

import engine
from engine.analyses import rooms
from engine.cli import function_of

ROOMS = {room.name: room for room in rooms()}
FILES = {"experiment", "analysis", "summary", "plots", "command", "section"}


@pytest.mark.quick
def test_every_folder_is_a_room():
    folders = {path.name for path in (Path(engine.__file__).parent / "analyses").iterdir() if path.is_dir()}
    assert folders - {"__pycache__"} == set(ROOMS)


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_asks_one_question_and_is_called_by_its_name(name):
    room = ROOMS[name]
    package = getattr(engine.analyses, name)
    assert callable(package)
    assert package.ROOM is room
    assert room.question.endswith("?")
    assert (package.__doc__ or "").startswith(room.question)
    if room.call:
        file, _, function = room.call.partition(":")
        assert inspect.isfunction(getattr(importlib.import_module(f"{room.package}.{file}"), function))
    else:
        with pytest.raises(TypeError, match=f"engine.analyses.{name} cannot be called"):
            package()


@pytest.mark.parametrize("name", ROOMS)
def test_files_of_a_room_hold_what_hosts_look_for(name):
    room = ROOMS[name]
    assert any(room.has(file) for file in FILES)
    if room.has("section"):
        assert inspect.isfunction(room.get("section", "section"))
    if room.has("command"):
        assert function_of(name) is room.get("command", "command")


def test_no_two_sections_have_the_same_place():
    places = [room.order for room in ROOMS.values()]
    assert len(set(places)) == len(places)


def test_a_name_that_is_none_is_no_attribute():
    with pytest.raises(AttributeError, match=re.escape("module 'engine.analyses' has no attribute 'astrology'")):
        engine.analyses.astrology  # noqa: B018


def test_a_room_by_its_name_gives_what_its_function_gives(compared):
    from engine.analyses.compare.summary import paired_table

    assert engine.analyses.compare(compared).equals(paired_table(compared))
