"""Random valid scenarios, small enough to be replayed, with every mechanism on and off."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

import engine
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
        "proprietary_tokens": _between(11, 15).map(lambda x: {"value": x, "unit": "log10 tokens"}),
        "openness": _probability,
        "release_lag": _lag,
        "uptake_lag": _lag,
        "runnable_compute": _flop(24, 29),
        "theft_rate": _off_or(_between(0.01, 3)),
        "security": _probability,
    },
)
_capability = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["dangerous", "valuable"]),
        "requirement": st.one_of(_flop(25.5, 31), st.just({"normal": {"p5": 26, "p95": 28}, "unit": "log10 FLOP"})),
    },
    optional={"requirement_spread": _oom(0.0, 0.5)},
)


def _named(prefix: str, strategy: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[dict[str, Any]]:
    return st.lists(strategy, min_size=1, max_size=most).map(
        lambda members: {f"{prefix}_{i}": member for i, member in enumerate(members)}
    )


scenarios: st.SearchStrategy[Scenario] = st.fixed_dictionaries(
    {
        "start": st.sampled_from([2018, 2025, 2025.37]),
        "horizon": st.sampled_from([2030, 2035.5, 2041]),
        "hardware": _hardware,
        "algorithms": _algorithms,
        "investment": st.fixed_dictionaries({}, optional={"common_shock_share": _probability}),
        "parallelisation": _parallelisation,
        "data": _data,
        "actor_classes": _named("class", _actor_class, 5),
        "capabilities": _named("capability", _capability, 4),
    }
).map(lambda data: engine.parse_scenario(data, "random"))
