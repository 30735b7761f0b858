"""Who steals what, and who has access by when: over the runs of a finished future, in plain Python.

The runs of a future and the access by open weights are taken from the Monte Carlo clock. Every real actor is followed
by itself here, whoever stands for it, and each keeps all that it steals.
"""

from __future__ import annotations

import math
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from helpers import oom, scenario
from one_future import play

import engine
from engine.montecarlo.clock import EVERYTHING
from engine.montecarlo.future import STOLEN, THEFTS, Setting, new_future
from engine.montecarlo.tally import log10_thresholds
from engine.rules.diffusion import cheapening
from engine.rules.luck import Stream, uniform_pair
from engine.scenario import WorldSampler

pytestmark = pytest.mark.known

SEED = 20_231_115
SCENARIOS, FUTURES = 24, 3
NEAR = 1e-6
GUARD = {"start": 2024.0, "least_security": 0.5}
RUN = ("of_class", "actor", "finished", "compute", "reached", "capabilities")


def drawn_scenario(rng):
    """Two to four classes that steal from one another; some train, release, grow, and cannot run all models at once."""
    classes = {}
    for c, name in enumerate(["a", "b", "c", "d"][: rng.integers(2, 5)]):
        newcomers = int(rng.choice([0, 0, 2]))
        classes[name] = {
            "count": int(rng.integers(1, 4)),
            "represents": int(rng.choice([1, 2, 3, 7])),
            "newcomers": newcomers,
            "budget": oom(8.0 - (0.5 * rng.integers(0, 6) if c else 0.0), "log10 US$"),
            "budget_growth": oom(float(rng.choice([0.0, 0.25])), "OOM/yr"),
            "budget_spread": oom(0.4),
            "run_duration": 0.25 * rng.integers(1, 5),
            "run_pause": float(rng.choice([0.0, 0.5])),
            "openness": float(rng.choice([0.0, 0.0, 0.05])),
            "uptake_lag": float(rng.choice([0.0, 0.5])),
            "runnable_compute": float(rng.choice([1e24, 1e25, 1e26])),
            "theft_rate": float(rng.choice([0.0, 0.5, 3.0, 30.0])),
            "security": float(rng.choice([0.0, 0.5, 1.0])) if c else 0.25,
        }
        if newcomers:
            classes[name] |= {"newcomer_rate": 0.5}
    names = list(classes)
    of, to = rng.choice(names, 2)
    return scenario(
        hardware={
            "price_decline": oom(float(rng.choice([0.0, 0.1])), "OOM/yr"),
            "release_gap_mean": 1.5,
            "release_gap_cv": 0.5,
            "generation_gain_mean": oom(0.2),
            "price_performance_ceiling": oom(float(rng.choice([19.0, 21.0])), "log10 FLOP/US$"),
        },
        algorithms={
            "efficiency_trend": oom(float(rng.choice([0.0, 0.25])), "OOM/yr"),
            "inference_trend": oom(float(rng.choice([0.0, 0.2])), "OOM/yr"),
        },
        actor_classes=classes,
        relations={"pair": {"of": [str(of)], "to": [str(to)], "theft_factor": float(rng.choice([0.0, 2.0]))}},
        capabilities={
            f"skill_{k}": {"kind": kind, "requirement": oom(25.75 + 0.25 * rng.integers(0, 5), "log10 FLOP")}
            for k, kind in enumerate(["dangerous", "valuable", "dangerous"])
        },
        policies={"guard": {"measures": [{"measure": "security_standard", **GUARD}]}},
    )


