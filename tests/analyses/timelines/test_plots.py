"""The picture of one future shows what happens in it, and nothing else."""

from __future__ import annotations

import pytest
from small_run import SEED, WORLDS

import engine
from engine.analyses.timelines.plots import future_figure, future_in_words, marked_incidents
from engine.plotting.style import PAGE_WIDTH, as_svg


@pytest.fixture(scope="module")
def history(governed):
    """A future with a theft, incidents, and measures that start."""
    return engine.replay(governed, 3, 2, policy="brake", worlds=WORLDS, seed=SEED)


def _marks(figure):
    """(time, lane, number, marker) of every numbered mark."""
    (axis,) = figure.axes
    lanes = [tick.get_text() for tick in axis.get_yticklabels()]
    tops = [patch.get_y() for patch in axis.patches]
    assert tops is not None
    found = []
    numbered = {text.xy: text.get_text() for text in axis.texts}
    for line in axis.lines:
        (time,), (height,) = line.get_data()
        found.append((float(time), float(height), numbered.get((time, height), ""), line.get_marker()))
    return lanes, found


def test_every_first_attainment_is_a_mark_at_its_time(history, governed):
    _, marks = _marks(future_figure(history, governed))
    ordered = sorted(history.requirements, key=history.requirements.get)
    shapes = {"trained": "o", "open_weights": "s", "stolen": "^"}
    wanted = sorted(
        (row.time, str(ordered.index(row.capability) + 1), shapes[row.route])
        for row in history.attainments.itertuples()
    )
    assert sorted((time, number, marker) for time, _, number, marker in marks if marker in shapes.values()) == wanted


def test_lanes_are_classes_below_what_no_class_does(history, governed):
    lanes, _ = _marks(future_figure(history, governed))
    assert lanes[-3:] == ["lab", "follower", "outsider"]
    assert set(lanes[:-3]) <= {"measures", "authorities and defences", "incidents"}
    assert "measures" in lanes


def test_marks_do_not_stand_on_one_another(history, governed):
    figure = future_figure(history, governed)
    figure.canvas.draw()
    boxes = [line.get_window_extent() for line in figure.axes[0].lines]
    for n, box in enumerate(boxes):
        assert not any(box.count_overlaps([other]) for other in boxes[n + 1 :])


def test_crosses_are_as_many_as_is_said(history, governed):
    _, marks = _marks(future_figure(history, governed))
    crosses = sum(marker == "x" for *_, marker in marks)
    assert crosses == marked_incidents(history) <= history.counts()["incidents"]


def test_numbers_and_kinds_are_told(history, governed):
    figure = future_figure(history, governed)
    told = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    assert {"early (dangerous)", "late (valuable)"} <= set(told)
    assert figure.axes[0].get_xlabel() == "year"
    assert figure.get_size_inches()[0] <= PAGE_WIDTH


def test_without_a_scenario_no_kind_is_claimed(history):
    told = [text.get_text() for legend in future_figure(history).legends for text in legend.get_texts()]
    assert {"early", "late"} <= set(told)


def test_words_say_who_was_first_and_what_it_cost(history, governed):
    words = future_in_words(history, governed)
    first = history.attainments.sort_values("time").iloc[0]
    assert f"{first.capability} (dangerous) {first.time:.1f} by {first.actor_class}" in words
    count = history.counts()["incidents"]
    assert ("no incident" in words) == (count == 0)


def test_a_future_in_which_nothing_happens():
    from helpers import scenario

    poor = engine.replay(scenario(capabilities={"skill": {"requirement": 1e50}}), 0, 0, worlds=1)
    assert "No class attains any capability" in future_in_words(poor)
    lanes, marks = _marks(future_figure(poor))
    assert (lanes, marks) == ([], [])


def test_a_change_of_a_measure_is_not_drawn_as_another_measure():
    from helpers import with_measures

    spec = with_measures({"measure": "security_standard", "least_security": {2020: 0.1, 2023: 0.5, 2026.5: 0.9}})
    figure = future_figure(engine.replay(spec, 0, 0, policy="policy", worlds=1), spec)
    lanes, marks = _marks(figure)
    assert lanes[0] == "measures"
    assert [(time, marker) for time, _, _, marker in marks if marker != "o"] == [
        (2020, ">"),
        (2023, "d"),
        (2026.5, "d"),
    ]
    told = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    assert {"measure in force", "measure changes"} <= set(told)


def test_the_same_future_gives_the_same_bytes(history, governed):
    assert as_svg(future_figure(history, governed)) == as_svg(future_figure(history, governed))
