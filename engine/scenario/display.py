"""HTML of objects in notebooks: small tables, with all text escaped because anyone may write a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from engine.scenario.numbers import Number

if TYPE_CHECKING:
    from engine.scenario.schema import Scenario
    from engine.scenario.section import Section

#: Longer texts are cut: a notebook gives an overview, and the file has everything.
MOST_LETTERS = 300


def html_table(columns: Sequence[str], rows: Iterable[Sequence[str | Sequence[str]]]) -> str:
    """A table, each row as long as `columns`; its first cell is its heading. A cell is a plain text, or some lines."""
    head = "".join(_cell('th scope="col"', column) for column in columns)
    body = "".join(
        "".join(["<tr>", _cell('th scope="row"', first), *(_cell("td", cell) for cell in rest), "</tr>"])
        for first, *rest in rows
    )
    return f'<table style="margin: 0.6em 0"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def html_text(*lines: str) -> str:
    """A paragraph of some lines of plain text."""
    return f"<p>{_lines(lines)}</p>"


def html_title(title: str) -> str:
    """A paragraph in bold."""
    return f"<p><strong>{_shown(title)}</strong></p>"


def html_block(*parts: str) -> str:
    """The results of `html_table`, `html_text` and `html_title`, as one block."""
    # Notebooks typeset text between two dollar signs as a formula, except in these classes.
    return f'<div class="tex2jax_ignore mathjax_ignore">{"".join(parts)}</div>'


def scenario_html(scenario: Scenario) -> str:
    """A scenario at a glance: its classes, capabilities and policies, and how many of its numbers are uncertain."""
    classes = [
        (
            name,
            f"{one.simulated:,}",
            f"{one.real:,}",
            "yes" if _is_malicious(one.attempt_rate) else "",
        )
        for name, one in scenario.actor_classes.items()
    ]
    capabilities = [(name, one.kind, one.description) for name, one in scenario.capabilities.items()]
    policies = [
        (name, ", ".join(called for called, _ in one.named_measures()), one.description)
        for name, one in scenario.policies.items()
    ]
    parts = [
        html_title(f"Scenario {scenario.name}, {scenario.start:g} to {scenario.horizon:g}"),
        html_text(scenario.description),
        html_text(_numbers_in_words(scenario)),
        html_table(("actor class", "simulated actors", "real actors", "malicious"), classes),
        html_table(("capability", "kind", "description"), capabilities),
    ]
    if policies:
        parts.append(html_table(("policy", "measures", "description"), policies))
    return html_block(*parts)


def section_html(part: Section) -> str:
    """A part of a scenario: its written values with sources, and those of the parts within it."""
    return html_block(*_tables(part))


def _tables(part: Section) -> Iterator[str]:
    rows = []
    for key, value in part.written():
        if isinstance(value, Number):
            rows.append((key, str(value), value.source or part.source))
        elif isinstance(value, str | int | float):
            rows.append((key, str(value), ""))
        elif isinstance(value, list) and all(isinstance(one, str | float) for one in value):
            rows.append((key, ", ".join(map(str, value)), ""))
    yield html_title(type(part).__name__)
    yield html_text(part.source)
    yield html_table(("key", "value", "source"), rows)
    for inner in part.parts():
        yield from _tables(inner)


def _is_malicious(rate: Number) -> bool:
    return not rate.is_constant or rate.parameters["value"] > 0.0


def _numbers_in_words(scenario: Scenario) -> str:
    from engine.scenario.origins import origins_in_words

    return f"{origins_in_words(scenario)} Uncertain, so drawn for each world: {len(scenario.uncertain()):,}."


def _cell(opening: str, content: str | Sequence[str]) -> str:
    inside = _lines([content] if isinstance(content, str) else content)
    return f'<{opening} style="text-align: left; vertical-align: top">{inside}</{opening.split()[0]}>'


def _lines(texts: Iterable[str]) -> str:
    return "<br>".join(map(_shown, texts))


def _shown(text: str) -> str:
    """A text as HTML: in one line, cut if it is long, escaped."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return escape(line if len(line) <= MOST_LETTERS else f"{line[:MOST_LETTERS]}...")
