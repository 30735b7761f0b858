"""The name that a user gives a cluster, and errors about clusters."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from engine.errors import EngineError
from engine.execution.machine import usable_cpus

_ADDRESS = re.compile(r"(tcp|tls)://([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})/?")
_LOCAL = re.compile(r"local(?::([0-9]{1,6}))?")
_RIGHT = "use local, local:N, tcp://HOST:PORT, tls://HOST:PORT or slurm:CONFIG.yaml"


class ClusterError(EngineError, ValueError):
    """A cluster that cannot be used; its text is one line (of a configuration file, one for each problem)."""


class Place(NamedTuple):
    """A cluster as the user named it: `what` is a number of processes (0: one for each CPU), an address or a file."""

    kind: Literal["local", "address", "slurm"]
    what: str


def parsed(place: str) -> Place:
    """The cluster that `place` names. Raises ClusterError if there is none."""
    local, address = _LOCAL.fullmatch(place), _ADDRESS.fullmatch(place)
    if local:
        number = local[1]
        if number is not None and int(number) < 1:
            raise ClusterError(f"{place}: a cluster has at least 1 process; use local:N with N of 1 or more, or local")
        return Place("local", number or "0")
    if address:
        if not 1 <= int(address[3]) <= 65535:
            raise ClusterError(f"{place}: a port is a number from 1 to 65535; the scheduler prints its address")
        return Place("address", place.rstrip("/"))
    kind, _, file = place.partition(":")
    if kind == "slurm" and file:
        return Place("slurm", file)
    raise ClusterError(f"no cluster is called {place[:80]!r}; {_RIGHT}")


def local_workers(place: str) -> int:
    """Workers that the cluster `place` starts on this machine. Raises ClusterError if it names no cluster."""
    kind, what = parsed(place)
    return (int(what) or usable_cpus()) if kind == "local" else 0
