"""When does each class of actor attain an AI capability, and how sure are we?

    import engine

    scenario = engine.load_scenario("baseline")
    results = engine.simulate(scenario, worlds=1024, futures=2, seed=2026)
    history = engine.replay(scenario, world=17, future=1, seed=2026)
    policies = engine.simulate(engine.load_scenario("policies"), seed=2026)
    differences = engine.paired_table(policies)
    sampled = engine.simulate(engine.load_scenario("policies"), seed=2026, keep="samples")
    failures = engine.stress_test(sampled)
    influences = engine.sobol(scenario)

After Pilz, Heim & Brown 2024, *Increased Compute Efficiency and the Diffusion of AI Capabilities*,
arXiv:2311.15377v2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine._version import __version__

if TYPE_CHECKING:
    from engine.analyses.compare.summary import paired_table
    from engine.analyses.sensitivity.experiment import sobol
    from engine.analyses.stress.analysis import stress_test
    from engine.errors import EngineError, InputError
    from engine.execution import Execution, ResultsError
    from engine.replay import History, replay, side_by_side
    from engine.results import open_results, write_results
    from engine.scenario import Scenario, ScenarioError, load_scenario, parse_scenario
    from engine.simulation import resume, simulate
    from engine.statistics.metrics import outcomes

#: Where each public name lives; "" for a package that can be called. Names are imported when they are first used, so
#: that `import engine` is quick (PEP 562).
_HOME = {
    "EngineError": "engine.errors",
    "Execution": "engine.execution",
    "History": "engine.replay",
    "InputError": "engine.errors",
    "ResultsError": "engine.execution",
    "Scenario": "engine.scenario",
    "ScenarioError": "engine.scenario",
    "analyses": "",
    "load_scenario": "engine.scenario",
    "open_results": "engine.results",
    "outcomes": "engine.statistics.metrics",
    "paired_table": "engine.analyses.compare.summary",
    "parse_scenario": "engine.scenario",
    "replay": "",
    "resume": "engine.simulation",
    "side_by_side": "engine.replay",
    "simulate": "engine.simulation",
    "sobol": "engine.analyses.sensitivity.experiment",
    "stress_test": "engine.analyses.stress.analysis",
    "write_results": "engine.results",
}

__all__ = [
    "EngineError",
    "Execution",
    "History",
    "InputError",
    "ResultsError",
    "Scenario",
    "ScenarioError",
    "__version__",
    "load_scenario",
    "open_results",
    "outcomes",
    "paired_table",
    "parse_scenario",
    "replay",
    "resume",
    "side_by_side",
    "simulate",
    "sobol",
    "stress_test",
    "write_results",
]


def __getattr__(name: str) -> Any:
    """A public name, imported on first use."""
    from importlib import import_module

    if name not in _HOME:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    home = _HOME[name]
    found = getattr(import_module(home), name) if home else import_module(f"engine.{name}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*__all__, "analyses"]
