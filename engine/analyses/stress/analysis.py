"""The complete stress test of policies, from one run with single futures to one dataset.

Its order is XLRM (Lempert, Popper & Bankes 2003, Shaping the Next One Hundred Years, RAND MR-1626): X, exogenous
uncertainties; L, policy levers; R, relationships; M, measures of performance.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import xarray as xr

from engine.analyses.stress.cart import failure_tree
from engine.analyses.stress.failing_boxes import failure_boxes
from engine.analyses.stress.rank_reversal import flips_of_pairs
from engine.analyses.stress.robustness import (
    Requirement,
    meets,
    parse_requirement,
    preferred,
    robustness,
    world_means,
)
from engine.analyses.stress.worst_worlds import worst_worlds
from engine.results.provenance import content_id, derived
from engine.scenario import BASELINE, ScenarioError
from engine.scenario.load import scenario_of_text
from engine.scenario.names import as_list
from engine.statistics.cluster_means import joined
from engine.statistics.labelled import own_parameters
from engine.statistics.metrics import USUAL, metric_names, outcomes
from engine.text.format import strings

#: Default requirements of a policy: reduce exposure by at least a tenth, and cost at most a tenth of the benefit. They
#: are an assumption, a place to start: nobody has set these limits.
USUAL_REQUIREMENTS = ("exposure <= 90%", "benefit >= 90%")
#: A tree with more levels than this is too complex for a reader.
_DEPTH = 2


def stress_test(
    results: xr.Dataset,
    metrics: Sequence[str] | None = None,
    requirements: Sequence[Requirement | str] | None = None,
    *,
    boxes: int = 2,
    worst: int = 3,
    plausible: float = 0.95,
    seed: int = 0,
) -> xr.Dataset:
    """Robustness, failures, flips of rankings and worst worlds of all policies of `results`, as one dataset.

    `results` come from `engine.simulate(..., keep="samples")`. `metrics` are names of `engine.statistics.metrics`,
    None for exposure, incidents, loss and benefit; all pairs of policies are compared on the first. `requirements` are
    texts such as "exposure <= 90%" (of the baseline's in the same world) or "loss <= 1e12"; None for
    `USUAL_REQUIREMENTS`, or for no requirement if there is only the baseline. A policy fails in a world in which its
    means over futures do not meet all requirements. `seed` selects the worlds that test each description.

    Variables, by the beginning of their names:

    * those of `robustness` and `preferred`: (metric, policy), (requirement, policy), (measure, metric);
    * `world_mean` (metric, policy, world), `fails` (policy, world), `parameters` (world, parameter): the inputs of the
      rest, without levers of other policies and numbers that are the same in all worlds;
    * `box_` (policy, box, parameter) of `failure_boxes`, and `tree_` (policy, leaf, parameter) of `failure_tree`,
      if there are requirements;
    * `flip_` (pair, parameter, bin) of `flips_of_pairs`: all pairs of policies on the first metric, and on each other
      metric the two with the best expected values; `pair_first`, `pair_second`, `pair_metric` name them;
    * `worst_` (metric, policy, rank, driver) of `worst_worlds`: the `worst` worst worlds, with addresses to replay.

    Raises InputError, with the right form, for results without single futures, and unknown metrics.
    """
    wanted, required = _asked_for(results, metrics, requirements)
    samples = outcomes(results, wanted)
    policies = [str(name) for name in samples["policy"].values]
    parameters = own_parameters(results["parameters"], policies).load()
    means = world_means(samples)
    measures = robustness(samples, required)
    parts = [measures, preferred(measures), _worlds(samples, means, parameters)]
    if required:
        fails = (1 - meets(means, required)).astype(np.int8)
        fails.attrs = {"long_name": "whether the policy fails to meet all requirements in the world", "units": "1"}
        parts += [
            fails.to_dataset(name="fails"),
            *_half(samples, required),
            _prefixed(failure_boxes(parameters, fails, boxes, seed=seed), "box_"),
            _prefixed(failure_tree(parameters, fails, _DEPTH, seed=seed), "tree_"),
        ]
    parts.append(_worst(results["parameters"], samples, worst, plausible))
    if len(policies) > 1 and parameters.sizes["parameter"]:
        parts.append(_prefixed(flips_of_pairs(parameters, means, _pairs(measures)), "flip_"))
    merged = _merged([part.drop_attrs(deep=False) for part in parts])
    merged = merged.assign_coords(policy_description=("policy", _descriptions(results, policies)))
    merged["policy_description"].attrs = {"long_name": "description of the policy in the scenario"}
    derived(merged, results, "Stress test", plausible=plausible, stress_seed=np.int64(seed))
    return merged.assign_attrs(id=content_id(merged))


def _half(samples: xr.Dataset, required: list[Requirement]) -> list[xr.Dataset]:
    """`all_met_share_of_half` (policy), from half the futures of each world; empty with a single future.

    A world is classified by a mean over few futures, and misclassified by chance. The share from half the futures shows
    the size of this effect: with more futures the difference goes to zero.
    """
    futures = samples.sizes["future"]
    if futures < 2:
        return []
    share = meets(world_means(samples.isel(future=slice(0, futures // 2))), required).mean("world")
    words = "share of worlds that meet all requirements, from half the futures of each"
    return [share.astype(np.float64).assign_attrs(long_name=words, units="1").to_dataset(name="all_met_share_of_half")]


def _asked_for(
    results: xr.Dataset, metrics: Sequence[str] | None, requirements: Sequence[Requirement | str] | None
) -> tuple[list[str], list[Requirement]]:
    """The metrics, those of requirements included, and the requirements."""
    known = metric_names(results)
    if requirements is None:
        alone = results.sizes["policy"] == 1
        requirements = [] if alone else [text for text in USUAL_REQUIREMENTS if text.split()[0] in known]
    required = [parse_requirement(one, known) if isinstance(one, str) else one for one in requirements]
    usual = [name for name in USUAL if name in known]
    return list(
        dict.fromkeys([*(usual if metrics is None else as_list(metrics)), *(one.metric for one in required)])
    ), required


def _worlds(samples: xr.Dataset, means: xr.Dataset, parameters: xr.DataArray) -> xr.Dataset:
    """The means of worlds of all metrics, and the numbers of worlds."""
    whole = joined("metric", [means[name] for name in means]).drop_attrs()
    made = xr.Dataset({"world_mean": whole, "parameters": parameters})
    made["world_mean"].attrs = {
        "long_name": "mean over futures of the metric in the world",
        "units": "see metric_units",
    }
    made["parameters"].attrs = {"long_name": "uncertain numbers of each world", "units": "see parameter_units"}
    return made.assign_coords(world=samples["world"].variable)


def _prefixed(found: xr.Dataset, prefix: str) -> xr.Dataset:
    """The variables of a description of failures, with its prefix; both share the number of failing worlds."""
    names = {str(name): f"{prefix}{str(name).removeprefix(prefix)}" for name in found.data_vars}
    names |= {"leaf_count": "tree_leaf_count"} if prefix == "tree_" else {}
    return found.rename({old: new for old, new in names.items() if old != "failing_worlds" and old in found})


def _pairs(measures: xr.Dataset) -> list[tuple[str, str, str]]:
    """(better, worse by expected value, metric): all pairs on the first metric, the best two on each other metric."""
    pairs = []
    for number, metric in enumerate(measures["metric"].values):
        one = measures.sel(metric=metric)
        sign = 1.0 if one["better"].item() == "less" else -1.0
        ordered = [str(one["policy"].values[p]) for p in np.argsort(sign * one["expected_value"].values, kind="stable")]
        pairs += [(*pair, str(metric)) for pair in combinations(ordered if number == 0 else ordered[:2], 2)]
    return pairs


def _worst(parameters: xr.DataArray, samples: xr.Dataset, count: int, plausible: float) -> xr.Dataset:
    """`worst_worlds` on every metric."""
    found = [worst_worlds(parameters, samples, str(metric), count, plausible) for metric in samples]
    together: dict[str, Any] = {}
    for name, variable in found[0].data_vars.items():
        units = {"units": "see metric_units"} if str(name).endswith("value") and name != "driver_value" else {}
        called = f"worst_{str(name).removeprefix('worst_')}"
        dims = ("metric", *map(str, variable.dims))
        together[called] = dims, np.stack([one[name].values for one in found]), variable.attrs | units
    return xr.Dataset(together, {name: found[0][name].variable for name in ("policy", "rank", "driver")})


def _merged(parts: Sequence[xr.Dataset]) -> xr.Dataset:
    """The variables of all parts; coordinates with the same name are equal in all parts."""
    merged = xr.Dataset()
    for part in parts:
        for name, coordinate in part.coords.items():
            if name not in merged.coords:
                merged = merged.assign_coords({name: coordinate.variable})
        for name, variable in part.data_vars.items():
            if name not in merged:
                merged[name] = variable.variable
    return merged


def _descriptions(results: xr.Dataset, policies: Sequence[str]) -> np.ndarray:
    """The description of each policy in the scenario of `results`; "" if it has none."""
    try:
        written = scenario_of_text(str(results.attrs.get("scenario_yaml", ""))).policies
    except ScenarioError:
        written = {}  # the scenario is edited by hand, or missing
    columns = {name: policy.description for name, policy in written.items()} | {BASELINE: "no measures"}
    return strings([" ".join(str(columns.get(name, "")).split()) for name in policies])
