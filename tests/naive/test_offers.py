"""Who has what by training, distillation and services: a fixpoint over all runs of a future, in plain Python.

The runs of a future are taken from the Monte Carlo clock. What their models have, which of them are released or served,
and what runs learn from them is found by asking all of it again and again, until nothing changes.
"""

from __future__ import annotations

import math
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from helpers import oom, scenario
from one_future import play

from engine.montecarlo.clock import EVERYTHING
from engine.montecarlo.future import SERVICES, Setting, new_future
from engine.montecarlo.tally import log10_thresholds
from engine.rules.luck import Stream, uniform
from engine.scenario import WorldSampler

pytestmark = pytest.mark.known

SEED = 20_231_115
SCENARIOS, FUTURES = 60, 3
KINDS = ("dangerous", "valuable", "dangerous")


def drawn_measure(rng, classes):
    """A limit on distillation or a withdrawal, on a grid of quarters of a year, so that moments often coincide."""
    start = 2020.0 + 0.25 * rng.integers(0, 30)
    measure = {"start": start, "end": start + 0.25 * rng.integers(1, 20)}
    if rng.random() < 0.5:
        measure["classes"] = [str(rng.choice(classes))]
    kind = rng.random()
    if kind < 0.3:
        return {**measure, "measure": "hosting_safeguards", "withdraws_dangerous": True, "compliance": 0.7}
    if kind < 0.5:
        return {**measure, "measure": "hosting_safeguards", "refuses": [str(rng.choice(classes))]}
    return {**measure, "measure": "distillation_limits", "distillation_limit": rng.choice([0.25, 0.5, 1.0])}


def drawn_scenario(rng):
    """Two to five classes within reach of one another, few of which serve one another, on grids of binary fractions."""
    names = ["a", "b", "c", "d", "e"][: rng.integers(2, 6)]
    classes = {
        name: {
            "count": int(rng.integers(1, 4)),
            "budget": oom(8.0 - (0.25 * rng.integers(0, 7) if c else 0.0), "log10 US$"),
            "budget_growth": oom(float(rng.choice([0.0, 0.0, 0.25])), "OOM/yr"),
            "run_duration": 0.25 * rng.integers(1, 5),
            "run_pause": float(rng.choice([0.0, 0.0, 0.5])),
            "hosting": float(rng.choice([0.0, 0.5, 1.0, 1.0, 1.0])),
            "hosting_dangerous": float(rng.choice([0.0, 0.5, 1.0, 1.0])),
            "deployment_lag": 0.25 * rng.integers(0, 4),
            "openness": float(rng.choice([0.0, 0.0, 0.2, 1.0])),
            "openness_dangerous": float(rng.choice([0.0, 0.5, 1.0])),
            "release_lag": 0.25 * rng.integers(0, 4),
            "runnable_compute": 1e20,
        }
        for c, name in enumerate(names)
    }
    # Each serves the next class alone, or some classes at random.
    chain, closed = rng.random() < 0.5, {}
    for c, name in enumerate(names):
        others = [one for d, one in enumerate(names) if (d != c + 1 if chain else rng.random() < 0.5)]
        if others:
            closed[f"closed_by_{name}"] = {"of": [name], "to": others, "serves": False}
    return scenario(
        algorithms={"efficiency_trend": oom(float(rng.choice([0.0, 0.0, 0.125])), "OOM/yr")},
        actor_classes=classes,
        relations=closed,
        capabilities={
            f"skill_{k}": {
                "kind": kind,
                "requirement": oom(25.5 + 0.25 * rng.integers(0, 4), "log10 FLOP"),
                "least_compute": oom(24.25 + 0.25 * rng.integers(0, 5), "log10 FLOP"),
            }
            for k, kind in enumerate(KINDS)
        },
        distillation={
            "distillation_gain_hosted": oom(0.25 * rng.integers(0, 9)),
            "distillation_gain_open": oom(0.25 * rng.integers(0, 7)),
            "distillation_lag": 0.25 * rng.integers(0, 5),
        },
        policies={"policy": {"measures": [drawn_measure(rng, names) for _ in range(rng.integers(1, 4))]}},
    )


