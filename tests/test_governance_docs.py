"""docs/governance.md lists the measures there are, and the worked example of docs/extending.md works."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, TypeAdapter

from engine.rules.governance import LEVERS
from engine.rules.regime import Step
from engine.scenario import measures, quantities
from engine.scenario.measure import Measure
from engine.scenario.measures import OWN, AnyMeasure, kind_of
from engine.scenario.numbers import Number

DOCS = Path(__file__).parents[1] / "docs"
PAGE, EXTENDING = ((DOCS / name).read_text(encoding="utf-8") for name in ("governance.md", "extending.md"))


def test_the_list_has_every_measure_once():
    assert re.findall(r"^\* `(\w+)` ", PAGE, re.MULTILINE) == [kind_of(model) for model in OWN]


def test_the_worked_example_is_a_measure():
    """As the page says: one class of levers that there are, and its name in the union."""
    example = next(text for text in re.findall(r"```python\n(.*?)```", EXTENDING, re.DOTALL) if "Measure" in text)
    space = {**vars(measures), "Measure": Measure, "Step": Step, "q": quantities, "Number": Number}
    space |= {"Annotated": Annotated, "Literal": Literal}
    exec(compile(example, "docs/extending.md", "exec", dont_inherit=True), space)
    levy = space["ComputeLevy"]
    assert {key for key, _ in levy(measure="compute_levy", price_multiplier=2).numbers()} >= {"price_multiplier"}
    own = {"price_multiplier", "defence_speed"}
    assert own <= set(LEVERS)
    assert own <= set(levy.model_fields)
    union = TypeAdapter(Annotated[get_args(AnyMeasure)[0] | levy, Field(discriminator="measure")])
    assert type(union.validate_python({"measure": "compute_levy", "price_multiplier": 2})) is levy
