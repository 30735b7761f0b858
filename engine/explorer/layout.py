"""The layout of the page."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from dash import dcc, html

from engine.explorer import ids
from engine.explorer.offer import STEPS, Assumption, Offer
from engine.explorer.state import MOST_FUTURES, MOST_SEED, State, first_state
from engine.explorer.words import format_assumption
from engine.text.format import spoken
from engine.text.printable import printable

#: The text until the first futures are drawn.
WAITING = (
    "Simulating the first futures. After installation the engine is compiled first, which takes half a minute: "
    "please wait."
)
_GRAPH = {"displaylogo": False, "responsive": True, "modeBarButtons": [["toImage"]]}


def page(offer: Offer) -> Any:
    """The whole page before the first simulation; each call makes one with a name of its own."""
    state = first_state(offer)
    return html.Div(
        [
            dcc.Location(id=ids.ADDRESS, refresh=False),
            dcc.Store(id=ids.PAGE, data=secrets.token_hex(8)),
            dcc.Store(id=ids.ASKED),
            dcc.Store(id=ids.STATE),
            dcc.Store(id=ids.DRAWN),
            dcc.Store(id=ids.CHOSEN),
            html.A("Skip to the results", href=f"#{ids.RESULTS}", className="skip"),
            html.Header([html.H1(f"Explore {spoken(offer.scenario.name)}"), _about(offer), _way_down()]),
            html.Div([_controls(offer, state), _results(offer, state)], className="columns"),
        ],
        className="page",
    )


def _about(offer: Offer) -> Any:
    years = f"{offer.scenario.start:g} to {offer.scenario.horizon:g}"
    return html.P([f"{printable(offer.scenario.description)} ", html.Span(f"({years})", className="quiet")])


def _way_down() -> Any:
    """The link to the controls, which stand below the results on a small screen."""
    return html.A("Go to measures and assumptions", href=f"#{ids.CONTROLS}", className="small-screen")


def _controls(offer: Offer, state: State) -> Any:
    return html.Aside(
        [
            html.Div(id=ids.MESSAGE, className="message"),
            _measures(offer, state),
            html.Section(
                [
                    html.H2("Assumptions"),
                    html.P(
                        "A slider moves the median of a number and keeps its spread. The tick is where the scenario "
                        "has it.",
                        className="quiet",
                    ),
                    *[_slider(assumption) for assumption in offer.assumptions],
                    html.Button("Reset all assumptions", id=ids.RESET, type="button"),
                ],
                **{"aria-label": "Assumptions"},
            ),
            _more(state),
        ],
        id=ids.CONTROLS,
        className="controls",
    )


def _measures(offer: Offer, state: State) -> Any:
    if not offer.measures:
        return html.Section(
            [
                html.H2("Measures"),
                html.P(
                    "This scenario has no policies, and no policy of the scenario `policies` fits its actor classes "
                    "and capabilities. Policies that you add under `policies:` in the scenario appear here."
                ),
                *[_checklist(offer, id_, "", ()) for id_ in (ids.SIDE_A, ids.SIDE_B)],
            ]
        )
    whose = "of the scenario `policies`" if offer.from_library else "of the scenario"
    return html.Section(
        [
            html.H2("Measures"),
            html.P(
                f"Selected policies of a side are in force together. These are the policies {whose}.", className="quiet"
            ),
            html.Div(
                [
                    _checklist(offer, ids.SIDE_A, "Side A (solid)", state.side_a),
                    _checklist(offer, ids.SIDE_B, "Side B (dashed)", state.side_b),
                ],
                className="sides",
            ),
        ],
        **{"aria-label": "Measures"},
    )


def _checklist(offer: Offer, id_: str, legend: str, ticked: Iterable[str]) -> Any:
    options = [
        {"label": spoken(offered.name), "value": offered.name, "title": printable(offered.description)}
        for offered in offer.measures
    ]
    box = dcc.Checklist(options, list(ticked), id=id_)
    return html.Fieldset([html.Legend(legend), box], hidden=not offer.measures)


def _slider(assumption: Assumption) -> Any:
    name = ids.slider(assumption.path)
    low, middle, high = (assumption.place(m) for m in (assumption.low, assumption.median, assumption.high))
    return html.Div(
        [
            html.Label(assumption.label, htmlFor=name),
            html.Output(format_assumption(assumption, assumption.median), id=ids.shown(assumption.path), htmlFor=name),
            dcc.Input(id=name, type="range", min=low, max=high, step=(high - low) / STEPS, value=middle),
            # The middle of a slider's knob, 16 pixels wide, at the scenario's value.
            html.Span(
                className="tick", style={"left": f"calc(8px + {(middle - low) / (high - low):.4f} * (100% - 16px))"}
            ),
            html.Small(assumption.about),
        ],
        className="assumption",
    )


def _more(state: State) -> Any:
    return html.Details(
        [
            html.Summary("Number of futures, and the seed"),
            html.Div(
                [
                    _number(ids.WORLDS, "Worlds", state.worlds, 1, MOST_FUTURES),
                    _number(ids.FUTURES, "Futures in each world", state.futures, 1, MOST_FUTURES),
                    _number(ids.SEED, "Seed", state.seed, 0, MOST_SEED),
                ],
                className="numbers",
            ),
            html.P(f"At most {MOST_FUTURES:,} futures in all.", className="quiet"),
        ]
    )


def _number(id_: str, label: str, value: int | None, least: int, most: int) -> Any:
    box = dcc.Input(id=id_, type="number", value=value, min=least, max=most, step=1, debounce=True)
    return html.Div([html.Label(label, htmlFor=id_), box], className="number")


def _results(offer: Offer, state: State) -> Any:
    return html.Main(
        [
            html.Div(
                [
                    html.Div(id=ids.ALERT, role="alert", className="message"),
                    html.P(WAITING, id=ids.SUMMARY, className="summary"),
                    html.P("", id=ids.STATUS, role="status", className="status"),
                ],
                className="says",
            ),
            html.Div(
                [
                    _dropdown(ids.CAPABILITY, "Capability", offer.scenario.capability_names, state.capability),
                    _dropdown(ids.ACTOR_CLASS, "Actor class", offer.scenario.class_names, state.actor_class),
                ],
                className="looked-at",
            ),
            _graph(
                ids.ATTAINMENT,
                "Attainment of the capability",
                "The probability that some member of a class has it. Bands are 95% limits of this simulation.",
            ),
            html.Section(
                [
                    html.H2("Headline numbers"),
                    html.Div(id=ids.HEADLINES, className="scrolls", tabIndex=0),
                    html.P(
                        "± is the standard error from a finite number of futures. Differences are paired: both sides "
                        "are simulated in the same futures with the same random draws. A mean delay is the average "
                        "difference of attainment times, with the horizon for later times; it is not the difference "
                        "of the two medians.",
                        className="quiet",
                    ),
                ]
            ),
            html.Div(
                [
                    _graph(ids.ACCESS, "Actors with access", "Mean number of actors; bands show 5% to 95% of futures."),
                    _graph(
                        ids.COMPUTE,
                        "Performance of the best models",
                        "Medians of each class's best model, in the colours above; the band of the selected class "
                        "shows 5% to 95% of futures.",
                    ),
                ],
                className="two",
            ),
            _graph(
                ids.DOTS,
                "Single futures",
                "Each future is a dot under A and one under B. Click a dot to replay it, or enter its numbers below.",
            ),
            _timeline(state),
            _links(),
        ],
        id=ids.RESULTS,
    )


def _graph(id_: str, title: str, about: str) -> Any:
    return html.Section(
        [
            html.H2(title),
            html.P(about, className="quiet"),
            dcc.Graph(id=id_, config=_GRAPH, style={"height": "400px"}, figure={"data": [], "layout": {}}),
        ],
        **{"aria-label": title},
    )


def _dropdown(id_: str, label: str, names: Iterable[str], value: str) -> Any:
    options = [{"label": spoken(name), "value": name} for name in names]
    box = dcc.Dropdown(options, value, id=id_, clearable=False, searchable=False)
    name = html.Label(label, htmlFor=id_, id=f"{id_}-label")
    return html.Div([name, box], className="dropdown", role="group", **{"aria-labelledby": f"{id_}-label"})


def _timeline(state: State) -> Any:
    return html.Section(
        [
            html.H2("One future, event by event"),
            html.Div(
                [
                    _number(ids.WORLD, "World", None, 0, MOST_FUTURES),
                    _number(ids.FUTURE, "Future", None, 0, MOST_FUTURES),
                    html.Button("Replay this future", id=ids.SHOW, type="button"),
                ],
                className="numbers",
            ),
            html.Div(id=ids.REFUSED, role="alert", className="message"),
            html.Div(no_timeline(), id=ids.TIMELINE, **{"aria-live": "polite"}),
        ]
    )


def no_timeline() -> Any:
    """The text in place of a timeline until a future is selected."""
    return html.P("Click a dot, or enter a world and a future.", className="quiet")


def _links() -> Any:
    return html.Section(
        [
            html.H2("Links and downloads"),
            html.Div(
                [
                    html.Label("Link to this page", htmlFor=ids.LINK),
                    dcc.Input(id=ids.LINK, type="text", readOnly=True, value=""),
                    html.Button("Copy", id=ids.COPY, type="button"),
                    html.Span(id=ids.COPIED, role="status"),
                ],
                className="link",
            ),
            html.P(
                "The link works in this browser while the explorer runs; it contains no token.",
                className="quiet",
            ),
            html.Ul(
                [
                    html.Li(
                        [
                            html.A("The scenario (YAML)", id=ids.GET_SCENARIO, href="scenario.yaml"),
                            ", a file for every command",
                        ]
                    ),
                    html.Li(
                        [
                            html.A("The results (netCDF)", id=ids.GET_RESULTS, href="results.nc"),
                            ", with single futures; takes 10 to 30 seconds",
                        ]
                    ),
                    html.Li(
                        [html.A("The report (HTML)", id=ids.GET_REPORT, href="report.html"), "; takes 10 to 30 seconds"]
                    ),
                ]
            ),
        ]
    )
