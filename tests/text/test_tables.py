"""Tables as text."""

from __future__ import annotations

from engine.text.tables import spread_over, table


def test_names_are_to_the_left_and_numbers_to_the_right():
    rows = [["a", "1", "2.5"], ["longer", "100", ""]]
    assert list(table(["", "x", "width"], rows)) == [
        "            x  width",
        "  a         1    2.5",
        "  longer  100",
    ]
    assert list(table(["name", "x"], [], "    ")) == ["    name  x"]


def test_positions_are_spread_evenly_with_both_ends():
    assert spread_over(21, 5) == [0, 5, 10, 15, 20]
    assert spread_over(4, 5) == [0, 1, 2, 3]
    assert spread_over(1, 5) == [0]
    for size in range(1, 40):
        positions = spread_over(size, 5)
        assert positions[0] == 0
        assert positions[-1] == size - 1
        assert len(positions) == min(size, 5)
