"""The command `leads`."""

from __future__ import annotations

from engine.analyses.leads.analysis import leads
from engine.analyses.leads.summary import leads_in_words
from engine.execution import Execution
from engine.execution.atomic_write import DATASET
from engine.scenario import SAMPLING, check_addresses, load_scenario
from engine.shell.options import (
    Ceiling,
    Drawn,
    Futures,
    Output,
    Policies,
    ScenarioPath,
    Seed,
    Threads,
    Worlds,
    default_output,
    named,
)
from engine.shell.printing import finish
from engine.simulation import simulate


def command(
    scenario: ScenarioPath,
    policies: Policies = None,
    worlds: Worlds = 512,
    futures: Futures = 4,
    seed: Seed = 0,
    sampling: Drawn = SAMPLING,
    threads: Threads = None,
    ceiling: Ceiling = 100.0,
    output: Output = None,
) -> None:
    """Leads are in years, in orders of magnitude of effective compute, and in points of the performance score."""
    check_addresses(worlds, futures, seed, sampling)
    loaded = load_scenario(scenario)
    target = output or default_output(f"{loaded.name}-leads", DATASET)
    results = simulate(
        loaded,
        worlds,
        futures,
        seed,
        policies=named(loaded, policies or ""),
        sampling=sampling,
        execution=Execution(threads=threads, progress=True),
        keep="paths",
    )
    found = leads(results, ceiling)
    words = [leads_in_words(found, str(policy)) for policy in found["policy"].values]
    finish(found, "\n\n".join(words), target)
