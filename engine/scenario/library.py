"""The scenarios that come with the engine, by name: the files of `scenarios/`, which are package data."""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path, PurePath

from ruamel.yaml import YAML
from ruamel.yaml.events import ScalarEvent

_ENGINE = Path(__file__).resolve().parents[1]
#: The folder of the files: in the package if it was installed from a wheel, and next to it in a checkout.
FOLDER = next((place for place in (_ENGINE / "scenarios", _ENGINE.parent / "scenarios") if place.is_dir()), _ENGINE)


def names() -> list[str]:
    """The names of all scenarios, in alphabetical order."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def path_of(name: str) -> Path:
    """The file of the scenario `name`, which may not exist."""
    return FOLDER / f"{name}.yaml"


def text_of(name: str) -> str:
    """The text of the scenario of this `name`."""
    return path_of(name).read_text(encoding="utf-8")


def summary_of(name: str) -> str:
    """The beginning of the description of the scenario `name`, up to a colon or full stop."""
    events = YAML(typ="safe", pure=True).parse(text_of(name))
    scalars = (event.value for event in events if isinstance(event, ScalarEvent))
    description = next((next(scalars) for key in scalars if key == "description"), "")
    return re.split(r"[.:](?:\s|$)", description, maxsplit=1)[0]


def find(given: str | Path, folder: str | Path = "") -> Path:
    """The file of the scenario that is `given` by its path, relative to `folder`, or by its name.

    A file at that path takes precedence over a scenario of that name. A path without a file is returned unchanged.
    """
    path = Path(folder, given)
    named = str(given) in names() and (os.path.isdir(path) or not os.path.exists(path))
    return path_of(str(given)) if named else path


def not_found(given: str) -> str:
    """A suggestion for a scenario that does not exist; empty for a path that does not look like a name."""
    near = difflib.get_close_matches(PurePath(given).stem, names(), n=3)
    if near:
        return f"did you mean the scenario {' or '.join(near)}? `engine scenarios` lists all"
    return "no scenario has this name either; `engine scenarios` lists all" if re.fullmatch(r"\w+", given) else ""
