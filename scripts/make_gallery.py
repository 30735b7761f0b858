"""Draw every figure of engine.report from one run, and write docs/gallery.md; with --check only compare.

.venv/bin/python scripts/make_gallery.py [--check]

The page shows the code that draws. With --check the exit code is 1 if the page is out of date: code and words must be
the same and images must have the same size; numbers may differ slightly, because another type of CPU may give another
last digit. A figure function that has no entry in `SECTIONS` is an error.
"""

import importlib
import inspect
import pkgutil
import re
import runpy
import shutil
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import engine.analyses

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "gallery.md"
IMAGES = ROOT / "docs" / "images" / "gallery"
nearly_the_same = runpy.run_path(str(ROOT / "scripts" / "make_tutorial.py"))["nearly_the_same"]


@dataclass(frozen=True)
class Entry:
    """A figure: the name of its function, its alt text, its arguments, and optionally an older image."""

    name: str
    alt: str
    arguments: str = "results"
    #: An image of docs/images, from a run that takes too long to repeat here.
    image: str = ""


@dataclass(frozen=True)
class Section:
    """Figures of one subject, and the code that makes their data."""

    title: str
    entries: tuple[Entry, ...]
    before: str = ""


HEAD = """\
# Gallery

Each figure is a function of a dataset; its twin `NAME_in_words` describes it as text. `engine report FILE.nc` has all
figures of a run. `scripts/make_gallery.py` writes this page:"""
#: The run that figures are drawn from.
RUN = """\
import engine

scenario = engine.load_scenario("scenarios/policies.yaml")
names = ["compute_cap", "export_control"]
results = engine.simulate(scenario, worlds=1000, futures=10, seed=2026, policies=names, keep="samples")
"""
HOSTED = """\
hosted = engine.simulate(engine.load_scenario("hosted_only"), worlds=1000, futures=2, seed=2026)
"""
INFLUENCES = """\
from engine.analyses.sensitivity.experiment import pawn_of, together, variance_of

influences = together(variance_of(results), pawn_of(results))
"""
FOUND = "found = engine.stress_test(results)\n"
HISTORY = """\
history = engine.replay(scenario, world=17, future=3, worlds=1000, seed=2026, policy="compute_cap")
"""
SCORED = """\
from engine.analyses.hindcast.experiment import hindcast

scored = hindcast(engine.load_scenario("scenarios/hindcast_2018.yaml"), seed=2026)
"""
POSTERIOR = """\
from engine.analyses.calibrate.experiment import calibrate

posterior = calibrate(engine.load_scenario("scenarios/hindcast_2018.yaml"), seed=2026)
"""
SECTIONS = (
    Section(
        "When classes attain capabilities",
        (
            Entry("attainment", "Rising curves of attainment"),
            Entry("times", "Medians and intervals by class"),
        ),
    ),
    Section(
        "How capabilities spread",
        (
            Entry("access", "Rising curves of access"),
            Entry("performance", "Rising curves of compute"),
            Entry("models", "Rising curves by threshold"),
            Entry("routes", "Stacked bars of routes"),
            Entry("lead", "Bars and intervals by class"),
        ),
    ),
    Section(
        "Use by services",
        (Entry("use", "Rising curves of use", "hosted"),),
        HOSTED,
    ),
    Section(
        "Harm",
        (
            Entry("exposure", "Bars of exposure by policy"),
            Entry("loss", "Falling curves of losses"),
        ),
    ),
    Section(
        "Effects of policies",
        (
            Entry("price", "Bars of harm and price"),
            Entry("differences", "Points with error bars"),
            Entry("delays", "Bars of delay by policy"),
        ),
    ),
    Section(
        "Which assumptions matter",
        (Entry("sensitivity", "Bars of chance and influence", "influences"),),
        INFLUENCES,
    ),
    Section(
        "Where policies fail",
        (
            Entry("robustness", "Shares and metrics by policy", "found"),
            Entry("failures", "Failing worlds by the numbers that separate them", 'found, "export_control"'),
        ),
        FOUND,
    ),
    Section(
        "One future",
        (Entry("future", "Timeline of one future", "history, scenario"),),
        HISTORY,
    ),
    Section("Whether the run is large enough", (Entry("precision", "Standard errors by class"),)),
    Section(
        "Hindcast",
        (
            Entry("series", "Forecast bands and observations", "scored", "hindcast.png"),
            Entry("scores", "Mean scores and histograms", "scored", "hindcast-scores.png"),
        ),
        SCORED,
    ),
    Section(
        "Calibration",
        (Entry("posterior", "Prior and posterior intervals", "posterior", "posterior.png"),),
        POSTERIOR,
    ),
)


