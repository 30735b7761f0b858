"""Addresses of names: what is drawn for a class, a capability or a number depends on its name alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

#: How the paths of numbers of policies begin.
POLICIES = "policies."


def addresses(names: Sequence[str]) -> list[int]:
    """An address of 16 bits for each name, which depends on the name alone.

    Should two names of one scenario hash alike (1 in 4,000 for six names) the later is hashed again.
    """
    taken: list[int] = []
    for name in names:
        salt = 0
        while (address := digest(f"{name}#{salt}" if salt else name, 2)) in taken:
            salt += 1
        taken.append(address)
    return taken


def luck_name(path: str) -> str:
    """The name under which the number at `path` is drawn: that of a measure has none of its policy's in it.

    So the same number of the same kind of measure has the same luck in every policy.
    """
    return f"measures.{path.split('.', 2)[2]}" if path.startswith(POLICIES) else path


def as_list(names: Sequence[str]) -> list[str]:
    """`names` as a list; one name by itself is a list of it, not of its letters."""
    return [names] if isinstance(names, str) else list(names)


def digest(text: str, size: int) -> int:
    """The BLAKE2s digest of `text`, as a whole number of `size` bytes."""
    return int.from_bytes(hashlib.blake2s(text.encode(), digest_size=size).digest(), "little")
