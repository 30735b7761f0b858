"""Whether two scenarios are the same, regardless of their layout."""

from __future__ import annotations

import hashlib

from engine.scenario.schema import Scenario


def scenario_hash(scenario: Scenario) -> str:
    """SHA-256 of the scenario's numbers and names, independent of the layout of the file."""
    digest = hashlib.sha256()
    output = scenario.output
    digest.update(repr((scenario.start, scenario.horizon)).encode())
    digest.update(repr((output.time_step, output.flop_thresholds, output.quantiles, output.risk_levels)).encode())
    digest.update(repr(output.investments).encode())
    digest.update(repr([(correlation.between, correlation.rank) for correlation in scenario.correlations]).encode())
    for name, spec in scenario.actor_classes.items():
        digest.update(repr((name, spec.count, spec.newcomers, spec.represents)).encode())
    for name, relation in scenario.relations.items():
        digest.update(repr((name, relation.of, relation.to, relation.serves)).encode())
    for name, capability in scenario.capabilities.items():
        digest.update(repr((name, capability.kind, capability.after)).encode())
    for name, policy in scenario.policies.items():
        for called, measure in policy.named_measures():
            digest.update(repr((name, called, measure.trigger, measure.trigger_capability, measure.classes)).encode())
            digest.update(repr("start" in measure.model_fields_set).encode())
            choices = [getattr(measure, key, None) for key in ("sized_at", "withdraws_dangerous", "refuses")]
            digest.update(repr(choices).encode())
    for path, _, _, number in scenario.number_paths():
        parts = (path, number.unit, number.family, sorted(number.parameters.items()), number.minimum, number.maximum)
        digest.update(repr(parts).encode())
    return digest.hexdigest()
