"""Dependencies between parts of the page: these functions only connect the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update
from dash.exceptions import PreventUpdate

from engine.errors import EngineError
from engine.explorer import ids, layout, tables, words
from engine.explorer import state as asked
from engine.explorer.figures import access_figure, attainment_figure, compute_figure, dots_figure
from engine.explorer.offer import Offer
from engine.explorer.sides import SIDES, spoken_side
from engine.explorer.simulator import Busy, Simulated, Simulator, Superseded
from engine.explorer.timeline import timeline_of

#: Seconds for which a slider must rest before its state is simulated.
_SETTLES = 0.06
_FIGURES = (ids.ATTAINMENT, ids.ACCESS, ids.COMPUTE, ids.DOTS)


def connect(app: Dash, simulator: Simulator) -> None:
    """Connect all parts of the page."""
    _address_to_controls(app, simulator.offer)
    _dots_to_timeline(app)
    _controls_to_state(app, simulator.offer)
    _state_to_results(app, simulator)
    _state_to_timeline(app, simulator.offer)
    app.clientside_callback(
        ClientsideFunction("explorer", "settled"),
        Output(ids.STATE, "data"),
        Input(ids.ASKED, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("explorer", "address"),
        Output(ids.LINK, "value"),
        *[Output(name, "href") for name in (ids.GET_SCENARIO, ids.GET_RESULTS, ids.GET_REPORT)],
        Input(ids.STATE, "data"),
        prevent_initial_call=True,
    )
    # A message next to the controls may be out of sight.
    app.clientside_callback(
        ClientsideFunction("explorer", "same"), Output(ids.ALERT, "children"), Input(ids.MESSAGE, "children")
    )
    app.clientside_callback(
        ClientsideFunction("explorer", "copy"),
        Output(ids.COPIED, "children"),
        Input(ids.COPY, "n_clicks"),
        State(ids.LINK, "value"),
        prevent_initial_call=True,
    )


def _address_to_controls(app: Dash, offer: Offer) -> None:
    sliders = [ids.slider(path) for path in offer.by_path]
    controls = (ids.SIDE_A, ids.SIDE_B, ids.CAPABILITY, ids.ACTOR_CLASS, ids.SEED, ids.WORLDS, ids.FUTURES)

    def restore(search: str | None, reset: int | None) -> Any:
        if ctx.triggered_id == ids.RESET:
            places = [one.place(one.median) for one in offer.assumptions]
            return {"places": places, "others": [no_update] * len(controls), "timeline": [no_update] * 3, "message": ""}
        state, message = asked.first_state(offer), ""
        try:
            state = asked.state_of(search or "", offer)
        except EngineError as error:
            message = f"This address cannot be shown: {error}. The page shows the unchanged scenario."
        moved = dict(state.moved)
        return {
            "places": [one.place(moved.get(one.path, one.median)) for one in offer.assumptions],
            "others": [
                *(list(state.side_a), list(state.side_b), state.capability, state.actor_class),
                *(state.seed, state.worlds, state.futures),
            ],
            "timeline": [list(state.timeline), *state.timeline] if state.timeline else [None, no_update, no_update],
            "message": message,
        }

    app.callback(
        output={
            "places": [Output(name, "value") for name in sliders],
            "others": [Output(name, "value") for name in controls],
            "timeline": [Output(ids.CHOSEN, "data"), Output(ids.WORLD, "value"), Output(ids.FUTURE, "value")],
            "message": Output(ids.MESSAGE, "children"),
        },
        inputs={"search": Input(ids.ADDRESS, "search"), "reset": Input(ids.RESET, "n_clicks")},
    )(restore)


def _dots_to_timeline(app: Dash) -> None:
    def choose(click: Any, _: int | None, world: Any, future: Any) -> Any:
        if ctx.triggered_id == ids.DOTS:
            if not click or "customdata" not in click["points"][0]:
                raise PreventUpdate
            world, future = click["points"][0]["customdata"]
        return [world, future], world, future

    app.callback(
        Output(ids.CHOSEN, "data", allow_duplicate=True),
        Output(ids.WORLD, "value", allow_duplicate=True),
        Output(ids.FUTURE, "value", allow_duplicate=True),
        Input(ids.DOTS, "clickData"),
        Input(ids.SHOW, "n_clicks"),
        State(ids.WORLD, "value"),
        State(ids.FUTURE, "value"),
        prevent_initial_call=True,
    )(choose)


def _controls_to_state(app: Dash, offer: Offer) -> None:
    def gather(
        places: list[Any],
        sides: list[list[str] | None],
        names: list[str],
        numbers: dict[str, Any],
        timeline: Any,
        before: str | None,
        message: str,
    ) -> Any:
        medians = [one.at(float(place)) for one, place in zip(offer.assumptions, places, strict=True)]
        said = [words.format_assumption(one, median) for one, median in zip(offer.assumptions, medians, strict=True)]
        refused = unshown = ""
        state: asked.State | None
        try:
            state = asked.checked(
                asked.State(
                    moved=tuple(zip(offer.by_path, medians, strict=True)),
                    side_a=tuple(sides[0] or ()),
                    side_b=tuple(sides[1] or ()),
                    capability=names[0],
                    actor_class=names[1],
                    seed=asked.whole("seed", numbers[ids.SEED]),
                    worlds=asked.whole("worlds", numbers[ids.WORLDS]),
                    futures=asked.whole("futures", numbers[ids.FUTURES]),
                ),
                offer,
            )
        except EngineError as error:
            refused = f"The page still shows the previous settings: {error}."
            # The futures shown can still be replayed.
            state = asked.state_of(before, offer) if before is not None else None
        try:
            state = state and asked.with_timeline(state, timeline, offer)
        except EngineError as error:
            unshown = f"This future cannot be replayed: {error}."
            state = state and replace(state, timeline=None)
        query = asked.query_of(state, offer) if state else before
        wait = _SETTLES if str(ctx.triggered_id).startswith(ids.slider("")) else 0.0
        return {
            "asked": no_update if refused and query == before else [query, wait],
            "shown": said,
            # A message about the address stays until a setting changes.
            "message": refused or (message if before is None else ""),
            "unshown": unshown,
        }

    app.callback(
        output={
            "asked": Output(ids.ASKED, "data"),
            "shown": [Output(ids.shown(path), "children") for path in offer.by_path],
            "message": Output(ids.MESSAGE, "children", allow_duplicate=True),
            "unshown": Output(ids.REFUSED, "children"),
        },
        inputs={
            "places": [Input(ids.slider(path), "value") for path in offer.by_path],
            "sides": [Input(ids.SIDE_A, "value"), Input(ids.SIDE_B, "value")],
            "names": [Input(ids.CAPABILITY, "value"), Input(ids.ACTOR_CLASS, "value")],
            "numbers": {name: Input(name, "value") for name in (ids.SEED, ids.WORLDS, ids.FUTURES)},
            "timeline": Input(ids.CHOSEN, "data"),
        },
        state={"before": State(ids.STATE, "data"), "message": State(ids.MESSAGE, "children")},
        prevent_initial_call="initial_duplicate",
    )(gather)


def _state_to_results(app: Dash, simulator: Simulator) -> None:
    drawn = [
        *[(ids.SUMMARY, "children"), (ids.STATUS, "children"), (ids.HEADLINES, "children")],
        *[(name, "figure") for name in _FIGURES],
    ]

    def draw(query: str, page: str) -> Any:
        """The part that can be drawn at once."""
        try:
            state = asked.state_of(query, simulator.offer)
            simulator.ask(page, state)
            soon = simulator.sooner(state)
            found = shown(simulator.simulated(soon, page, state), state, simulator.is_slow(state))
        except Superseded:
            raise PreventUpdate from None
        except EngineError as error:
            return [
                "This cannot be simulated. The figures show the previous settings.",
                f"{error}",
                *[no_update] * (len(drawn) - 2),
            ], no_update
        return found, query if soon != state else no_update

    app.callback(
        output=[[Output(*part) for part in drawn], Output(ids.DRAWN, "data")],
        inputs=[Input(ids.STATE, "data")],
        state=[State(ids.PAGE, "data")],
        prevent_initial_call=True,
    )(draw)

    def draw_all(query: str, page: str) -> Any:
        """The rest, if only a part was drawn."""
        state = asked.state_of(query, simulator.offer)
        try:
            return shown(simulator.simulated(state, page), state)
        except Superseded:
            raise PreventUpdate from None
        except Busy as error:
            return [no_update, f"Only some futures are drawn: {error}.", *[no_update] * (len(drawn) - 2)]

    app.callback(
        [Output(*part, allow_duplicate=True) for part in drawn],
        Input(ids.DRAWN, "data"),
        State(ids.PAGE, "data"),
        prevent_initial_call=True,
    )(draw_all)


def shown(simulated: Simulated, state: asked.State, slow: bool = False) -> list[Any]:
    """The parts of the page for a state, without the timeline: sentence, status, table and figures."""
    results = simulated.results
    return [
        words.summary(simulated),
        words.status(simulated, state, slow),
        tables.table(words.headlines(simulated)),
        attainment_figure(results, state.capability, state.actor_class),
        access_figure(results, state.capability),
        compute_figure(results, state.actor_class),
        dots_figure(results, state.capability, state.actor_class, simulated.state.timeline),
    ]


def _state_to_timeline(app: Dash, offer: Offer) -> None:
    def show(query: str) -> Any:
        try:
            state = asked.state_of(query, offer)
            found = timeline_of(state, offer)
        except EngineError as error:
            return html.P(f"This cannot be replayed: {error}.")
        if found is None:
            return layout.no_timeline()
        return tables.timeline(found, (spoken_side(state, SIDES[0]), spoken_side(state, SIDES[1])))

    app.callback(Output(ids.TIMELINE, "children"), Input(ids.STATE, "data"), prevent_initial_call=True)(show)
