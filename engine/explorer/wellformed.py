"""Which requests the page itself would send. Any other is answered by 400, before anything is done for it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

from dash import Dash
from dash.exceptions import DependencyException
from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, TypeAdapter, ValidationError

from engine.explorer import ids

_CALLBACKS = "/_dash-update-component"
#: What a field holds, whatever was typed into it.
_Field = int | float | str | None


class _Point(BaseModel):
    customdata: Annotated[list[int], Field(min_length=2, max_length=2)] = [0, 0]


class _Click(BaseModel):
    points: Annotated[list[_Point], Field(min_length=1)]


#: What the parts of the page may hold. A slider, which is not named here, is at a place.
_HOLDS: dict[str, Any] = {
    **dict.fromkeys((ids.ADDRESS, ids.STATE, ids.DRAWN, ids.MESSAGE), str | None),
    **dict.fromkeys((ids.RESET, ids.TELL), int | None),
    **dict.fromkeys((ids.WORLD, ids.FUTURE, ids.SEED, ids.WORLDS, ids.FUTURES), _Field),
    **dict.fromkeys((ids.SIDE_A, ids.SIDE_B), list[str] | None),
    **dict.fromkeys((ids.CAPABILITY, ids.ACTOR_CLASS, ids.PAGE), str),
    ids.TOLD: Annotated[list[_Field], Field(min_length=2, max_length=2)] | None,
    ids.DOTS: _Click | None,
}


class _Part(BaseModel):
    """A property of a part of the page, and its value if it has one."""

    model_config = ConfigDict(strict=True)
    id: str
    property: str
    value: Any = None


class _Body(BaseModel):
    """What the page sends when something on it has changed."""

    model_config = ConfigDict(strict=True)
    output: str
    outputs: _Part | list[_Part]
    inputs: list[_Part]
    state: list[_Part] = []
    changedPropIds: list[str] = []


def only_well_formed(app: Dash) -> None:
    """Answer by 400 what no callback of the `app` would be asked by its page, and by 404 files that it has not."""

    def check() -> Response | None:
        if request.path != _CALLBACKS or request.method != "POST":
            return None
        try:
            wrong = complaint(request.get_json(silent=True), app.callback_map)
        except RecursionError:
            wrong = "it is nested too deeply"
        return _plain(f"This request is none of the page's: {wrong}.\n", 400) if wrong else None

    app.server.before_request(check)
    app.server.register_error_handler(DependencyException, lambda _: _plain("There is no such file.\n", 404))


def complaint(body: Any, callbacks: Mapping[str, Any]) -> str:
    """What is wrong with the `body` of a request to one of the `callbacks` of Dash; empty if it is as it should be."""
    try:
        asked = _Body.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'its body'} is missing or not as it should be"
    callback = callbacks.get(asked.output, {})
    if "callback" not in callback:
        return "there is no such output"
    outputs = asked.outputs if isinstance(asked.outputs, list) else [asked.outputs]
    if not _are(outputs, asked.output.removeprefix("..").removesuffix("..").split("...")):
        return "these are not all outputs of that name"
    for given, declared in ((asked.inputs, callback["inputs"]), (asked.state, callback["state"])):
        if not _are(given, [f"{one['id']}.{one['property']}" for one in declared]):
            return "these are not all that the output follows from"
        for part in given:
            try:
                _holds(part.id).validate_python(part.value)
            except ValidationError:
                return f"{part.id} cannot hold this"
    return ""


def _are(parts: list[_Part], names: list[str]) -> bool:
    """Whether these are the properties of such names; what tells two outputs of one name apart may be left out."""
    return [f"{part.id}.{part.property}".partition("@")[0] for part in parts] == [
        name.partition("@")[0] for name in names
    ]


@cache
def _holds(part: str) -> TypeAdapter[Any]:
    strict = ConfigDict(strict=True) if part in _HOLDS and part != ids.DOTS else None
    return TypeAdapter(_HOLDS.get(part, FiniteFloat), config=strict)


def _plain(text: str, status: int) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")
