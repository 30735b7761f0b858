"""A scenario laid over the one that it extends."""

from __future__ import annotations

from typing import Any

from engine.scenario.families import FAMILIES
from engine.scenario.source import KeyPath, Source


def merged(base: Source, upper: Source) -> Source:
    """`upper` laid over `base`: mappings are merged key by key, other values replaced, null removes a key.

    A number given by a mapping (`{value: ...}`, `{lognormal: ...}`) is replaced as a whole.
    """
    replaced: set[KeyPath] = set()
    removed: set[KeyPath] = set()
    data = _merge(base.data, upper.data, (), replaced, removed)
    gone = replaced | removed
    lines = {
        path: place
        for path, place in base.lines.items()
        if not any(path[:end] in gone for end in range(1, len(path) + 1))
    }
    lines |= {path: place for path, place in upper.lines.items() if path not in removed}
    return Source(data, lines, {**base.texts, **upper.texts}, base.nodes + upper.nodes)


def _merge(
    base: dict[str, Any], upper: dict[str, Any], path: KeyPath, replaced: set[KeyPath], removed: set[KeyPath]
) -> dict[str, Any]:
    """The merged data at `path`; paths that differ from `base` are added to `replaced` or `removed`."""
    data = dict(base)
    for key, value in upper.items():
        here = (*path, key)
        # There is no number at the top level, but a class or a capability may be called `beta` or `value`.
        is_number = len(here) > 1 and isinstance(value, dict) and _is_number(value)
        if isinstance(value, dict) and isinstance(data.get(key), dict) and not is_number:
            data[key] = _merge(data[key], value, here, replaced, removed)
        elif value is None:
            data.pop(key, None)
            removed.add(here)
        else:
            data[key] = value
            replaced.add(here)
    return data


def _is_number(value: dict[str, Any]) -> bool:
    return any(key in value for key in ("value", *FAMILIES))
