"""The section on the effects and the price of policies, and its findings."""

from __future__ import annotations

import numpy as np

from engine.analyses.compare.analysis import changes_to_horizon
from engine.analyses.compare.surprising_signs import others_in_words, sign_in_words, surprising_signs
from engine.document.page import LeftOut, Section, Table, picture, table
from engine.document.run import Run
from engine.scenario import BASELINE
from engine.text.format import format_with_error, number_in_words, spoken
from engine.text.report_format import difference, listed, mean_loss_cell, money
from engine.text.uncertain import TOO_FEW, Verdict, is_known


def section(run: Run) -> Section | LeftOut:
    """The effects of each policy, and its price."""
    title = "Effects of policies"
    if not run.policies:
        return LeftOut(title, "the file has no policy other than the baseline")
    from engine.analyses.compare.delay_plots import delays_figure, delays_in_words
    from engine.analyses.compare.plots import differences_figure, differences_in_words, price_figure, price_in_words

    words = (
        "Every policy is simulated in the same futures as the baseline, with the same random draws, and compared "
        "future by future. Chance that is unrelated to the policy cancels, so differences are known far better than "
        "the levels themselves.",
        "Every measure acts on valuable capabilities as on dangerous ones; the benefit lost is its price. The cost of "
        "a measure itself is not counted: money for a defence, an office or public compute costs nothing in the "
        "model, so a policy that loses no benefit is not therefore free.",
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
            "Paired differences from the baseline, with two standard errors. A hollow marker means that this "
            "run does not show whether the policy helps or harms.",
        ),
        picture(
            delays_figure(run.results),
            delays_in_words(run.results),
            f"Mean delay of first attainment by each policy, in years; times after {run.horizon:g} count as "
            f"{run.horizon:g}.",
        ),
    )
    return Section(title, words, points=tuple(_surprises(run)), pictures=pictures, tables=(_differences(run),))


def _surprises(run: Run) -> list[str]:
    """The changes whose sign is contrary to what a policy is for, if there are any."""
    found = run.once(surprising_signs)
    words = [sign_in_words(sign, spoken, number_in_words) for sign in found.largest]
    return [*words, others] if (others := others_in_words(found)) else words


def _differences(run: Run) -> Table:
    """Loss, exposure and benefit: levels of the baseline, then the change under each policy."""
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
    bound = "" if "future_exposure" in run.results else ", with an upper bound of its error"
    return table(
        f"Change against the baseline, +- standard error, to {run.horizon:g}. Exposure is summed over all dangerous "
        f"capabilities{bound}. Money is constant 2023 US$, not discounted.",
        ("policy", "exposure", "mean loss", "benefit"),
        rows,
    )


def findings(run: Run) -> list[str]:
    """The effects of the best and the worst policies, and the largest change with a surprising sign, if any."""
    surprises = run.once(surprising_signs).largest[:1]
    return [*_best_and_worst(run), *(sign_in_words(sign, spoken, number_in_words) for sign in surprises)]


def _best_and_worst(run: Run) -> list[str]:
    """The effects of the policies with the least and the most exposure, and the fewest and the most incidents."""
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
        return ["No policy changes the number of incidents."]
    if (best, worst) == (least_exposed, most_exposed):
        return ["The same policies have the fewest and the most incidents."]
    return [
        f"The fewest incidents occur under {_with_incidents(run, best)}, the most under {_with_incidents(run, worst)}."
    ]


def _with_incidents(run: Run, policy: str) -> str:
    return "the baseline" if policy == BASELINE else f"{spoken(policy)} ({_incidents(run, policy)} than the baseline)"


def _incidents(run: Run, policy: str) -> str:
    """The change in the number of incidents under one policy."""
    change, error = _change_of(run, "incidents", policy)
    number = format_with_error(abs(change), error)
    return f"{number} {'fewer' if change < 0.0 else 'more'} incidents{_unsure(run, 'incidents', policy)}"


def _change(run: Run, policy: str) -> str:
    """The changes in exposure, loss and benefit under one policy, with standard errors."""
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
    """(paired difference, its standard error) under one policy; NaN if the run does not contain it."""
    changes = run.once(changes_to_horizon)
    return changes[name].of(policy) if name in changes else (np.nan, np.nan)


def _more(change: float) -> str:
    return "less" if change < 0.0 else "more"


def _unsure(run: Run, name: str, policy: str) -> str:
    """A note on a difference whose sign is unclear, by the same rule as in the figures."""
    changes = run.once(changes_to_horizon)
    found = changes[name].verdict_of(policy) if name in changes else Verdict.UNCLEAR
    return f" ({found})" if found == Verdict.UNCLEAR else ""
