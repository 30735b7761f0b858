"""Random valid scenarios, small enough to be replayed, with every mechanism on and off."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

import engine
from engine.rules.governance import LEVERS
from engine.scenario import Scenario


def _between(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False).map(lambda x: round(x, 6))


def _oom(low: float, high: float) -> st.SearchStrategy[dict[str, Any]]:
    return _between(low, high).map(lambda x: {"value": x, "unit": "OOM"})


def _off_or(strategy: st.SearchStrategy[Any], off: Any = 0) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(off), strategy)


_growth = st.one_of(
    _between(-0.1, 0.6).map(lambda x: {"value": x, "unit": "OOM/yr"}),
    st.just({"normal": {"p5": 0.1, "p95": 0.4}, "min": 0, "unit": "OOM/yr"}),
)
_improvement = _between(0.0, 0.6).map(lambda x: {"value": x, "unit": "OOM/yr"})
_probability = _off_or(st.one_of(_between(0, 1), st.just(1.0), st.just({"beta": {"alpha": 2, "beta": 3}})))
_lag = _off_or(st.one_of(_between(0, 4), st.just({"lognormal": {"p5": 0.1, "p95": 2}})))


def _flop(low: float, high: float) -> st.SearchStrategy[dict[str, Any]]:
    return _between(low, high).map(lambda x: {"value": x, "unit": "log10 FLOP"})


_formats = st.lists(
    st.fixed_dictionaries({"format_gain": _oom(0.0, 0.5), "format_adoption_lag": _lag}), max_size=3
).map(lambda formats: [{"name": f"F{i}", **f} for i, f in enumerate(formats)])

_hardware = st.fixed_dictionaries(
    {"price_performance": st.just({"value": 17.8, "unit": "log10 FLOP/US$"})},
    optional={
        "price_decline": _improvement,
        "release_gap_mean": _between(0.3, 4),
        "release_gap_cv": _off_or(_between(0.05, 1.6)),
        "generation_gain_mean": _oom(0.0, 0.5),
        "generation_gain_sd": _off_or(_oom(0.01, 0.3)),
        "price_performance_ceiling": _between(18.0, 22.0).map(lambda x: {"value": x, "unit": "log10 FLOP/US$"}),
        "format_probability": _probability,
        "formats": _formats,
    },
)
_algorithms = st.fixed_dictionaries(
    {},
    optional={
        "efficiency_trend": _improvement,
        "efficiency_headroom": _oom(0.0, 6.0),
        "inference_trend": _improvement,
        "breakthrough_rate": _off_or(_between(0.1, 8)),
        "small_gain_mean": _oom(0.0, 0.2),
        "major_gain_mean": _oom(0.0, 0.8),
        "major_probability": _probability,
        "data_share": _probability,
        "scale_dependent_probability": _probability,
        "scale_floor": _flop(22, 27),
        "below_floor_share": _probability,
        "published_lag": _lag,
        "secret_lag": _lag,
    },
)
_parallelisation = st.fixed_dictionaries(
    {},
    optional={
        "utilisation": _between(0.1, 0.9),
        "parallel_limit": _flop(24, 29),
        "parallel_limit_growth": _improvement,
        "parallel_steepness": _between(0.1, 3),
    },
)
_data = st.fixed_dictionaries(
    {},
    optional={
        "token_stock": _between(11, 15).map(lambda x: {"value": x, "unit": "log10 tokens"}),
        "token_growth": _growth,
        "shortfall_penalty": _between(0, 1.5),
    },
)
_actor_class = st.fixed_dictionaries(
    {
        "count": st.integers(1, 5),
        "budget": st.one_of(
            _between(6, 9).map(lambda x: {"value": x, "unit": "log10 US$"}),
            st.just({"lognormal": {"p5": 1e7, "p95": 1e9}}),
        ),
        "run_duration": _between(0.05, 1),
        "run_pause": _off_or(_between(0.1, 2)),
        # Some class can always find breakthroughs.
        "research_share": _between(0.1, 3),
    },
    optional={
        "newcomers": st.sampled_from([0, 0, 2, 5]),
        "represents": st.integers(1, 50),
        "budget_growth": _growth,
        "budget_shock_sd": _oom(0.0, 0.4),
        "budget_ceiling": _between(9.5, 11).map(lambda x: {"value": x, "unit": "log10 US$"}),
        "budget_spread": _oom(0.0, 0.6),
        "procurement_lag": _lag,
        "secrecy": _probability,
        "absorption": _between(0.1, 3),
        "elicitation_mean": _oom(-0.5, 0.5),
        "elicitation_sd": _oom(0.0, 0.4),
        "entry_lag": _lag,
        "proprietary_tokens": _between(11, 15).map(lambda x: {"value": x, "unit": "log10 tokens"}),
        "openness": _probability,
        "openness_dangerous": _probability,
        "release_lag": _lag,
        "uptake_lag": _lag,
        "runnable_compute": _flop(24, 29),
        "theft_rate": _off_or(_between(0.01, 3)),
        "security": _probability,
        "hosting": _probability,
        "hosting_dangerous": _probability,
        "deployment_lag": _lag,
        "safeguards": _probability,
        "detection_rate": _off_or(_between(0.1, 20)),
        "account_lag": _lag,
        "attempt_rate": _off_or(_between(0.01, 2)),
    },
)
_distillation = st.fixed_dictionaries(
    {},
    optional={
        "distillation_gain_hosted": _oom(0.0, 2.0),
        "distillation_gain_open": _oom(0.0, 2.0),
        "distillation_lag": _lag,
    },
)
_requirement = st.one_of(_flop(25.5, 31), st.just({"normal": {"p5": 26, "p95": 28}, "unit": "log10 FLOP"}))
_dangerous = st.fixed_dictionaries(
    {"kind": st.just("dangerous"), "requirement": _requirement, "loss_median": _off_or(_between(1e3, 1e9))},
    optional={
        "requirement_spread": _oom(0.0, 0.5),
        "least_compute": _flop(24, 28),
        "learning_lag": _lag,
        "defence_duration": _lag,
        "defence_duration_cv": _off_or(_between(0.05, 1.6)),
        "defence_effectiveness": _probability,
        "defence_lead_speed": _off_or(_between(0.1, 3)),
        "success_probability": _off_or(_between(0, 0.3)),
        "loss_sd": _oom(0.0, 2.0),
        "loss_tail_start": _between(1e5, 1e9),
        "loss_tail_index": _between(0.3, 3),
    },
)
_valuable = st.fixed_dictionaries(
    {"kind": st.just("valuable"), "requirement": _requirement},
    optional={
        "requirement_spread": _oom(0.0, 0.5),
        "least_compute": _flop(24, 28),
        "benefit_rate": _between(1e3, 1e9),
    },
)
_capability = st.one_of(_dangerous, _valuable)


def _named(prefix: str, strategy: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[dict[str, Any]]:
    return st.lists(strategy, min_size=1, max_size=most).map(
        lambda members: {f"{prefix}_{i}": member for i, member in enumerate(members)}
    )


_speed = _between(1, 20)
_levers: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "compute_cap": st.one_of(
        st.fixed_dictionaries({"max_compute": _flop(25, 29)}),
        st.fixed_dictionaries({"relative_cap": _oom(-1.0, 1.0)}, optional={"max_compute": _flop(25, 29)}),
    ),
    "licensing": st.fixed_dictionaries(
        {"threshold": _flop(24, 28), "licence_delay": _lag},
        optional={
            "release_delay": _lag,
            "detection_probability": _probability,
            "sized_at": st.sampled_from(["filing", "start"]),
        },
    ),
    "export_control": st.fixed_dictionaries(
        {"price_multiplier": _oom(0.0, 1.5)}, optional={"added_procurement_lag": _lag, "leakage": _probability}
    ),
    "publication_control": st.fixed_dictionaries({"least_secrecy": _probability}, optional={"lag_multiplier": _speed}),
    "open_weights_limit": st.fixed_dictionaries(
        {"release_delay": st.one_of(_lag, st.just(float("inf")))},
        optional={
            "threshold": _flop(24, 28),
            "detection_probability": _probability,
        },
    ),
    "security_standard": st.fixed_dictionaries({"least_security": _probability}),
    "hosting_safeguards": st.one_of(
        st.fixed_dictionaries({"withdraws_dangerous": st.booleans()}),
        st.just({"refuses": ["class_0"]}),
        st.fixed_dictionaries(
            {"least_safeguards": _probability},
            optional={
                "least_detection_rate": _off_or(_between(0.1, 20)),
                "least_account_lag": _lag,
                "refusal": _probability,
            },
        ),
    ),
    "distillation_limits": st.fixed_dictionaries({"distillation_limit": _probability}),
    "capability_reporting": st.one_of(
        st.fixed_dictionaries({"learning_speed": _speed}),
        st.fixed_dictionaries(
            {"foresight": _oom(0.0, 2.0), "foresight_probability": _probability}, optional={"learning_speed": _speed}
        ),
    ),
    "defence_programme": st.fixed_dictionaries(
        {"defence_speed": _speed}, optional={"added_effectiveness": _probability}
    ),
    "public_compute": st.fixed_dictionaries({"budget_multiplier": _oom(0.0, 2.0)}),
    "research_funding": st.fixed_dictionaries(
        {"research_multiplier": _between(0, 5)}, optional={"crowding_out": _probability}
    ),
}


_DATED = {*LEVERS, "compliance"}


@st.composite
def _at_dates(draw: st.DrawFn, measure: dict[str, Any], others: list[dict[str, Any]]) -> dict[str, Any]:
    """The measure with some numbers that change at dates to those of `others`; at most four parts."""
    dates = sorted(draw(st.lists(_between(2019, 2036), min_size=len(others), max_size=len(others), unique=True)))
    changed = dict(measure)
    for key in sorted(_DATED & measure.keys()):
        values = [measure[key], *(other[key] for other in others if key in other)]
        if len(values) > 1 and draw(st.sampled_from([True, True, False])):
            first = draw(_between(2010, 2018))
            chosen = draw(
                st.lists(st.sampled_from(dates), min_size=len(values) - 1, max_size=len(values) - 1, unique=True)
            )
            changed[key] = dict(zip([first, *sorted(chosen)], values, strict=True))
    return changed


@st.composite
def _measure(draw: st.DrawFn, classes: list[str], capabilities: dict[str, Any]) -> dict[str, Any]:
    """A measure of any kind, with any start that has a meaning in the scenario."""
    kind = draw(st.sampled_from(sorted(_levers)))
    measure = {"measure": kind, **draw(_levers[kind])}
    dangerous = [name for name, capability in capabilities.items() if capability["kind"] == "dangerous"]
    starts = ["start", "date", "release", "theft", "run", "named"] + (["emergence", "incident"] if dangerous else [])
    start = draw(st.sampled_from(starts))
    if start == "date":
        measure["start"] = draw(st.one_of(_between(2016, 2042), st.just({"uniform": {"low": 2020, "high": 2030}})))
    elif start == "named":
        measure["trigger"] = draw(st.sampled_from(["emergence", "release", "theft"]))
        measure["trigger_capability"] = draw(st.sampled_from(sorted(capabilities)))
    elif start == "run":
        measure |= {"trigger": "run", "trigger_compute": draw(_flop(24, 29))}
    elif start != "start":
        measure["trigger"] = start
    if "trigger" in measure and draw(st.booleans()):
        measure["start"] = draw(_between(2020, 2035))
    optional = {
        "delay": _lag,
        "duration": _between(0.1, 10),
        "end": _between(2060, 2080),
        "compliance": _probability,
        "exit_rate": _off_or(_between(0.01, 1)),
        "classes": st.lists(st.sampled_from(classes), min_size=1, unique=True),
    }
    measure |= draw(st.fixed_dictionaries({}, optional=optional))
    numbers = st.fixed_dictionaries({"compliance": _probability})
    other = st.tuples(_levers[kind], numbers).map(lambda pair: pair[0] | pair[1])
    others = [draw(other) for _ in range(draw(st.sampled_from([0, 1, 2, 3])))]
    return draw(_at_dates(measure, others)) if others else measure


@st.composite
def _with_entry(draw: st.DrawFn) -> dict[str, Any]:
    """A class, with a rate of entry if anyone may enter."""
    data = draw(_actor_class)
    if data.get("newcomers"):
        data |= {"newcomer_rate": draw(_between(0.05, 2)), "newcomer_growth": draw(_growth)}
    return data


@st.composite
def _relations(draw: st.DrawFn, classes: list[str]) -> dict[str, Any]:
    """Up to three relations, no two of them of the same pair."""
    pairs = draw(st.lists(st.tuples(*[st.sampled_from(classes)] * 2), max_size=3, unique=True))
    factor = _off_or(_between(0.1, 5))
    numbers = st.fixed_dictionaries({"serves": st.booleans()}, optional={"lag_factor": factor, "theft_factor": factor})
    return {f"relation_{n}": {"of": [of], "to": [to], **draw(numbers)} for n, (of, to) in enumerate(pairs)}


@st.composite
def _scenario(draw: st.DrawFn) -> Scenario:
    classes, capabilities = draw(_named("class", _with_entry(), 5)), draw(_named("capability", _capability, 4))
    names = list(capabilities)
    for n, name in enumerate(names[1:], start=1):
        if draw(st.booleans()):
            capabilities[name]["after"] = draw(st.lists(st.sampled_from(names[:n]), min_size=1, unique=True))
    policy = st.lists(_measure(list(classes), capabilities), min_size=1, max_size=4).map(lambda m: {"measures": m})
    data = {
        "start": draw(st.sampled_from([2018, 2025, 2025.37])),
        "horizon": draw(st.sampled_from([2030, 2035.5, 2041])),
        "hardware": draw(_hardware),
        "algorithms": draw(_algorithms),
        "investment": draw(st.fixed_dictionaries({}, optional={"common_shock_share": _probability})),
        "parallelisation": draw(_parallelisation),
        "data": draw(_data),
        "actor_classes": classes,
        "relations": draw(_relations(list(classes))),
        "distillation": draw(_distillation),
        "capabilities": capabilities,
        "emergence": draw(st.just({}) | st.fixed_dictionaries({"common_deviation_share": _probability})),
        "policies": draw(_named("policy", policy, 3)),
    }
    return engine.parse_scenario(data, "random")


scenarios: st.SearchStrategy[Scenario] = _scenario()
