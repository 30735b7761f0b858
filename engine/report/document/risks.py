"""Sections on harm: exposure, losses, and what policies change at which price."""

from __future__ import annotations

import numpy as np
import xarray as xr

from engine.analysis.telling import told_share
from engine.report.document.page import LeftOut, Section, Table, picture, table
from engine.report.document.run import Run
from engine.report.document.told import at, difference, ends, money
from engine.report.style import spoken
from engine.scenario import BASELINE
from engine.text.uncertain import TOO_FEW, is_known


def policies(run: Run) -> Section | LeftOut:
    """What each policy changes, and its price."""
    title = "Policies side by side"
    if not run.policies:
        return LeftOut(title, "the file has no policy beside the baseline")
    from engine.report.policies import (
        delays_figure,
        delays_in_words,
        differences_figure,
        differences_in_words,
        price_figure,
        price_in_words,
    )

    words = (
        "Every policy is played in the same futures as the baseline, with the same luck, and compared future by "
        "future. Chance that has nothing to do with the policy drops out, so that differences are known far better "
        "than the levels they are differences of.",
        "Every measure acts on valuable capabilities as on dangerous ones: what is lost of their benefit is its price. "
        "What a measure costs is not counted: money for a defence, an office or public compute costs nothing in the "
        "model, so that a policy which loses no benefit is not therefore free.",
    )
    pictures = (
        picture(
            price_figure(run.results),
            price_in_words(run.results),
            "Harm avoided against benefit lost, for each policy, with two standard errors.",
        ),
        picture(
            differences_figure(run.results),
            differences_in_words(run.results),
            "Paired differences from the baseline, with two standard errors. Where a marker is hollow, this run does "
            "not say whether the policy helps or harms.",
        ),
        picture(
            delays_figure(run.results),
            delays_in_words(run.results),
            f"By how many years each policy delays first attainment, on average; times after {run.horizon:g} count as "
            f"{run.horizon:g}.",
        ),
    )
    return Section(title, words, pictures=pictures, tables=(_differences(run),))


def _differences(run: Run) -> Table:
    """Loss, exposure and benefit: those of the baseline, then what each policy changes."""
    total = run.results.sel(period="total")
    base = total.sel(policy=BASELINE)
    exposed = float(base["exposure_mean"].sum("capability"))
    rows: list[tuple[str, ...]] = [
        (
            "baseline (itself)",
            f"{exposed:.2f} years",
            _mean_loss(base),
            money(float(base["benefit_mean"]), float(base["benefit_mean_se"])),
        )
    ]
    for name in run.policies:
        one = total.sel(policy=name)
        loss, benefit = (
            (float(one[f"{mean}_difference"]), float(one[f"{mean}_difference_se"]))
            for mean in ("loss_mean", "benefit_mean")
        )
        rows.append(
            (
                spoken(name),
                difference(*run.change("exposure", name), "years"),
                money(*loss, sign=True) if is_known(*loss) else TOO_FEW,
                money(*benefit, sign=True),
            )
        )
    bound = "" if "future_exposure" in run.results else ", its error at most so large"
    return table(
        f"Change against the baseline, +- standard error, to {run.horizon:g}. Exposure is added over all dangerous "
        f"capabilities{bound}. Money is constant 2023 US$, not discounted.",
        ("policy", "exposure", "mean loss", "benefit"),
        rows,
    )


def _mean_loss(one: xr.Dataset) -> str:
    """The mean loss of one policy and period with its 95% limits, or that few futures carry it; 0 if none loses."""
    if float(one["loss_mean"]) == 0.0:
        return money(0.0)
    if not is_known(float(one["loss_mean"]), float(one["loss_mean_se"])):
        return TOO_FEW
    return _within(one, "loss_mean")


def _within(one: xr.Dataset, name: str) -> str:
    """An amount with its 95% limits."""
    lower, upper = (money(float(limit)) for limit in one[f"{name}_limits"])
    return f"{money(float(one[name]))} ({lower} to {upper})"


def best_and_worst(run: Run, by: str = "exposure") -> tuple[str, str]:
    """The policies with the least and the most exposure, or incidents if `by` says so; one may be the baseline.

    Not by losses: so few futures carry their means that the sign of a difference is often unclear.
    """
    changes = {BASELINE: 0.0} | {name: run.change(by, name)[0] for name in run.policies}
    return min(changes, key=lambda name: changes[name]), max(changes, key=lambda name: changes[name])


def harm(run: Run) -> Section | LeftOut:
    """Exposure, and how often how much is lost."""
    title = "Exposure and losses"
    if not run.dangerous:
        return LeftOut(title, "the scenario has no dangerous capability")
    from engine.report.risk import exposure_figure, exposure_in_words, loss_figure, loss_in_words

    words = (
        "Exposure is the time between the first access of a malicious class to a dangerous capability and a ready "
        f"defence, within the time to {run.horizon:g}.",
        "Harm does not end with exposure. Attempts go on once a defence is ready, and a defence stops only a share of "
        "those that would have succeeded, its effectiveness (see the appendix). Incidents and losses are counted to "
        f"{run.horizon:g}, before a defence and after it; a policy may therefore change exposure much and losses "
        "little, or the other way round.",
        "Losses have a heavy tail: most futures lose little, and a few lose so much that they decide the mean. "
        "Therefore the probability of losing at least an amount is shown, not only the mean. Money is constant 2023 "
        "US$, not discounted.",
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
            "Loss exceedance: the probability that at least so much is lost.",
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
                _within(one.sel(level=level), "value_at_risk"),
                _mean_loss(one),
                told_share(float(one["loss_largest_share"])) if float(one["loss_mean"]) > 0.0 else "-",
            )
        )
    within = ends(total["loss_quantile"].isel(policy=0))[2]
    worst = f"{100.0 * (1.0 - level):.3g}%"
    columns = (
        *("policy", "median loss", f"{within} of futures", f"least loss of the worst {worst}"),
        *("mean loss", "of it in the largest 1% of futures"),
    )
    words = f"Loss to {run.horizon:g}. In brackets: 95% limits of what this run can say of a figure."
    return (table(words, columns, rows),)