class Twin:
    """The thefts of a finished `future`, and the time from which each real actor has each capability."""

    def __init__(self, spec, world, future, luck):
        self.spec, self.world, self.luck = spec, world, luck
        ledger, self.exogenous = future.ledger, future.exogenous
        self.runs = [
            SimpleNamespace(**{name: getattr(ledger, name)[r].item() for name in RUN}) for r in range(ledger.runs[0])
        ]
        self.skills = range(len(spec.capability_names))
        self.opened = future.attainments.class_open
        self.reals = [self._real_actors(c, future) for c in range(len(spec.class_names))]
        self.thefts, self.first = 0, [math.inf for _ in self.skills]
        for c in range(len(spec.class_names)):
            self._steal(c)

    def _real_actors(self, c, future):
        """The real actors of a class, in their order: entry, own access, and access by what they stole."""
        reals, a = [], int(self.world["first_actor"][c])
        for weight in list(self.spec.actor_classes.values())[c].weights:
            entered = float(future.regime.entered[a])
            mine = [run for run in self.runs if run.actor == a]
            trained = [
                min((run.finished for run in mine if run.capabilities >> k & 1), default=math.inf) for k in self.skills
            ]
            own = [min(trained[k], max(float(self.opened[c, k]), entered)) for k in self.skills]
            reals += [
                SimpleNamespace(entered=entered, own=own, stolen=[[] for _ in self.skills]) for _ in range(weight)
            ]
            a += 1
        return reals

    def _steal(self, c):
        """Follow thefts at the sum of the rates of all holders, year by year of no change."""
        world, address, n, since = self.world, int(self.world["class_address"][c]), 0, self.spec.start
        rate = float(world["theft_rate"][c])
        models = [[run for run in self.runs if run.of_class == d and run.capabilities] for d in range(len(self.reals))]
        held = [min((run.finished for run in of_class), default=math.inf) for of_class in models]
        left = -math.log(self._uniforms(address, 0)[0]) if rate else math.inf
        while rate and since < self.spec.horizon:
            shares = [self._unsecured(c, d, since) for d in range(len(self.reals))]
            holders = [d for d in range(len(self.reals)) if d != c and held[d] <= since]
            total = sum(shares[d] for d in holders)
            edges = [self.spec.horizon, GUARD["start"], *held[:c], *held[c + 1 :]]
            later = min(time for time in edges if time > since)
            when = since + (left / (rate * total) if total else math.inf)
            if when >= later:
                left -= rate * total * (later - since)
                since = later
                continue
            since = when
            pick = self._uniforms(address, 2 * n)[1] * total
            exposed = [d for d in holders if shares[d] > 0.0]
            ends = np.cumsum([shares[d] for d in exposed])
            holder = exposed[min(int((ends <= pick).sum()), len(exposed) - 1)]
            present = [real for real in self.reals[c] if real.entered <= since]
            who = present[int(self._uniforms(address, 2 * n + 1)[0] * len(present))]
            self._give(c, who, since, [run for run in models[holder] if run.finished <= since])
            n += 1
            left = -math.log(self._uniforms(address, 2 * n)[0])

    def _give(self, c, who, when, models):
        """An actor takes the best of some models; it counts if it brings what it lacks, and has in none so small."""
        best = max(models, key=lambda run: (run.reached, -run.finished))
        gains = False
        for k in self.skills:
            has = who.own[k] <= when or any(used <= when for used, _ in who.stolen[k])
            if best.capabilities >> k & 1 and not has and all(best.compute < size for _, size in who.stolen[k]):
                who.stolen[k].append((self._runnable(c, best.compute, when), best.compute))
                self.first[k] = min(self.first[k], when)
                gains = True
        self.thefts += gains

    def _unsecured(self, c, holder, t):
        """The share of theft that a holder does not prevent, times the factor between the two classes."""
        least = GUARD["least_security"] if t >= GUARD["start"] else 0.0
        factor = self.world["theft_factor"][self.world["relation"][holder, c]]
        return (1.0 - max(least, float(self.world["security"][holder]))) * float(factor)

    def _uniforms(self, address, index):
        return uniform_pair(self.luck, Stream.MODEL_THEFT, address, index)

    def _runnable(self, c, compute, since):
        """By halving, between the arrivals of chips: what is needed halves in OOM with the parameters."""
        events = int(self.exogenous.events[0])
        times = self.exogenous.step_time[c, :events].tolist()
        needed = 0.5 * (compute - float(self.world["runnable_compute"][c]))
        edges = [since, *sorted(time for time in times if since < time < self.spec.horizon), self.spec.horizon]
        for low, until in pairwise(edges):
            progress = float(self.exogenous.step_progress[c, sum(time <= low for time in times)])
            if cheapening(self.world, low, progress) >= needed:
                return low
            if cheapening(self.world, until, progress) >= needed:
                high = until
                for _ in range(60):
                    middle = 0.5 * (low + high)
                    reached = cheapening(self.world, middle, progress) >= needed
                    low, high = (low, middle) if reached else (middle, high)
                return high
        return math.inf

    def since(self, k):
        """The times from which real actors have `k`, for all that ever have it."""
        times = [min([one.own[k], *(used for used, _ in one.stolen[k])]) for of in self.reals for one in of]
        return np.sort([time for time in times if time < self.spec.horizon])

    def first_use(self, c, k):
        """The first time from which a real actor of a class has `k` by theft, and not yet by itself."""
        used = [(min((u for u, _ in one.stolen[k]), default=math.inf), one.own[k]) for one in self.reals[c]]
        return min((time for time, own in used if time < min(own, self.spec.horizon)), default=math.inf)


def test_who_steals_what_and_has_access_by_when():
    rng, thefts, again, by_theft = np.random.default_rng(SEED), 0, 0, 0
    for number in range(SCENARIOS):
        spec = drawn_scenario(rng)
        records, policies = WorldSampler(spec, 1, SEED).draw()
        future, p = new_future(spec, records, policies), spec.policy_number("guard")
        kept = engine.simulate(spec, 1, FUTURES, SEED, policies=["guard"], keep="paths")
        access = kept.future_access.sel(policy="guard").squeeze("world")
        for f in range(FUTURES):
            address, where = (SEED, 0, f), (number, f)
            play(Setting(address, records[0], policies[0, p], log10_thresholds(spec), 0.25), EVERYTHING, future)
            twin, found = Twin(spec, records[0], future, address), future.attainments
            assert int(future.counted[THEFTS]) == twin.thefts, where
            np.testing.assert_allclose(found.first_theft, twin.first, rtol=0, atol=NEAR, err_msg=str(where))
            for k in twin.skills:
                has_by(twin.since(k), access.isel(future=f, capability=k), where)
                uses = [twin.first_use(c, k) for c in range(len(twin.reals))]
                found_uses = found.class_stolen[: len(uses), k]
                np.testing.assert_allclose(found_uses, uses, rtol=0, atol=NEAR, err_msg=str(where))
                by_theft += int((found.class_route[:, k] == STOLEN).sum())
                again += sum(len(one.stolen[k]) > 1 for of in twin.reals for one in of)
            thefts += twin.thefts
    assert min(thefts, again, by_theft) > 50, "thefts, thefts of smaller models, classes that attain by theft"


def has_by(since, counts, where):
    """Whether as many have it at each time of `counts` as have it `since` then, unless rounding decides."""
    least, most = (np.searchsorted(since, counts.time.values + near, "right") for near in (-NEAR, NEAR))
    least[-1] = most[-1] = len(since)
    assert np.all((least <= counts.values) & (counts.values <= most)), where
