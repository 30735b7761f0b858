"""The resources of this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psutil

_CGROUP, _GROUPS = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def usable_cpus() -> int:
    """Number of CPUs that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def available_memory() -> int:
    """Bytes of memory that this process may still use: of the machine, its container, and its own limit."""
    available = [int(psutil.virtual_memory().available), *_left_in_containers()]
    try:
        import resource
    except ImportError:  # not on Windows
        pass
    else:
        most, _ = resource.getrlimit(resource.RLIMIT_AS)
        if most != resource.RLIM_INFINITY:
            available.append(most - int(psutil.Process().memory_info().vms))
    return max(0, min(available))


def resident_memory() -> int:
    """Bytes of memory that this process uses."""
    return int(psutil.Process().memory_info().rss)


def _left_in_containers() -> Iterator[int]:
    """Bytes that each control group of this process leaves it (Linux control groups, versions 2 and 1)."""
    try:
        lines = _GROUPS.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, place = line.split(":", 2)
        if controllers not in ("", "memory"):
            continue
        root = _CGROUP / controllers
        limit, used = ("limit_in_bytes", "usage_in_bytes") if controllers else ("max", "current")
        group = root / place.strip("/")
        while group.is_relative_to(root):
            most, taken = _number(group / f"memory.{limit}"), _number(group / f"memory.{used}")
            if most is not None and taken is not None:
                yield most - taken
            group = group.parent


def _number(file: Path) -> int | None:
    """The number in a file of the kernel; None if there is none, or the content is `max`."""
    try:
        text = file.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
