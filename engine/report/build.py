"""From results to HTML: all sections in one template."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import xarray as xr

from engine.analyses import rooms
from engine.document.page import LeftOut, Section
from engine.document.run import Missing, Run
from engine.execution import Execution
from engine.report import assumptions, findings, provenance
from engine.text.printable import printable

if TYPE_CHECKING:
    from jinja2 import Template

_TEMPLATE = "report.html.j2"


def report(results: xr.Dataset, *, execution: Execution | None = None) -> str:
    """The report of `results`, a dataset of `engine.simulate` or `engine.open_results`, as one HTML page.

    The page needs no other file, no network and no script. It is the same for the same results: its date is that of
    their file. Sensitivity, stress test and timelines need single futures; if `results` have none, up to 10,000 of
    them are simulated again with `execution`. Sections that the results cannot give are left out, and the contents
    give the reasons.
    """
    run = Run(results, execution)
    made = [_made(make, run) for make in sections()]
    held = [one for one in made if isinstance(one, Section)]
    left_out = [one for one in made if isinstance(one, LeftOut)]
    attrs = results.attrs
    page = _template().render(
        scenario=attrs["scenario_name"],
        summary=attrs.get("summary", ""),
        written=str(attrs.get("date_created", ""))[:10],
        size=_size(run),
        source=attrs.get("source", ""),
        sections=held,
        left_out=left_out,
    )
    return printable(page)


def sections() -> list[Callable[[Run], Section | LeftOut]]:
    """The functions that make sections: findings first, then those of all rooms, then assumptions and provenance."""
    of_rooms = [make for room in rooms() if (make := room.get("section", "section"))]
    return [findings.section, *of_rooms, assumptions.assumed, provenance.provenance, assumptions.appendix]


def _made(make: Callable[[Run], Section | LeftOut], run: Run) -> Section | LeftOut:
    """A section, or why the results cannot give it."""
    try:
        return make(run)
    except Missing as missing:
        return LeftOut(make.__module__.split(".")[-2].replace("_", " ").capitalize(), str(missing))


def _size(run: Run) -> str:
    worlds, futures = int(run.results.attrs["worlds"]), int(run.results.attrs["futures"])
    under = f" under each of {len(run.policies) + 1} policies" if run.policies else ""
    return f"{worlds * futures:,} futures{under}"


def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("engine.report", ".")
    page = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page.filters["signs"] = _signs
    return page.get_template(_TEMPLATE)


def _signs(text: str) -> str:
    """Text with typographic signs that a terminal may lack."""
    return text.replace("+-", "\N{PLUS-MINUS SIGN}")
