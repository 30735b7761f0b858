"""Hostile scenario files: each is refused in one line with a mend, or loads, within bounds of time and memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import hostile_scenarios
import pytest
from broken_scenarios import MINIMAL
from hostile_scenarios import HARMLESS, REFUSED, judge

import engine


@pytest.mark.parametrize("attack", REFUSED)
def test_an_attack_is_refused_with_a_mend(attack, tmp_path):
    text, mend = REFUSED[attack]
    path = tmp_path / "hostile.yaml"
    path.write_text(text)
    said = judge(path)
    assert said.startswith(str(path))
    assert mend in said
    assert [found.name for found in tmp_path.iterdir()] == ["hostile.yaml"]


@pytest.mark.parametrize("attack", HARMLESS)
def test_what_is_only_large_loads(attack, tmp_path):
    path = tmp_path / "large.yaml"
    path.write_text(HARMLESS[attack])
    assert judge(path) == ""


@pytest.mark.parametrize(
    ("written", "mend"),
    [
        ("fifo", "no such file"),
        ("/dev/zero", "no such file"),
        ("/dev/tty", "no such file"),
        (".", "no such file"),
        ("/proc/kmsg", "the file is empty"),
        ("/proc/self/environ", "the file is empty"),
        ("/etc/passwd", "keys with values"),
        ("../" * 2000 + "x", "is not a possible file name"),
        ("hostile.yaml", "remove the cycle"),
        ("link.yaml", "remove the cycle"),
    ],
)
def test_what_is_no_scenario_cannot_be_extended(written, mend, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    path = tmp_path / "hostile.yaml"
    (tmp_path / "link.yaml").symlink_to(path)
    path.write_text(f"extends: {written}\n")
    assert mend in judge(path)


def test_a_file_may_extend_one_at_an_absolute_path(tmp_path):
    (tmp_path / "base.yaml").write_text(MINIMAL)
    (tmp_path / "hostile.yaml").write_text(f"extends: {tmp_path / 'base.yaml'}\n")
    assert judge(tmp_path / "hostile.yaml") == ""


def test_files_that_extend_one_another_share_one_bound(tmp_path):
    """Eight files of many values each would take eight times as long as one."""
    (tmp_path / "0.yaml").write_text(MINIMAL)
    many = "".join(f"  k{i}: 1\n" for i in range(4000))
    for number in range(1, 7):
        (tmp_path / f"{number}.yaml").write_text(f"extends: {number - 1}.yaml\nx:\n{many}")
    said = judge(tmp_path / "6.yaml")
    assert said.startswith(str(tmp_path / "2.yaml"))
    assert "values in all, after aliases are expanded; write fewer" in said


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "fifo"])
def test_only_a_regular_file_is_read(path, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    assert "is not a regular file; save the scenario as a file" in judge(tmp_path / path)


def test_a_file_name_that_is_not_text_is_refused(tmp_path):
    """Names of results, and what they say of themselves, are text."""
    path = tmp_path / os.fsdecode(b"\xff.yaml")
    path.write_text(MINIMAL)
    assert "is not a possible file name; check the path" in judge(path)


@pytest.mark.slow
@pytest.mark.property
def test_500_mutations_load_or_are_refused_within_a_gibibyte():
    script = Path(hostile_scenarios.__file__)
    done = subprocess.run(
        [sys.executable, script, "500"],
        cwd=script.parent,
        env={**os.environ, "PYTHONPATH": str(Path(engine.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
