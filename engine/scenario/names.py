"""Addresses of names: the draws of a class, a capability or a number depend only on its name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

#: The beginning of the paths of numbers of policies.
POLICIES = "policies."


def addresses(names: Sequence[str]) -> list[int]:
    """An address of 16 bits for each name, which depends only on the name.

    If two names of one scenario have the same hash (1 in 4,000 for six names), the later is hashed again.
    """
    taken: list[int] = []
    for name in names:
        salt = 0
        while (address := digest(f"{name}#{salt}" if salt else name, 2)) in taken:
            salt += 1
        taken.append(address)
    return taken


def luck_name(path: str) -> str:
    """The name under which the number at `path` is drawn; for a measure it does not contain the policy's name.

    So the same number of the same kind of measure has the same random draws in every policy, and at every date.
    """
    return f"measures.{'.'.join(path.split('.')[2:4])}" if path.startswith(POLICIES) else path


def as_list(names: Sequence[str]) -> list[str]:
    """`names` as a list; a single name becomes a list of one, not of its letters."""
    return [names] if isinstance(names, str) else list(names)


def digest(text: str, size: int) -> int:
    """The BLAKE2s digest of `text`, as a whole number of `size` bytes."""
    return int.from_bytes(hashlib.blake2s(text.encode(), digest_size=size).digest(), "little")
