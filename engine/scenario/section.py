"""The base of the parts of a scenario: sections, classes, capabilities and measures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from engine.scenario.display import section_html
from engine.scenario.numbers import Number

#: The patterns that names must match, and their descriptions in errors.
NAME = r"^[A-Za-z][A-Za-z0-9_]{0,39}$"
FORMAT_NAME = r"^[A-Za-z][A-Za-z0-9_.-]{0,39}$"
SCENARIO_NAME = r"^[^/\\\p{C}\p{Zl}\p{Zp}]{0,100}$"
NAMES = {
    NAME: "use letters, digits and _, a letter first, at most 40 characters",
    FORMAT_NAME: "use letters, digits and _ . -, a letter first, at most 40 characters",
    SCENARIO_NAME: "at most 100 characters, as it names the results file too; leave out slashes and control characters",
}


class Section(BaseModel):
    """A part of a scenario: unknown keys are refused, values do not change."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True, arbitrary_types_allowed=True
    )

    source: str = ""
    """Where the numbers of this part come from, or why they are assumed."""

    def numbers(self) -> Iterator[tuple[str, Number]]:
        """(key, number) of this part, in the order of the schema."""
        for key in type(self).model_fields:
            value = getattr(self, key)
            if isinstance(value, Number):
                yield key, value

    def written(self) -> Iterator[tuple[str, Any]]:
        """(key, value) of the written values, in the order of the schema, without defaults and `source`."""
        for key in type(self).model_fields:
            if key in self.model_fields_set and key != "source":
                yield key, getattr(self, key)

    def parts(self) -> Iterator[Section]:
        """The written parts directly within this one, in order."""
        for _, value in self.written():
            inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
            yield from (one for one in inner if isinstance(one, Section))

    def _repr_html_(self) -> str:
        """The HTML for notebooks."""
        return section_html(self)


Name = Annotated[str, Field(pattern=NAME)]