class Plain:
    """A future whose runs are known."""

    def __init__(self, luck, spec, world, policy, future):
        ledger, self.regime, self.policy = future.ledger, future.regime, policy
        self.luck, self.world, self.spec = luck, world, spec
        self.measures = range(int(policy["n_measures"]))
        fields = ("of_class", "actor", "number", "begun", "finished", "compute", "reached", "publication")
        self.runs = [
            SimpleNamespace(**{name: getattr(ledger, name)[r] for name in fields}) for r in range(ledger.runs[0])
        ]
        self.required = future.exogenous.requirement
        edges = [edge for m in self.measures for edge in (self.regime.start[m], self.regime.end[m])]
        self.edges = [edge for edge in edges if math.isfinite(edge)]
        relation = {(of, to): one for one in spec.relations.values() for of in one.of for to in one.to}
        names = spec.class_names
        self.open_to = [[(a, b) not in relation or relation[a, b].serves for b in names] for a in names]

    def bound(self, m, a, t):
        return self.regime.obeys[m, a] and self.regime.start[m] <= t < self.regime.end[m]

    def closed(self, model, c, t):
        """Whether a measure closes a service to class `c` at `t`."""
        withdraws, refuses = self.policy["withdraws"], self.policy["refuses"]
        closing = (m for m in self.measures if refuses[m, c] or (model.dangerous and withdraws[m]))
        return any(self.bound(m, model.actor, t) for m in closing)

    def limit(self, a, t):
        """The share of the gain from services of actor `a` that is lost at `t`."""
        return max([0.0, *(self.policy["distillation_limit"][m] for m in self.measures if self.bound(m, a, t))])

    def offer(self, model):
        """Set the beginnings of a model's release and service, infinite for none."""
        w, c = self.world, model.of_class
        model.dangerous = any(KINDS[k] == "dangerous" for k in model.has)
        openness = w["openness"][c] * (w["openness_dangerous"][c] if model.dangerous else 1.0)
        share = w["hosting"][c] * (w["hosting_dangerous"][c] if model.dangerous else 1.0)
        member = model.actor - w["first_actor"][c]
        address = (w["class_address"][c], (member << 16) | model.number)
        times = {}
        for kind, offered, lag in (
            ("released", model.publication < openness, w["release_lag"][c]),
            ("served", uniform(self.luck, Stream.HOSTING, *address) < share, w["deployment_lag"][c]),
        ):
            time = model.finished + lag
            times[kind] = time if model.has and offered and time < w["horizon"] else math.inf
        model.released, model.served = times["released"], times["served"]

    def gain(self, run, k):
        """OOM that a run needs less for `k`."""
        w, gains = self.world, [0.0]
        before = run.begun - w["distillation_lag"]
        for model in self.runs:
            if k in model.has and model.released <= before:
                gains.append(w["distillation_gain_open"])
            if k in model.has and self.open_to[model.of_class][run.of_class]:
                for t in (model.served, *self.edges):
                    if model.served <= t <= before and not self.closed(model, run.of_class, t):
                        gains.append(w["distillation_gain_hosted"] * (1.0 - self.limit(model.actor, t)))
        return max(gains)

    def able(self, run, k, gain):
        return run.reached >= self.required[k] - gain and run.compute >= self.world["least_compute"][k]

    def settle(self):
        """Ask what every run has until nothing changes; returns how often it was asked."""
        for run in self.runs:
            run.alone = run.has = {k for k in range(len(KINDS)) if self.able(run, k, 0.0)}
            self.offer(run)
        for asked in range(len(self.runs) + 2):
            now = [{k for k in range(len(KINDS)) if self.able(run, k, self.gain(run, k))} for run in self.runs]
            if now == [run.has for run in self.runs]:
                return asked
            for run, has in zip(self.runs, now, strict=True):
                run.has = has
                self.offer(run)
        raise AssertionError("it never settles")

    def first_served(self, c, k):
        """The first time at which class `c` may learn `k` from a service."""
        return min(
            (
                t
                for model in self.runs
                if k in model.has and self.open_to[model.of_class][c]
                for t in (model.served, *self.edges)
                if model.served <= t and not self.closed(model, c, t)
            ),
            default=math.inf,
        )

    def use(self, c, k):
        """Periods in which class `c` can use `k`: stretches between moments at which anything may change."""
        horizon, periods = self.world["horizon"], []
        models = [one for one in self.runs if k in one.has and self.open_to[one.of_class][c] and one.served < horizon]
        moments = sorted({*(one.served for one in models), *self.edges, horizon})
        for since, until in pairwise(moment for moment in moments if moment <= horizon):
            if any(one.served <= since and not self.closed(one, c, since) for one in models):
                if periods and periods[-1][1] == since:
                    since = periods.pop()[0]
                periods.append((since, until))
        return periods


