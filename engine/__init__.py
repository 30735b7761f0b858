"""When does each class of actor gain an AI capability, and how sure are we?

    import engine

    scenario = engine.load_scenario("scenarios/baseline.yaml")
    results = engine.simulate(scenario, worlds=1000, futures=10, seed=2026)
    history = engine.replay(scenario, world=17, future=3, worlds=1000, seed=2026)
    policies = engine.simulate(engine.load_scenario("scenarios/policies.yaml"), seed=2026)
    differences = engine.paired_table(policies)
    sampled = engine.simulate(engine.load_scenario("scenarios/policies.yaml"), seed=2026, keep_samples=True)
    failures = engine.stress_test(sampled)
    influences = engine.sobol(scenario)

After Pilz, Heim & Brown 2024, *Increased Compute Efficiency and the Diffusion of AI Capabilities*,
arXiv:2311.15377v2.
"""

from engine._version import __version__
from engine.analysis import outcomes, paired_table, sobol, stress_test
from engine.errors import EngineError, InputError
from engine.replay import History, replay, side_by_side
from engine.results import ResultsError, open_results, resume, simulate, write_results
from engine.scenario import Scenario, ScenarioError, load_scenario, parse_scenario

__all__ = [
    "EngineError",
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
