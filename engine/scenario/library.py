"""The scenarios that come with the engine, by name: the files of `scenarios/`, which are package data."""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path, PurePath

from ruamel.yaml import YAML
from ruamel.yaml.events import ScalarEvent

_ENGINE = Path(__file__).resolve().parents[1]
#: Where the files are: in the package if it was installed from a wheel, and beside it in a checkout.
FOLDER = next((place for place in (_ENGINE / "scenarios", _ENGINE.parent / "scenarios") if place.is_dir()), _ENGINE)


def names() -> list[str]:
    """The names of all scenarios, in alphabetical order."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def path_of(name: str) -> Path:
    """The file of the scenario of this `name`, whether there is one or not."""
    return FOLDER / f"{name}.yaml"


def text_of(name: str) -> str:
    """The text of the scenario of this `name`."""
    return path_of(name).read_text(encoding="utf-8")


def summary_of(name: str) -> str:
    """What the file of the scenario of this `name` says of it first: its description up to a colon or full stop."""
    events = YAML(typ="safe", pure=True).parse(text_of(name))
    scalars = (event.value for event in events if isinstance(event, ScalarEvent))
    description = next((next(scalars) for key in scalars if key == "description"), "")
    return re.split(r"[.:](?:\s|$)", description, maxsplit=1)[0]


def find(given: str | Path, folder: str | Path = "") -> Path:
    """The file of the scenario that is `given` by its path, which starts from `folder`, or by its name.

    A file at that path is taken rather than a scenario of that name. A path at which there is nothing comes back as
    it is.
    """
    path = Path(folder, given)
    named = str(given) in names() and (os.path.isdir(path) or not os.path.exists(path))
    return path_of(str(given)) if named else path


def not_found(given: str) -> str:
    """What may have been meant by a scenario of which there is no file; nothing for a path that looks like no name."""
    near = difflib.get_close_matches(PurePath(given).stem, names(), n=3)
    if near:
        return f"did you mean the scenario {' or '.join(near)}? `engine scenarios` lists all"
    return "no scenario has this name either; `engine scenarios` lists all" if re.fullmatch(r"\w+", given) else ""