def code_of(entry: Entry) -> str:
    """The lines that draw a figure."""
    name = f"{entry.name}_figure"
    module = figure_functions()[name].__module__
    return f'from {module} import {name}\n\n{name}({entry.arguments}).savefig("{entry.name}.png", dpi=90)\n'


def figure_functions() -> dict[str, Callable[..., Any]]:
    """Every public function NAME_figure of the rooms of analyses by its name."""
    found = {}
    for module in pkgutil.walk_packages(engine.analyses.__path__, "engine.analyses."):
        if not module.name.rpartition(".")[2].endswith("plots"):
            continue
        for name, function in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            if name.endswith("_figure") and not name.startswith("_") and function.__module__ == module.name:
                found[name] = function
    return found


def without_entry() -> set[str]:
    """Names of figure functions that the gallery does not show."""
    shown = {f"{entry.name}_figure" for section in SECTIONS for entry in section.entries}
    return set(figure_functions()) - shown


def gallery(folder: Path) -> str:
    """The page, after drawing its images into `folder`."""
    namespace: dict[str, Any] = {}
    with chdir(ROOT):
        exec(RUN, namespace)
    with chdir(folder):
        sections = [part for section in SECTIONS for part in _section(section, namespace)]
    return "\n\n".join([HEAD, _python(RUN), *sections]) + "\n"


def _section(section: Section, namespace: dict[str, Any]) -> Iterator[str]:
    yield f"## {section.title}"
    drawn = not all(entry.image for entry in section.entries)
    if section.before:
        yield _python(section.before)
        if drawn:
            exec(section.before, namespace)
    for entry in section.entries:
        function, code = figure_functions()[f"{entry.name}_figure"], code_of(entry)
        if not entry.image:
            exec(code, namespace)
        path = f"images/{entry.image or f'gallery/{entry.name}.png'}"
        about = " ".join(inspect.getdoc(function).split("\n\n")[0].split())
        yield from (f"### {entry.name}_figure", about, f"![{entry.alt}]({path})", _python(code))


def _python(code: str) -> str:
    return f"```python\n{code}```"


def current(page: str, now: str) -> bool:
    """Whether a page has the same code and words as the one made `now`, and nearly the same numbers."""
    code = [re.findall(r"```python\n.*?```", text, re.DOTALL) for text in (page, now)]
    return code[0] == code[1] and nearly_the_same(page, now)


def same_images(folder: Path) -> bool:
    """Whether the images of the page have the names and sizes of those in `folder`."""
    return _sizes(IMAGES) == _sizes(folder)


def _sizes(folder: Path) -> dict[str, tuple[int, int]]:
    """Width and height in pixels of each PNG, from its header."""
    return {image.name: struct.unpack(">II", image.read_bytes()[16:24]) for image in folder.glob("*.png")}


def main() -> None:
    if missing := without_entry():
        sys.exit(f"{', '.join(sorted(missing))}: no entry in SECTIONS of scripts/make_gallery.py; add one")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page = gallery(folder)
        if "--check" in sys.argv[1:]:
            if not (PAGE.exists() and current(PAGE.read_text(encoding="utf-8"), page) and same_images(folder)):
                sys.exit(f"{PAGE} is out of date: run scripts/make_gallery.py")
            return
        shutil.rmtree(IMAGES, ignore_errors=True)
        IMAGES.mkdir(parents=True)
        for image in folder.glob("*.png"):
            shutil.copy(image, IMAGES)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
