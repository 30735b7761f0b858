"""The section on what policies change at which price, and what the findings say of it."""

from __future__ import annotations

import numpy as np

from engine.analyses.compare.analysis import changes_to_horizon
from engine.document.page import LeftOut, Section, Table, picture, table
from engine.document.run import Run
from engine.scenario import BASELINE
from engine.text.format import format_with_error, spoken
from engine.text.report_format import difference, listed, mean_loss_cell, money
from engine.text.uncertain import TOO_FEW, Verdict, is_known


def section(run: Run) -> Section | LeftOut:
    """What each policy changes, and its price."""
    title = "Policies side by side"
    if not run.policies:
        return LeftOut(title, "the file has no policy beside the baseline")
    from engine.analyses.compare.delay_plots import delays_figure, delays_in_words
    from engine.analyses.compare.plots import differences_figure, differences_in_words, price_figure, price_in_words

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
            mean_loss_cell(base),
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
                difference(*_change_of(run, "exposure", name), "years"),
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


def findings(run: Run) -> list[str]:
    """What the policies with the least and the most exposure change; which have the fewest and the most incidents."""
    changes = run.once(changes_to_horizon)
    if "exposure" not in changes or not run.policies:
        return []
    best, worst = changes["exposure"].best_and_worst()
    number = f"{len(run.policies)} policies" if len(run.policies) > 1 else "the one policy"
    none = f"None of {number}" if len(run.policies) > 1 else "No policy"
    if best == worst:
        return [f"{none} changes exposure."]
    sentences = [
        f"{none} has {less} mean exposure than the baseline in this run."
        if name == BASELINE
        else f"Of {number}, {spoken(name)} leaves the {least} mean exposure: {_change(run, name)}."
        for name, least, less in ((best, "least", "less"), (worst, "most", "more"))
    ]
    return [" ".join([*sentences, *_by_incidents(run, best, worst)])]


def _by_incidents(run: Run, least_exposed: str, most_exposed: str) -> list[str]:
    """The policies with the fewest and the most incidents, if there are incidents."""
    changes = run.once(changes_to_horizon)
    if "incidents" not in changes:
        return []
    best, worst = changes["incidents"].best_and_worst()
    if best == worst:
        return ["None of them changes the number of incidents."]
    if (best, worst) == (least_exposed, most_exposed):
        return ["By incidents, the same are best and worst."]
    return [f"By incidents, {_with_incidents(run, best)} has the fewest and {_with_incidents(run, worst)} the most."]


def _with_incidents(run: Run, policy: str) -> str:
    return "the baseline" if policy == BASELINE else f"{spoken(policy)} ({_incidents(run, policy)} than the baseline)"


def _incidents(run: Run, policy: str) -> str:
    """What one policy changes in the number of incidents."""
    change, error = _change_of(run, "incidents", policy)
    number = format_with_error(abs(change), error)
    return f"{number} {'fewer' if change < 0.0 else 'more'} incidents{_unsure(run, 'incidents', policy)}"


def _change(run: Run, policy: str) -> str:
    """What one policy changes in exposure, loss and benefit, with standard errors."""
    one = run.results.sel(policy=policy, period="total")
    exposure, error = _change_of(run, "exposure", policy)
    years = format_with_error(abs(exposure), error, "years")
    unsure = _unsure(run, "exposure", policy)
    parts = [f"{years} {_more(exposure)} than the baseline over all dangerous capabilities{unsure}"]
    if "incidents" in run.once(changes_to_horizon):
        parts.append(_incidents(run, policy))
    for words, name in (("loss", "loss_mean"), ("benefit", "benefit_mean")):
        if float(run.baseline[name].max()) > 0.0:
            change, error = (float(one[f"{name}_{ending}"]) for ending in ("difference", "difference_se"))
            if words == "loss" and not is_known(change, error):
                parts.append(f"a change of the mean loss that {TOO_FEW} show")
                continue
            parts.append(
                f"{money(abs(change), error)} {_more(change)} {words} to {run.horizon:g}{_unsure(run, words, policy)}"
            )
    return listed(parts)


def _change_of(run: Run, name: str, policy: str) -> tuple[float, float]:
    """(paired difference, its standard error) under one policy; NaN where the run does not give it."""
    changes = run.once(changes_to_horizon)
    return changes[name].of(policy) if name in changes else (np.nan, np.nan)


def _more(change: float) -> str:
    return "less" if change < 0.0 else "more"


def _unsure(run: Run, name: str, policy: str) -> str:
    """What is said of a difference whose sign is unclear, by the same rule as in the figures."""
    changes = run.once(changes_to_horizon)
    found = changes[name].verdict_of(policy) if name in changes else Verdict.UNCLEAR
    return f" ({found})" if found == Verdict.UNCLEAR else ""