def bits(capabilities):
    return sum(1 << k for k in capabilities)


def first(times):
    return min(times, default=math.inf)


def compare(plain, future):
    """Hold what the engine found of a future against what the plain one says."""
    ledger, attainments, runs = future.ledger, future.attainments, plain.runs
    assert ledger.capabilities[: len(runs)].tolist() == [bits(run.has) for run in runs]
    assert ledger.distilled[: len(runs)].tolist() == [bits(run.has - run.alone) for run in runs]
    assert future.counted[SERVICES] == sum(run.served < math.inf for run in runs)
    for k in range(len(KINDS)):
        for a in range(attainments.served.shape[0]):
            mine = [run for run in runs if run.actor == a and k in run.has]
            assert attainments.served[a, k] == first(run.served for run in mine)
            assert attainments.served_harmless[a, k] == first(run.served for run in mine if not run.dangerous)
        assert attainments.first_release[k] == first(run.released for run in runs if k in run.has)
        for c in range(len(plain.spec.actor_classes)):
            assert attainments.first_served[c, k] == plain.first_served(c, k)
            mine = [(run.finished, k in run.alone) for run in runs if run.of_class == c and k in run.has]
            assert attainments.class_trained[c, k] == first(time for time, _ in mine)
            alone = any(own for time, own in mine if time == attainments.class_trained[c, k])
            assert attainments.class_distilled[c, k] == (len(mine) > 0 and not alone)
            uses = attainments.uses[c, k]
            found = list(zip(attainments.use_start[c, k, :uses], attainments.use_end[c, k, :uses], strict=True))
            assert found == plain.use(c, k)


def test_what_models_have_and_how_they_are_offered_is_the_fixpoint():
    """180 futures of 60 random scenarios, with measures, to the bit. Chains of distillation need several rounds."""
    rng = np.random.default_rng(SEED)
    rounds, distilled, runs = [], 0, 0
    for n in range(SCENARIOS):
        spec = drawn_scenario(rng)
        records, policies = WorldSampler(spec, 1, SEED).draw()
        future = new_future(spec, records, policies)
        for f in range(FUTURES):
            luck = (SEED, n, f)
            setting = Setting(luck, records[0], policies[0, 1], log10_thresholds(spec), 0.25)
            play(setting, EVERYTHING, future)
            plain = Plain(luck, spec, records[0], policies[0, 1], future)
            rounds.append(plain.settle())
            compare(plain, future)
            distilled += sum(len(run.has - run.alone) for run in plain.runs)
            runs += len(plain.runs)
    # One round finds what the first models teach; a second, what those teach who learnt it themselves.
    assert sum(number >= 2 for number in rounds) >= 5
    assert 1_000 < distilled < runs
