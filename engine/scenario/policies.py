"""Policies in the form that the clocks use: one record each, whose numbers are drawn with the world."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.rules.governance import LEVERS
from engine.rules.regime import ANY, ANY_DANGEROUS, Event, Step
from engine.scenario.measure import Measure
from engine.scenario.measures import MAX_MEASURES
from engine.scenario.names import addresses
from engine.scenario.schedule import undated
from engine.scenario.schema import Scenario
from engine.scenario.sections import MAX_CLASSES

#: One policy, drawn. Arrays over measures are padded. A measure whose numbers change at dates has several entries in
#: them, its parts: each is in force from `from_date` until before `to_date` at most (infinite for a measure without
#: dates), and `first_part` is the entry of the first. Numbers are float64 in carried units, under the names of the
#: scenario's keys. `first_step` is the first `Step` of a future that the policy changes; with `licenses`
#: runs may wait for licences, with `caps_relatively` they may depend on one another.
POLICY = np.dtype(
    [
        ("n_measures", np.int64),
        ("first_step", np.int64),
        ("licenses", np.int64),
        ("caps_relatively", np.int64),
        ("kind_address", np.int64, (MAX_MEASURES,)),
        ("acts_on", np.int64, (MAX_MEASURES,)),
        ("first_part", np.int64, (MAX_MEASURES,)),
        ("from_date", np.float64, (MAX_MEASURES,)),
        ("to_date", np.float64, (MAX_MEASURES,)),
        ("trigger", np.int64, (MAX_MEASURES,)),
        ("trigger_capability", np.int64, (MAX_MEASURES,)),
        ("binds", np.int64, (MAX_MEASURES, MAX_CLASSES)),
        ("sized_at_start", np.int64, (MAX_MEASURES,)),
        ("licenses_use", np.int64, (MAX_MEASURES,)),
        ("withdraws", np.int64, (MAX_MEASURES,)),
        ("refuses", np.int64, (MAX_MEASURES, MAX_CLASSES)),
        *[
            (key, np.float64, (MAX_MEASURES,))
            for key in ("start", "trigger_compute", "delay", "end", "duration", "compliance", "exit_rate", *LEVERS)
        ],
    ]
)


def policy_records(scenario: Scenario) -> NDArray[Any]:
    """The policies of `scenario` in the order of `policy_names`, with their certain numbers, (policy,)."""
    records = np.zeros(len(scenario.policy_names), POLICY)
    for key, neutral in LEVERS.items():
        records[key] = neutral
    records["first_step"] = Step.NOTHING
    records["first_part"] = np.arange(MAX_MEASURES)
    records["from_date"], records["to_date"] = -math.inf, math.inf
    for record, policy in zip(records[1:], scenario.policies.values(), strict=True):
        record["n_measures"] = policy.entries
        record["first_step"] = min(measure.ACTS_ON for measure in policy.measures)
        first = 0
        for measure in policy.measures:
            stretches = measure.stretches()
            for m, stretch in enumerate(stretches, start=first):
                record["first_part"][m] = first
                record["from_date"][m], record["to_date"][m] = stretch
                _enter(record, m, measure, scenario)
            for key, parts, number in measure.numbers_of_parts():
                field = record[undated(key)]
                field[first + parts.start : first + parts.stop] = number.quantile(np.array([0.5]))[0]
            if "start" not in measure.model_fields_set:
                record["start"][first : first + len(stretches)] = scenario.start
            first += len(stretches)
    return records


def _enter(record: Any, m: int, measure: Measure, scenario: Scenario) -> None:
    record["licenses"] |= "licence_delay" in measure.model_fields_set
    record["caps_relatively"] |= "relative_cap" in measure.model_fields_set
    record["sized_at_start"][m] = getattr(measure, "sized_at", "") == "start"
    record["licenses_use"][m] = "licence_delay" in measure.model_fields_set
    record["withdraws"][m] = getattr(measure, "withdraws_dangerous", False)
    record["kind_address"][m] = addresses([measure.measure])[0]
    record["acts_on"][m] = measure.ACTS_ON
    record["trigger"][m] = Event[measure.trigger.upper()] if measure.trigger else Event.DATE
    if measure.trigger_capability is not None:
        record["trigger_capability"][m] = scenario.capability_names.index(measure.trigger_capability)
    else:
        record["trigger_capability"][m] = ANY_DANGEROUS if measure.trigger == "emergence" else ANY
    for c, name in enumerate(scenario.class_names):
        record["refuses"][m, c] = name in (getattr(measure, "refuses", None) or ())
        record["binds"][m, c] = measure.classes is None or name in measure.classes
