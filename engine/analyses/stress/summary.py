"""The stress test as text: uncertainties, levers, relationships and measures, then the findings."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator

import numpy as np
import xarray as xr

from engine.analyses.stress.failing_worlds import FOUND, IN_WORDS, failing_in_words
from engine.analyses.stress.rank_reversal import flips_in_words
from engine.analyses.stress.share_of_worlds import format_share_of_worlds
from engine.results.provenance import replay_command
from engine.scenario import BASELINE
from engine.statistics.metrics import is_heavy_tailed
from engine.text.format import format_mean, format_ranges, format_share, format_value
from engine.text.tables import columns_table

_WIDTH = 118
#: Most reversed rankings, leaves of a tree and driving numbers that are printed; the dataset has all.
_MOST_PAIRS, _MOST_LEAVES, _MOST_DRIVERS = 6, 1, 3
#: Names of the robustness measures in a table.
_MEASURES = {
    "expected_value": "mean over worlds",
    "worst_case": "worst world",
    "adverse_percentile": "90% of worlds are no worse",
    "regret_mean": "mean regret",
    "regret_percentile": "90% of worlds regret no more",
    "regret_max": "largest regret",
}


def stress_in_words(found: xr.Dataset) -> str:
    """The result of `stress_test` as text.

    No line is longer than 120 characters, except for command lines. Names of numbers omit `actor_classes.`,
    `capabilities.` and `policies.`.
    """
    short = _with_short_names(found)
    findings = [_means(short), _choices(short)]
    if "fails" in short:
        findings += [_requirements(short), _failures(short)]
    if "pair" in short.dims:
        findings.append(_flips(short))
    findings.append(_worst(short))
    numbered = (f"{number}. " + "\n".join(part) for number, part in enumerate(findings, start=1))
    return "\n\n".join(["\n".join(_setting(short)), *numbered])


def _with_short_names(found: xr.Dataset) -> xr.Dataset:
    """Names of parameters without their common prefixes, if they remain distinct."""
    names = [str(name) for name in found["parameter"].values]
    short = dict(zip(names, map(_short, names), strict=True))
    written = found.assign_coords(parameter_written=("parameter", found["parameter"].values))
    if len(set(short.values())) < len(names):
        return written
    drivers = np.array([short.get(name, _short(name)) for name in found["worst_driver_parameter"].values.ravel()])
    drivers = drivers.astype(object).reshape(found["worst_driver_parameter"].shape)
    renamed = written.assign_coords(parameter=("parameter", np.array(list(short.values()), dtype=object)))
    renamed["worst_driver_parameter"] = found["worst_driver_parameter"].copy(data=drivers)
    return renamed


def _short(name: str) -> str:
    for beginning in ("actor_classes.", "capabilities.", "policies."):
        name = name.removeprefix(beginning)
    return name


def _wrapped(text: str, indent: str = "  ", first: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _setting(found: xr.Dataset) -> Iterator[str]:
    """X, L, R and M."""
    attrs = found.attrs
    worlds, futures = int(attrs["worlds"]), int(attrs["futures"])
    yield f"Stress test: {attrs['scenario_name']}"
    yield ""
    numbers = found.sizes["parameter"]
    parts = Counter(_part(str(name)) for name in found["parameter_written"].values)
    by_part = ", ".join(f"{count} {part}" for part, count in parts.most_common())
    yield "X  Uncertainties"
    yield from _wrapped(
        f"{numbers} numbers that differ between worlds"
        + (f" ({by_part})." if numbers else ".")
        + f" {worlds:,} worlds, sampling {attrs['sampling']}, seed {attrs['seed']}. Chance: {futures:,} futures in "
        "each world, the same under every policy."
    )
    yield "L  Levers: policies"
    width = max(len(str(name)) for name in found["policy"].values)
    for name, words in zip(found["policy"].values, found["policy_description"].values, strict=True):
        about = textwrap.shorten(str(words), _WIDTH - width - 4, placeholder=" ...")
        yield f"  {name:<{width}}  {about}".rstrip()
    yield "R  Relationships"
    yield from _wrapped(
        f"{attrs['source']}, of the scenario {attrs['scenario_file'] or attrs['scenario_name']} "
        f"(sha256 {str(attrs['scenario_sha256'])[:12]})."
    )
    yield "M  Measures of performance: means over the futures of a world"
    for metric in found["metric"].values:
        one = found.sel(metric=metric)
        unit = str(one["metric_units"].item())
        yield from _wrapped(
            f"{metric}{'' if unit == '1' else f' [{unit}]'}: {one['metric_long_name'].item()}; "
            f"{one['better'].item()} is better",
            "      ",
            "  ",
        )
    if "requirement" in found.dims:
        yield from _wrapped(
            f"Required in a world: {'; '.join(map(str, found['requirement'].values))} (percentages are "
            "relative to the baseline in the same world). These limits are an assumption: set others with --require."
        )


def _part(name: str) -> str:
    """The part of the scenario that a number belongs to."""
    return {"policies": "of policies", "actor_classes": "of actors", "capabilities": "of capabilities"}.get(
        name.split(".")[0], f"of {name.split('.')[0]}"
    )


def _means(found: xr.Dataset) -> Iterator[str]:
    yield "Means of policies over all worlds, +- standard error"
    columns = {}
    for metric in found["metric"].values:
        one = found.sel(metric=metric)
        unit = str(one["metric_units"].item())
        values = zip(one["expected_value"].values, one["expected_value_se"].values, strict=True)
        columns[f"{metric}{'' if unit == '1' else f', {unit}'}"] = [
            format_mean(float(v), float(e), heavy_tailed=is_heavy_tailed(metric)) for v, e in values
        ]
    yield from columns_table([str(name) for name in found["policy"].values], columns)


def _choices(found: xr.Dataset) -> Iterator[str]:
    yield "Preferred policy by each measure of robustness (however narrowly: the file has all values)"
    yield "  Regret is the distance to the best of these policies in the same world."
    columns = {}
    for metric in found["metric"].values:
        best = [str(name).split(", ") for name in found["preferred"].sel(metric=metric).values]
        columns[str(metric)] = [one[0] + (f" and {len(one) - 1} more" if len(one) > 1 else "") for one in best]
    yield from columns_table([_MEASURES[str(measure)] for measure in found["measure"].values], columns)


def _requirements(found: xr.Dataset) -> Iterator[str]:
    yield "Share of worlds in which requirements are met, +- standard error or 95% limits"
    columns, relative = {}, [str(requirement).endswith("%") for requirement in found["requirement"].values]
    for requirement, itself in zip(found["requirement"].values, relative, strict=True):
        columns[str(requirement)] = _shares(found.sel(requirement=requirement), "requirement_met_share", itself)
    if len(columns) > 1:
        columns["all"] = _shares(found, "all_met_share", all(relative))
    if "all_met_share_of_half" in found:
        columns["all, by half the futures"] = [f"{100.0 * float(share):.1f}%" for share in found.all_met_share_of_half]
    yield from columns_table([str(name) for name in found["policy"].values], columns)
    if "all_met_share_of_half" in found:
        yield "  Means over few futures classify worlds: if half of them give another share, simulate more (--futures)."
    for sentence in met_by_nothing(found):
        yield from _wrapped(sentence)
    yield f"  Most often sufficient: {found['most_often_enough'].item()}"


def met_by_nothing(found: xr.Dataset) -> list[str]:
    """A sentence for each requirement relative to the baseline that is 0 in some worlds: a share of nothing is nothing.

    There a policy meets it without any change, so the share of worlds that meet it says less.
    """
    sentences = []
    for requirement in map(str, found["requirement"].values):
        metric, _, limit = requirement.split()
        if not limit.endswith("%"):
            continue
        share = float((found["world_mean"].sel(metric=metric, policy=BASELINE) == 0.0).mean())
        if share > 0.0:
            worlds = f"{format_share(share)} of worlds"
            sentences.append(
                f"In {worlds} {metric} is 0 under the baseline; a policy with 0 meets {requirement} there."
            )
    return sentences


def _shares(found: xr.Dataset, name: str, itself: bool) -> list[str]:
    """Shares of worlds by policy; a requirement that the baseline always meets against `itself` is certain."""
    rows = zip(found["policy"].values, found[name].values, found[f"{name}_se"].values, strict=True)
    return [
        "100%"
        if itself and str(policy) == BASELINE and float(share) == 1.0
        else format_share_of_worlds(float(share), float(error), int(found.attrs["worlds"]))
        for policy, share, error in rows
    ]


def _failures(found: xr.Dataset) -> Iterator[str]:
    yield "Assumptions under which policies fail to meet all requirements"
    relative = any("%" in str(requirement) for requirement in found["requirement"].values)
    yield from _wrapped(
        "Boxes (PRIM) describe failing worlds, trees (CART) divide all of them. Coverage: share of the failing worlds "
        "that a description contains; density: share of its worlds that fail, and the same in the held-out third of "
        "the worlds; mass: share of all worlds that it contains."
        + (" The baseline, which would be compared with itself, is left out." if relative else "")
    )
    worlds = int(found.attrs["worlds"])
    for policy in found["policy"].values:
        if policy == BASELINE and relative:
            continue
        one = found.sel(policy=policy)
        boxes, tree = str(one["box_verdict"].item()), str(one["tree_verdict"].item())
        share = float(one["failing_worlds"]) / worlds
        about = f"{failing_in_words(str(policy), one, worlds)} ({format_share(share)})"
        if FOUND not in (boxes, tree):
            yield from _wrapped(f"{about}: {IN_WORDS[boxes]}.", "      ", "  ")
            continue
        yield f"  {about}, more often where"
        yield from _boxes(one)
        yield from _leaves(one, share)


def _boxes(one: xr.Dataset) -> Iterator[str]:
    for b in range(int(one["box_count"])):
        box = one.isel(box=b)
        limits = xr.Dataset({"lower": box["box_lower"], "upper": box["box_upper"]})
        yield from _described("box" if b == 0 else "box of the rest", limits, box, "box_")


def _leaves(one: xr.Dataset, share: float) -> Iterator[str]:
    """The densest leaves in which the policy fails more often than elsewhere."""
    for k in range(min(int(one["tree_leaf_count"]), _MOST_LEAVES)):
        leaf = one.isel(leaf=k)
        if float(leaf["tree_density"]) > share:
            limits = xr.Dataset({"lower": leaf["tree_lower"], "upper": leaf["tree_upper"]})
            yield from _described("tree", limits, leaf, "tree_")


def _described(kind: str, limits: xr.Dataset, one: xr.Dataset, prefix: str) -> list[str]:
    coverage, density, mass = (format_share(float(one[prefix + name])) for name in ("coverage", "density", "mass"))
    if f"{prefix}density_held_out" in one:
        density += f" ({format_share(float(one[f'{prefix}density_held_out']))})"
    text = f"{kind}: {format_ranges(limits)}: coverage {coverage}, density {density}, mass {mass}"
    return _wrapped(text, "        ", "    ")


def _flips(found: xr.Dataset) -> Iterator[str]:
    yield "Single assumptions that reverse the ranking of two policies"
    main = str(found["metric"].values[0])
    on_main = np.flatnonzero(found["pair_metric"].values == main)
    flips = found["flip_flips"].values.astype(bool)
    strength = np.where(flips, found["flip_opposite_z"].values, 0.0).max(axis=1)
    turned = sorted((int(p) for p in on_main if strength[p] > 0.0), key=lambda p: -strength[p])
    yield from _wrapped(
        f"On {main}, of {len(on_main)} pairs, a single number reverses {len(turned)}"
        + (f"; the {_MOST_PAIRS} clearest:" if len(turned) > _MOST_PAIRS else (":" if turned else "."))
    )
    for p in turned[:_MOST_PAIRS]:
        yield from _wrapped(flips_in_words(_pair(found, p), most=1), "        ", "    ")
    others = [p for p in range(found.sizes["pair"]) if p not in on_main]
    if others:
        yield "  The best two on each other metric:"
    for p in others:
        yield from _wrapped(flips_in_words(_pair(found, p), most=1), "        ", "    ")


def _pair(found: xr.Dataset, p: int) -> xr.Dataset:
    """The result of `pair_flips` for one pair, the clearest flips first."""
    one = found.isel(pair=p)
    names = ("flips", "opposite_z", "flip_point", "direction", "share_beyond", "mean_beyond", "mean_beyond_se")
    pair = xr.Dataset({name: one[f"flip_{name.removeprefix('flip_')}"] for name in (*names, "mean", "mean_se")})
    for name in ("mean", "mean_se"):
        pair[name].attrs["units"] = str(one["pair_units"].item())
    metric = str(one["pair_metric"].item())
    pair.attrs = {"first": one["pair_first"].item(), "second": one["pair_second"].item(), "metric": metric}
    pair.attrs["better"] = str(found["better"].sel(metric=metric).item())
    return pair.isel(parameter=np.argsort(-pair["opposite_z"].fillna(0.0).values, kind="stable"))


def _worst(found: xr.Dataset) -> Iterator[str]:
    yield "The worst plausible worlds, with commands that replay the worst future of each"
    yield from _wrapped(
        f"Worlds more unusual than {found.attrs['plausible']:.0%} are expected to be are left out. The causes are the "
        "numbers that worsen the metric most; brackets show how unusual each is, in standard deviations of a normal "
        "distribution. The file has further ranks, and the worst future under each policy."
    )
    for metric in found["metric"].values:
        one = found.sel(metric=metric).isel(rank=0)
        worlds = one["worst_world"].values
        for world in dict.fromkeys(int(w) for w in worlds if w >= 0):
            yield from _worst_world(found, one.isel(policy=np.flatnonzero(worlds == world)), world)


def _worst_world(found: xr.Dataset, one: xr.Dataset, world: int) -> Iterator[str]:
    """One world that is the worst under the policies of `one`: values, unusual numbers, and the replay command."""
    unit = str(one["metric_units"].item())
    sign = 1.0 if one["better"].item() == "less" else -1.0
    values = {str(name): float(v) for name, v in zip(one["policy"].values, one["worst_value"].values, strict=True)}
    worst, best = (pick(values, key=lambda name: sign * values[name]) for pick in (max, min))
    number = found.sizes["policy"]
    every = ", ".join(values) if len(values) <= 3 < number else f"{len(values)} of {number} policies"
    every = "every policy" if len(values) == number > 1 else every
    span = f"{format_value(values[worst], unit)} under {worst}"
    if values[best] != values[worst]:
        span += f", {format_value(values[best], unit)} under {best}"
    here = one.sel(policy=worst)
    names = ("worst_driver_parameter", "worst_driver_value", "worst_driver_units", "worst_driver_score")
    rows = list(zip(*(here[name].values for name in names), strict=True))[:_MOST_DRIVERS]
    parts = [f"{name} {format_value(float(value), unit)} ({score:+.1f})" for name, value, unit, score in rows if name]
    driven = f" Causes: {', '.join(parts)}." if parts else ""
    yield from _wrapped(
        f"{one['metric'].item()}, world {world}, the worst under {every}: {span}; "
        f"{format_value(float(here['worst_future_value']), unit)} in its future {int(here['worst_future'])}.{driven}",
        "      ",
        "  ",
    )
    yield f"      {replay_command(found, world, int(here['worst_future']), worst)}"
