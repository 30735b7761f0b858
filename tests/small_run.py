"""One small run for all tests of results: every route, harm, uncertain numbers, and policies of every sort."""

from __future__ import annotations

from typing import Any

from helpers import oom

WORLDS, FUTURES, SEED = 40, 25, 20_231_115

#: Three classes, of which one is malicious; two capabilities, a dangerous and a valuable one.
RICH: dict[str, Any] = {
    "horizon": 2032,
    "hardware": {"release_gap_mean": {"lognormal": {"p5": 1.0, "p95": 2.0}}, "generation_gain_mean": 0.2},
    "algorithms": {
        "efficiency_trend": {"normal": {"mean": 0.3, "sd": 0.1}, "min": 0, "unit": "OOM/yr"},
        "efficiency_headroom": 20.0,
        "inference_trend": oom(0.1, "OOM/yr"),
    },
    "actor_classes": {
        "lab": {
            "count": 2,
            "budget_spread": 0.2,
            "run_duration": 0.3,
            "run_pause": 0.5,
            "openness": 0.4,
            "openness_dangerous": 0.5,
        },
        "follower": {"budget": 1e7, "run_duration": 0.4, "run_pause": 0.8, "theft_rate": 0.1, "uptake_lag": 0.3},
        "outsider": {
            "budget": 1e3,
            "run_duration": 0.4,
            "run_pause": 1.0,
            "theft_rate": 0.2,
            "uptake_lag": 0.45,
            "runnable_compute": 1e26,
            "attempt_rate": {"lognormal": {"p5": 0.5, "p95": 3.0}},
        },
    },
    "capabilities": {
        "early": {
            "requirement": oom(27.0, "log10 FLOP"),
            "requirement_spread": 0.3,
            "learning_lag": 0.3,
            "defence_duration": {"lognormal": {"p5": 1.0, "p95": 4.0}},
            "defence_duration_cv": 0.5,
            "defence_effectiveness": 0.7,
            "success_probability": 0.4,
            "loss_median": 1e7,
            "loss_sd": 0.8,
            "loss_tail_start": 1e9,
        },
        "late": {
            "kind": "valuable",
            "requirement": oom(29.5, "log10 FLOP"),
            "requirement_spread": 0.5,
            "least_compute": oom(26.2, "log10 FLOP"),
            "benefit_rate": 1e6,
        },
    },
    "output": {
        "quantiles": [0.05, 0.25, 0.5, 0.75, 0.95],
        "flop_thresholds": [1e24, 1e26, 1e28],
        "risk_levels": [0.8, 0.95],
    },
}

_LICENSING: dict[str, Any] = {
    "measure": "licensing",
    "start": 2022,
    "threshold": 1e26,
    "licence_delay": {"lognormal": {"p5": 0.3, "p95": 2.0}},
    "compliance": 0.8,
}
#: A policy that delays, one that hurries, one that an event starts, and one that never begins.
POLICIES: dict[str, Any] = {
    "caution": {"measures": [_LICENSING, {"measure": "security_standard", "least_security": 0.8}]},
    "support": {"measures": [{"measure": "public_compute", "classes": ["follower"], "budget_multiplier": 5.0}]},
    "brake": {
        "measures": [
            _LICENSING,
            {"measure": "compute_cap", "trigger": "emergence", "duration": 2.0, "relative_cap": 0.5},
            {"measure": "defence_programme", "trigger": "emergence", "delay": 0.25, "defence_speed": 3.0},
        ]
    },
    "idle": {"measures": [{"measure": "compute_cap", "start": 2100, "max_compute": 1e10}]},
}
