"""Sections on harm: exposure, losses, and what policies change at which price."""

from __future__ import annotations

import numpy as np

from engine.report.document.page import LeftOut, Section, Table, picture, table
from engine.report.document.run import Run
from engine.report.document.told import difference, money
from engine.report.style import spoken
from engine.scenario import BASELINE


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
            "Paired differences from the baseline, with two standard errors. Where a line crosses 0, this run does not "
            "say whether the policy helps or harms.",
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
            money(float(base["loss_mean"]), float(base["loss_mean_se"])),
            money(float(base["benefit_mean"]), float(base["benefit_mean_se"])),
        )
    ]
    for name in run.policies:
        one = total.sel(policy=name)
        changes = [
            money(float(one[f"{mean}_difference"]), float(one[f"{mean}_difference_se"]), sign=True)
            for mean in ("loss_mean", "benefit_mean")
        ]
        exposure = run.change("exposure", name)
        rows.append((spoken(name), difference(*exposure, "years"), *changes))
    bound = "" if "future_exposure" in run.results else ", its error at most so large"
    return table(
        f"Change against the baseline, +- standard error, to {run.horizon:g}. Exposure is added over all dangerous "
        f"capabilities{bound}. Money is constant 2023 US$, not discounted.",
        ("policy", "exposure", "loss", "benefit"),
        rows,
    )


def best_and_worst(run: Run, by: str = "exposure") -> tuple[str, str]:
    """The policies with the least and the most exposure, or incidents if `by` says so; one may be the baseline.

    Not by losses: their means hang on so few futures that the sign of a difference is often not sure.
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
    """Mean and tail of the yearly loss by policy; nothing for a horizon of less than a year."""
    annual = run.results.sel(period="annual")
    if not np.isfinite(annual["loss_mean"]).any():
        return ()
    level = float(run.results["level"].values[-1])
    worst = annual.sel(level=level)
    rows = []
    for name in map(str, run.results["policy"].values):
        one, tail = annual.sel(policy=name), worst.sel(policy=name)
        cells = [(one, "loss_mean"), (tail, "value_at_risk"), (tail, "expected_shortfall")]
        rows.append((spoken(name), *(money(float(d[v]), float(d[f"{v}_se"])) for d, v in cells)))
    share = f"{100.0 * (1.0 - level):.3g}%"
    columns = ("policy", "mean loss a year", f"least loss of the worst {share} of years", f"mean of the worst {share}")
    return (table("Loss of a year, +- Monte Carlo standard error.", columns, rows),)
