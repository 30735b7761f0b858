"""What the forecasts of harm are compared with: incidents and thefts of replayed futures, and risks of worlds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.special import ndtr

from engine.analyses.published.experiment import check_replays
from engine.replay import replay
from engine.scenario import Scenario, WorldSampler
from engine.statistics.labelled import Labelled, labelled
from engine.text.format import strings

Floats = NDArray[np.float64]


def replayed_harm(scenario: Scenario, count: int, worlds: int, seed: int, losses: Sequence[float]) -> xr.Dataset:
    """Harm in the first future of each of the first `count` of `worlds` worlds, replayed under the baseline.

    They are the futures of `engine.simulate(scenario, worlds, ..., seed)` at the same addresses.

    * `first_incident(world, future, capability, loss)`: decimal year of the first incident with the capability that
      loses at least so many US$, of `losses`; NaN if not within the horizon.
    * `loss_of_year(world, future, capability, year)`: US$ lost by the capability in the year before `year`.
    * `first_theft(world, future, actor_class)`: decimal year in which the class first steals a model that gives it a
      capability; NaN if not within the horizon.

    Raises InputError unless `count` is 1 to `worlds`.
    """
    check_replays(count, worlds)
    names, classes = list(scenario.capabilities), list(scenario.actor_classes)
    years, sizes = np.asarray(scenario.years, dtype=np.float64), np.array(sorted(set(losses)), dtype=np.float64)
    futures = [replay(scenario, w, 0, worlds=worlds, seed=seed) for w in range(count)]
    of_futures = ("world", "future")

    def stored(parts: list[Floats], dims: tuple[str, ...], words: str, units: str) -> Labelled:
        return (*of_futures, *dims), np.stack(parts)[:, np.newaxis], words, units

    return labelled(
        {
            "first_incident": stored(
                [_first_incidents(one.incidents, names, sizes) for one in futures],
                ("capability", "loss"),
                "time of the first incident with at least this loss",
                "year",
            ),
            "loss_of_year": stored(
                [_losses_of_years(one.incidents, names, years) for one in futures],
                ("capability", "year"),
                "loss in the year before",
                "US$",
            ),
            "first_theft": stored(
                [_first_thefts(one.events, classes) for one in futures],
                ("actor_class",),
                "time when the class first steals a model that gives it a capability",
                "year",
            ),
        },
        {
            "world": (("world",), np.arange(count), "world", "1"),
            "future": (("future",), np.arange(1), "future", "1"),
            "capability": (("capability",), strings(names), "capability", ""),
            "loss": (("loss",), sizes, "least loss of the incident", "US$"),
            "actor_class": (("actor_class",), strings(classes), "class of actors", ""),
            "year": (("year",), years, "the start and every whole year after it", "year"),
        },
    )


def _first_incidents(incidents: pd.DataFrame, names: list[str], sizes: Floats) -> Floats:
    """Decimal years (capability, loss), NaN for none."""
    # A loss of whole 1e11 US$ is at least 1e11, whatever its logarithm was rounded to.
    lost = 10.0 ** incidents.log10_usd.to_numpy(float) * (1.0 + 1e-9)
    first = [incidents[lost >= size].groupby("subject").time.min().reindex(names).to_numpy(float) for size in sizes]
    return np.stack(first, axis=-1) if first else np.empty((len(names), 0))


def _losses_of_years(incidents: pd.DataFrame, names: list[str], years: Floats) -> Floats:
    """US$ (capability, year) lost in the year that ends then; 0 at the start."""
    found = np.zeros((len(names), years.size))
    of = pd.Index(names).get_indexer(pd.Index(incidents.subject))
    ends = np.searchsorted(years, incidents.time.to_numpy(float), side="right")
    kept = ends < years.size
    np.add.at(found, (of[kept], ends[kept]), 10.0 ** incidents.log10_usd.to_numpy(float)[kept])
    return found


def _first_thefts(events: pd.DataFrame, classes: list[str]) -> Floats:
    """Decimal years (actor_class), NaN for none."""
    thefts = events[events.event == "theft"]
    return np.asarray(thefts.groupby("actor_class").time.min().reindex(classes).to_numpy(float))


def risk_with_access(scenario: Scenario, worlds: int, seed: int, losses: Sequence[float]) -> xr.Dataset:
    """Incidents a year if all malicious actors of the start had the capability, of each of `worlds` worlds.

    `rate(world, capability, loss, defended)` counts those that lose at least each of `losses`, US$, without and behind
    a ready defence, under the baseline; 0 for valuable capabilities.
    """
    drawn = WorldSampler(scenario, worlds, seed).worlds(0, worlds)
    names, sizes = list(scenario.capabilities), np.array(sorted(set(losses)), dtype=np.float64)
    classes, capabilities = slice(len(scenario.actor_classes)), slice(len(names))
    # Attempts a year of all members of the start, then incidents, (world, capability).
    at_start = [spec.count * spec.represents for spec in scenario.actor_classes.values()]
    attempts = (drawn["attempt_rate"][:, classes] * at_start).sum(axis=1)
    dangerous = [spec.kind == "dangerous" for spec in scenario.capabilities.values()]
    incidents = attempts[:, np.newaxis] * np.where(dangerous, drawn["success_probability"][:, capabilities], 0.0)
    above = [_exceeded(drawn, np.log10(size))[:, capabilities] for size in sizes]
    large = np.moveaxis(np.array(above).reshape(sizes.size, *incidents.shape), 0, -1)
    through = np.stack([np.ones_like(incidents), 1.0 - drawn["defence_effectiveness"][:, capabilities]], axis=-1)
    rates = incidents[..., np.newaxis, np.newaxis] * large[..., np.newaxis] * through[:, :, np.newaxis]
    return labelled(
        {
            "rate": (
                ("world", "capability", "loss", "defended"),
                rates,
                "incidents of at least the loss if all malicious actors have the capability",
                "1/yr",
            )
        },
        {
            "world": (("world",), np.arange(worlds), "world", "1"),
            "capability": (("capability",), strings(names), "capability", ""),
            "loss": (("loss",), sizes, "least loss of the incident", "US$"),
            "defended": (("defended",), np.array([0, 1]), "whether a defence is ready", "1"),
        },
    )


def _exceeded(drawn: NDArray[np.void], log10_usd: float) -> Floats:
    """Probability (world, capability) that an incident loses at least so much, the inverse of `rules.harm`'s loss.

    Lognormal; beyond the start of the tail, Pareto; nothing beyond the ceiling.
    """
    median, sd, start = drawn["loss_median"], drawn["loss_sd"], drawn["loss_tail_start"]

    def body(value: Floats | float) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(sd > 0.0, ndtr((median - value) / sd), median >= value)

    beyond = np.maximum(log10_usd - np.minimum(start, log10_usd), 0.0)
    tail = body(start) * 10.0 ** (-drawn["loss_tail_index"] * beyond)
    found = np.where(log10_usd > start, tail, body(log10_usd))
    return np.where(log10_usd > drawn["loss_ceiling"][:, np.newaxis], 0.0, found)
