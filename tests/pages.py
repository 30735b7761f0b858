"""A page as a reader's browser has it: its elements in order, checked to be well formed while they are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "img", "br", "link", "hr", "input"}


@dataclass
class Element:
    """An element with its attributes and all text within."""

    tag: str
    attributes: dict[str, str]
    text: str = ""
    within: tuple[str, ...] = ()


@dataclass
class Page(HTMLParser):
    """All elements of a page. Raises AssertionError for tags that do not close as they opened."""

    html: str
    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[Element] = []
        self.feed(self.html)
        self.close()
        assert not self.open, [one.tag for one in self.open]

    def handle_starttag(self, tag, attributes):
        element = Element(tag, {name: value or "" for name, value in attributes}, "", tuple(e.tag for e in self.open))
        self.elements.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element.text += data

    def all(self, *tags: str) -> list[Element]:
        """Elements with one of these tags, in order."""
        return [element for element in self.elements if element.tag in tags]

    def rows(self, caption: str) -> dict[str, list[str]]:
        """Cells by the first cell of each row, of the table whose caption begins so."""
        found: dict[str, list[str]] = {}
        inside, row = False, ""
        for element in self.elements:
            if element.tag == "caption":
                inside = " ".join(element.text.split()).startswith(caption)
            elif inside and element.tag == "th" and element.attributes.get("scope") == "row":
                row = element.text
                found[row] = []
            elif inside and element.tag == "td":
                found[row].append(element.text)
        return found
