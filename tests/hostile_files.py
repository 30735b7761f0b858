"""Copies of a results file with some bytes changed, and what comes of reading them in a process that may crash."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from engine.results import netcdf_check_child as probe_file

SOUND, CRASHED = "sound", "crashed"


def mutants(whole: bytes, count: int, seed: int) -> Iterator[bytes]:
    """So many copies of a file: bits flipped, bytes or a block overwritten, the end or a piece cut off."""
    luck = random.Random(seed)
    for number in range(count):
        content = bytearray(whole)
        at = luck.randrange(len(content))
        change = number % 5
        if change == 0:
            content[at] ^= 1 << luck.randrange(8)
        elif change == 1:
            for _ in range(luck.randint(2, 40)):
                content[luck.randrange(len(content))] = luck.choice((0, 1, 127, 128, 255, luck.randrange(256)))
        elif change == 2:
            content[at : at + 64] = luck.randbytes(min(64, len(content) - at))
        elif change == 3:
            del content[at:]
        else:
            del content[at : at + luck.randint(1, 4096)]
        yield bytes(content)


def verdicts(paths: list[Path]) -> list[str]:
    """What the probe says of each file; it is started again only after a crash."""
    said: list[str] = []
    while len(said) < len(paths):
        command = [sys.executable, "-P", probe_file.__file__, *map(str, paths[len(said) :])]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        said += done.stdout.splitlines()
        if len(said) < len(paths):
            said.append(CRASHED)
    return said
