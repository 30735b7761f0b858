"""The section on exposure and losses, and the findings on them and on benefit."""

from __future__ import annotations

import numpy as np

from engine.document.page import LeftOut, Section, Table, picture, table
from engine.document.run import Run
from engine.text.format import format_share, format_with_error, spoken
from engine.text.report_format import amount_with_limits, at, ends, mean_loss, mean_loss_cell, money


def section(run: Run) -> Section | LeftOut:
    """Exposure, and the distribution of losses."""
    title = "Exposure and losses"
    if not run.dangerous:
        return LeftOut(title, "the scenario has no dangerous capability")
    from engine.analyses.losses.plots import exposure_figure, exposure_in_words, loss_figure, loss_in_words

    words = (
        "Exposure is the time between the first access of a malicious class to a dangerous capability and a ready "
        f"defence, within the time to {run.horizon:g}.",
        "Harm does not end with exposure. Attempts continue once a defence is ready, and a defence stops only a share "
        "of otherwise successful attempts, its effectiveness (see the appendix). Incidents and losses are counted to "
        f"{run.horizon:g}, before and after a defence; a policy may therefore change exposure much and losses "
        "little, or the reverse.",
        "Losses have a heavy tail: most futures lose little, and a few lose so much that they dominate the mean. The "
        "section therefore shows the probability of each loss as well as the mean. Money is constant 2023 US$, not "
        "discounted.",
    )
    pictures = (
        picture(
            exposure_figure(run.results),
            exposure_in_words(run.results),
            "Years of exposure to each dangerous capability.",
        ),
        picture(
            loss_figure(run.results),
            loss_in_words(run.results),
            "Loss exceedance: the probability of at least each loss.",
        ),
    )
    return Section(title, words, pictures=pictures, tables=_losses(run))


def _losses(run: Run) -> tuple[Table, ...]:
    """Median, mean and tail of the loss to the horizon by policy."""
    total = run.results.sel(period="total")
    if not np.isfinite(total["loss_mean"]).any():
        return ()
    level = float(run.results["level"].values[-1])
    rows = []
    for name in map(str, run.results["policy"].values):
        one = total.sel(policy=name)
        low, high, _ = ends(one["loss_quantile"])
        rows.append(
            (
                spoken(name),
                money(at(one["loss_quantile"], 0.5)),
                f"{money(low)} to {money(high)}",
                amount_with_limits(one.sel(level=level), "value_at_risk"),
                mean_loss_cell(one),
                format_share(float(one["loss_largest_share"])) if float(one["loss_mean"]) > 0.0 else "-",
            )
        )
    within = ends(total["loss_quantile"].isel(policy=0))[2]
    worst = f"{100.0 * (1.0 - level):.3g}%"
    columns = (
        *("policy", "median loss", f"{within} of futures", f"least loss of the worst {worst}"),
        *("mean loss", "share of the largest 1% of futures"),
    )
    words = f"Loss to {run.horizon:g}. In brackets: 95% confidence limits."
    return (table(words, columns, rows),)


def findings(run: Run) -> list[str]:
    """Exposure, loss and benefit under the baseline."""
    return [*_harm(run), *_benefit(run)]


def _harm(run: Run) -> list[str]:
    """Exposure and loss."""
    if not run.dangerous:
        return []
    base = run.baseline
    exposed = base["exposure_mean"].sel(capability=run.dangerous)
    if exposed.isnull().all():
        return []
    worst = str(exposed["capability"].values[int(np.nanargmax(exposed.values))])
    years, error = (float(base[name].sel(capability=worst)) for name in ("exposure_mean", "exposure_mean_se"))
    findings = [
        f"Exposure, the time in which a malicious class has access and no defence is ready, is longest for "
        f"{spoken(worst)}: {format_with_error(years, error)} years on average. Harm does not end with it: a ready "
        "defence stops a share of attempts, but incidents and losses still occur."
        if years > 0.0
        else "In no future does a malicious class have access to a dangerous capability before a defence is ready."
    ]
    total = base.sel(period="total")
    if float(total["loss_mean"]) > 0.0:
        low, high, within = ends(total["loss_quantile"])
        findings.append(
            f"The median loss from misuse is {money(at(total['loss_quantile'], 0.5))} to {run.horizon:g}; in {within} "
            f"of futures it is between {money(low)} and {money(high)}. {mean_loss(total)} Levels of loss depend on "
            "assumptions: read differences rather than levels."
        )
    return findings


def _benefit(run: Run) -> list[str]:
    base = run.baseline
    if not float(base["benefit_mean"]) > 0.0:
        return []
    low, high, within = ends(base["benefit"])
    interval = f" ({within} interval {money(low)} to {money(high)})" if low < high else ""
    return [
        f"Valuable capabilities bring {money(float(base['benefit_mean']), float(base['benefit_mean_se']))} to "
        f"{run.horizon:g} on average{interval}."
    ]
