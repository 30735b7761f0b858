"""Rooms of analyses: each is whole, can be called by its name, and says its question."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import pytest

import engine
from engine.analyses import Room, rooms
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
        assert room.variables


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


def test_a_room_of_a_section_alone_cannot_be_called():
    with pytest.raises(TypeError, match=r"engine\.analyses\.alone cannot be called; it has only a section"):
        Room("elsewhere.alone", "Is it alone?").function()


@pytest.mark.parametrize("name", [name for name, room in ROOMS.items() if room.variables])
def test_a_room_of_variables_selects_them_with_their_errors(name, compared):
    room, found = ROOMS[name], getattr(engine.analyses, name)(compared)
    for variable in found.data_vars:
        assert found[variable].identical(compared[variable])
        assert any(str(variable).startswith(own) for own in room.variables)
    assert set(room.variables) <= set(found)
    own = {str(one) for one in compared.data_vars if str(one).removesuffix("_se") in room.variables}
    assert own <= set(found)


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("leads", "no courses of single futures (effective_compute_at_first); simulate with keep='paths', or "),
        ("thresholds", "no costs of capabilities (capability_cost); simulate with keep='prices', or "),
        ("stress", "no single futures (future_loss); simulate with keep='samples', or `engine run --samples`"),
        ("effects", "effects need the results of engine.analyses.effects.analysis.counterfactuals(scenario)"),
    ],
)
def test_too_little_kept_is_one_line_with_the_right_form(name, needed, governed):
    results = engine.simulate(governed, 2, 1)
    with pytest.raises(engine.InputError, match=re.escape(needed)):
        getattr(engine.analyses, name)(results)


def test_signatures_are_those_of_the_functions():
    from engine.analyses.leads.analysis import leads

    assert inspect.signature(engine.analyses.leads) == inspect.signature(leads)
    assert list(inspect.signature(engine.analyses.routes).parameters) == ["results"]
