"""Sensitivity as text: the most influential numbers, and the share of chance."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from engine.errors import InputError
from engine.text.format import format_value, format_with_error
from engine.text.tables import columns_table

_CHANCE = "chance"


def sensitivity_summary(*analyses: xr.Dataset, top: int = 10) -> str:
    """Tables of the `top` factors of each outcome, largest first, with errors, for each of `analyses`.

    Each of `analyses` comes from `sobol_indices`, `pawn_indices`, `tornado` or `variance_shares`, or from several of
    them `together`. Raises InputError for any other dataset.
    """
    return "\n\n".join("\n".join(lines) for analysis in analyses for lines in _parts(analysis, top))


def _parts(analysis: xr.Dataset, top: int) -> Iterator[Iterator[str]]:
    functions = [describe for variable, describe in _TEXTS.items() if variable in analysis]
    for describe in functions:
        yield describe(analysis, top)
    if functions:
        return
    raise InputError(
        "this is no sensitivity analysis; give the result of sobol_indices, pawn_indices, tornado or variance_shares"
    )


def _sobol(analysis: xr.Dataset, top: int) -> Iterator[str]:
    yield f"Shares of variance (Sobol' indices, {analysis.attrs['base_points']:,} base points): a factor by itself"
    yield "(first order), and with all its interactions (total), +- standard error."
    for one in _outcomes(analysis):
        yield from _heading(one)
        if np.isnan(one["total"]).all():
            yield "  does not vary"
            continue
        if _CHANCE in one["factor"].values:
            chance = one.sel(factor=_CHANCE)
            yield "  " + _chance_and_numbers(
                float(chance["total"]), float(chance["total_se"]), float(chance["total_se"])
            )
            one = one.drop_sel(factor=_CHANCE)
        order = np.argsort(-one["total"].values, kind="stable")[:top]
        largest = one.isel(factor=order)
        yield from columns_table(
            [str(name) for name in largest["factor"].values],
            {
                title: [
                    format_with_error(float(value), float(error))
                    for value, error in zip(largest[name].values, largest[f"{name}_se"].values, strict=True)
                ]
                for title, name in (("first order", "first_order"), ("total", "total"))
            },
        )


def _pawn(analysis: xr.Dataset, top: int) -> Iterator[str]:
    yield f"Influence on the distribution of worlds' means (PAWN, {analysis.attrs['slices']} slices): 0 none, 1 whole."
    for one in _outcomes(analysis):
        yield from _heading(one)
        if np.isnan(one["pawn_median"]).all():
            yield "  does not vary"
            continue
        above = int(one["above_noise"].sum())
        yield (
            f"  noise gives {float(one['dummy_median']):.3f}, at most {float(one['noise_level']):.3f}; {above} of "
            + (f"{one.sizes['parameter']} numbers are above")
        )
        largest = one.isel(parameter=np.argsort(-one["pawn_median"].fillna(-1.0).values, kind="stable")[:top])
        names = [str(name) for name in largest["parameter"].values]
        marks = ["" if mark else "within noise" for mark in largest["above_noise"].values]
        cells = {title: [f"{v:.3f}" for v in largest[f"pawn_{title}"].values] for title in ("median", "maximum")}
        yield from columns_table(names, {**cells, "": marks})


def _tornado(analysis: xr.Dataset, top: int) -> Iterator[str]:
    low, high = (100.0 * float(end) for end in analysis["end_probability"].values)
    yield f"Each number from its {low:g}% to its {high:g}% quantile, all others at their medians."
    for one in _outcomes(analysis):
        yield from _heading(one)
        unit = str(one["outcome_units"].item())
        yield f"  all at their medians: {format_value(float(one['central_value']), unit)}"
        # Chance has no swing.
        ranks = one["swing_rank"].values
        largest = one.isel(factor=[n for n in np.argsort(ranks)[:top] if np.isfinite(ranks[n])])
        # Years are printed as such; any other unit stands in the heading.
        year = unit if unit == "year" else "1"
        swings = zip(largest["swing"].values, largest["swing_se"].values, strict=True)
        yield from columns_table(
            [str(name) for name in largest["factor"].values],
            {
                "at low": [format_value(float(value), year) for value in largest["value"].sel(end="low").values],
                "at high": [format_value(float(value), year) for value in largest["value"].sel(end="high").values],
                "swing": [
                    format_value(float(s)) if np.isnan(e) else format_with_error(float(s), float(e)) for s, e in swings
                ],
            },
        )


def _variance(analysis: xr.Dataset, top: int) -> Iterator[str]:
    yield (
        f"Shares of variance, {analysis.attrs['worlds']:,} worlds x {analysis.attrs['futures']:,} futures, "
        "+- standard error."
    )
    if "comment" in analysis.attrs:
        yield str(analysis.attrs["comment"])
    for one in _outcomes(analysis):
        yield from _heading(one)
        shares = [float(one[name]) for name in ("aleatory_share", "aleatory_share_se", "epistemic_share_se")]
        yield "  unknown, or the outcome does not vary" if np.isnan(shares[0]) else "  " + _chance_and_numbers(*shares)


_TEXTS = {"total": _sobol, "noise_level": _pawn, "swing": _tornado, "aleatory_share": _variance}


def _outcomes(analysis: xr.Dataset) -> Iterator[xr.Dataset]:
    return (analysis.isel(outcome=n) for n in range(analysis.sizes["outcome"]))


def _heading(one: xr.Dataset) -> Iterator[str]:
    unit = str(one["outcome_units"].item())
    yield ""
    yield f"{one['outcome'].item()}: {one['outcome_long_name'].item()}" + (f" [{unit}]" if unit != "1" else "")


def _chance_and_numbers(aleatory: float, aleatory_error: float, epistemic_error: float) -> str:
    parts = (("chance explains", aleatory, aleatory_error), ("the numbers", 1.0 - aleatory, epistemic_error))
    texts = [
        f"{words} {100.0 * share:.1f}% +- {'?' if np.isnan(error) else f'{100.0 * error:.1f}%'}"
        for words, share, error in parts
    ]
    return ", ".join(texts)
