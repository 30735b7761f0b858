"""Validation of requests: any request that the page itself would not send is answered by 400 at once."""

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
#: The type of a field, for any input.
_Field = int | float | str | None


class _Point(BaseModel):
    customdata: Annotated[list[int], Field(min_length=2, max_length=2)] = [0, 0]


class _Click(BaseModel):
    points: Annotated[list[_Point], Field(min_length=1)]


#: Types of the parts of the page. A slider, which is not named here, has a position.
_HOLDS: dict[str, Any] = {
    **dict.fromkeys((ids.ADDRESS, ids.STATE, ids.DRAWN, ids.MESSAGE), str | None),
    **dict.fromkeys((ids.RESET, ids.SHOW), int | None),
    **dict.fromkeys((ids.WORLD, ids.FUTURE, ids.SEED, ids.WORLDS, ids.FUTURES), _Field),
    **dict.fromkeys((ids.SIDE_A, ids.SIDE_B), list[str] | None),
    **dict.fromkeys((ids.CAPABILITY, ids.ACTOR_CLASS, ids.PAGE), str),
    ids.CHOSEN: Annotated[list[_Field], Field(min_length=2, max_length=2)] | None,
    ids.DOTS: _Click | None,
}


class _Part(BaseModel):
    """A property of a part of the page, and its value if it has one."""

    model_config = ConfigDict(strict=True)
    id: str
    property: str
    value: Any = None


class _Body(BaseModel):
    """The request that the page sends when something on it has changed."""

    model_config = ConfigDict(strict=True)
    output: str
    outputs: _Part | list[_Part]
    inputs: list[_Part]
    state: list[_Part] = []
    changedPropIds: list[str] = []


def only_well_formed(app: Dash) -> None:
    """Answer by 400 requests that the page of the `app` would not send, and by 404 requests for missing files."""

    def check() -> Response | None:
        if request.path != _CALLBACKS or request.method != "POST":
            return None
        try:
            wrong = complaint(request.get_json(silent=True), app.callback_map)
        except RecursionError:
            wrong = "it is nested too deeply"
        return _plain(f"The page does not send such a request: {wrong}.\n", 400) if wrong else None

    app.server.before_request(check)
    app.server.register_error_handler(DependencyException, lambda _: _plain("There is no such file.\n", 404))


def complaint(body: Any, callbacks: Mapping[str, Any]) -> str:
    """The fault of the `body` of a request to one of the `callbacks` of Dash; empty if it is valid."""
    try:
        asked = _Body.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'its body'} is missing or invalid"
    callback = callbacks.get(asked.output, {})
    if "callback" not in callback:
        return "there is no such output"
    outputs = asked.outputs if isinstance(asked.outputs, list) else [asked.outputs]
    if not _are(outputs, asked.output.removeprefix("..").removesuffix("..").split("...")):
        return "these are not all outputs of that name"
    for given, declared in ((asked.inputs, callback["inputs"]), (asked.state, callback["state"])):
        if not _are(given, [f"{one['id']}.{one['property']}" for one in declared]):
            return "inputs of the output are missing"
        for part in given:
            try:
                _holds(part.id).validate_python(part.value)
            except ValidationError:
                return f"{part.id} cannot have this value"
    return ""


def _are(parts: list[_Part], names: list[str]) -> bool:
    """Whether these are the properties with such names; suffixes of duplicate outputs may be missing."""
    return [f"{part.id}.{part.property}".partition("@")[0] for part in parts] == [
        name.partition("@")[0] for name in names
    ]


@cache
def _holds(part: str) -> TypeAdapter[Any]:
    strict = ConfigDict(strict=True) if part in _HOLDS and part != ids.DOTS else None
    return TypeAdapter(_HOLDS.get(part, FiniteFloat), config=strict)


def _plain(text: str, status: int) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")
