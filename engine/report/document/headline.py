"""The findings in words, each with its uncertainty, for a reader who reads nothing else."""

from __future__ import annotations

import numpy as np
import xarray as xr

from engine.analysis.telling import told_share, told_with_error
from engine.report.document.page import Section
from engine.report.document.risks import best_and_worst
from engine.report.document.run import Missing, Run
from engine.report.document.told import at, ends, listed, median_year, money, sentence, span
from engine.report.document.uncertainty import matters_most
from engine.report.style import spoken
from engine.results.summary import attained_by_the_end, mean_loss
from engine.scenario import BASELINE
from engine.scenario.origins import origins_in_words
from engine.text.uncertain import TOO_FEW, Verdict, is_known

#: Dangerous capabilities that are told of, the earliest; the table of attainment has all.
_MOST_CAPABILITIES = 4


def findings(run: Run) -> Section:
    """Who is first and when, exposure, loss, benefit, the best and the worst policy, what matters most."""
    size = f"{int(run.results.attrs['worlds']):,} worlds with {int(run.results.attrs['futures']):,} futures each"
    words = (
        f"The scenario was played in {size}, from {float(run.results['time'][0]):g} to {run.horizon:g}. "
        + ("All but the comparison of policies is under the baseline. " if run.policies else "")
        + "The +- is one Monte Carlo standard error, and two where the words below a figure say so; an "
        "interval holds what the scenario's author is unsure of, and what chance decides.",
    )
    points = [*_capabilities(run), *_harm(run), *_benefit(run), *_policies(run), *matters_most(run)]
    return Section("Findings", words, points=tuple(points), parts=(_not_covered(run),))


def _capabilities(run: Run) -> list[str]:
    """A sentence for each dangerous capability, or valuable one if there is no danger, the earliest first."""
    medians = run.baseline["attainment_time_quantile"].min("actor_class")
    order = sorted(run.dangerous or run.valuable, key=lambda name: _or_later(at(medians.sel(capability=name), 0.5)))
    told = [_capability(run, name) for name in order[:_MOST_CAPABILITIES]]
    if len(order) > _MOST_CAPABILITIES:
        told.append(f"The table of first attainments has the {len(order) - _MOST_CAPABILITIES} others.")
    return told


def _or_later(value: float) -> float:
    return np.inf if np.isnan(value) else value


def _capability(run: Run, capability: str) -> str:
    """Who is first with one capability, when, and when malicious groups have it."""
    one = run.baseline.sel(capability=capability)
    first = one["first_attainer"]
    leader = str(first["actor_class"].values[int(np.argmax(first.values))])
    name = sentence(spoken(capability)).rstrip(".")
    if not float(first.max()) > 0.0:
        return f"{name}: no class attains it by {run.horizon:g} in any future of this run."
    text = (
        f"{name}: {spoken(leader)} is most often first ({told_share(float(first.max()))} of futures), and has it by "
        f"{_when(run, one, leader)}"
    )
    follower = next((name for name in run.malicious if name != leader), None)
    if follower is None:
        return f"{text}."
    lead = at(one["lead_time"].sel(actor_class=follower), 0.5)
    behind = "" if np.isnan(lead) else f", a median of {lead:.1f} years after the first"
    return f"{text}; {spoken(follower)} by {_when(run, one, follower)}{behind}."


def _when(run: Run, one: xr.Dataset, name: str) -> str:
    """Median, error and interval of a class; or how often, where most futures have no attainment."""
    cell = one.sel(actor_class=name)
    quantiles = cell["attainment_time_quantile"]
    if np.isnan(at(quantiles, 0.5)):
        return f"{run.horizon:g} in {attained_by_the_end(cell)} of futures"
    within = f" ({ends(quantiles)[2]} interval {span(quantiles, run.horizon)})" if quantiles.size > 1 else ""
    return f"{median_year(cell, run.horizon)} in half of all futures{within}"


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
    told = [
        f"Exposure, the time in which a malicious class has access and no defence is ready, is longest for "
        f"{spoken(worst)}: {told_with_error(years, error)} years on average. Harm does not end with it: a ready "
        "defence stops a share of attempts, and incidents and losses occur after it too."
        if years > 0.0
        else "No malicious class has access to a dangerous capability before a defence is ready, in any future."
    ]
    total = base.sel(period="total")
    if float(total["loss_mean"]) > 0.0:
        low, high, within = ends(total["loss_quantile"])
        told.append(
            f"Misuse costs a median of {money(at(total['loss_quantile'], 0.5))} to {run.horizon:g}, and between "
            f"{money(low)} and {money(high)} in {within} of futures. {mean_loss(total)} Levels of loss depend on "
            "assumptions: read differences rather than levels."
        )
    return told


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


def _policies(run: Run) -> list[str]:
    """What the policies with the least and the most exposure change; which have the fewest and the most incidents."""
    if "exposure" not in run.changes or not run.policies:
        return []
    best, worst = best_and_worst(run)
    number = f"{len(run.policies)} policies" if len(run.policies) > 1 else "the one policy"
    none = f"None of {number}" if len(run.policies) > 1 else "No policy"
    if best == worst:
        return [f"{none} changes exposure."]
    told = [
        f"{none} has {less} mean exposure than the baseline in this run."
        if name == BASELINE
        else f"Of {number}, {spoken(name)} leaves the {least} mean exposure: {_change(run, name)}."
        for name, least, less in ((best, "least", "less"), (worst, "most", "more"))
    ]
    return [" ".join([*told, *_by_incidents(run, best, worst)])]


def _by_incidents(run: Run, least_exposed: str, most_exposed: str) -> list[str]:
    """The policies with the fewest and the most incidents, if there are incidents."""
    if "incidents" not in run.changes:
        return []
    best, worst = best_and_worst(run, "incidents")
    if best == worst:
        return ["None of them changes the number of incidents."]
    if (best, worst) == (least_exposed, most_exposed):
        return ["By incidents, the same are best and worst."]
    return [f"By incidents, {_with_incidents(run, best)} has the fewest and {_with_incidents(run, worst)} the most."]


def _with_incidents(run: Run, policy: str) -> str:
    return "the baseline" if policy == BASELINE else f"{spoken(policy)} ({_incidents(run, policy)} than the baseline)"


def _incidents(run: Run, policy: str) -> str:
    """What one policy changes in the number of incidents."""
    change, error = run.change("incidents", policy)
    number = told_with_error(abs(change), error)
    return f"{number} {'fewer' if change < 0.0 else 'more'} incidents{_unsure(run, 'incidents', policy)}"


def _change(run: Run, policy: str) -> str:
    """What one policy changes in exposure, loss and benefit, with standard errors."""
    one = run.results.sel(policy=policy, period="total")
    exposure, error = run.change("exposure", policy)
    years = told_with_error(abs(exposure), error, "years")
    unsure = _unsure(run, "exposure", policy)
    parts = [f"{years} {_more(exposure)} than the baseline over all dangerous capabilities{unsure}"]
    if "incidents" in run.changes:
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


def _more(change: float) -> str:
    return "less" if change < 0.0 else "more"


def _unsure(run: Run, name: str, policy: str) -> str:
    """What is said of a difference whose sign is unclear, by the same rule as in the figures."""
    found = run.changes[name].verdicts()[run.policies.index(policy)] if name in run.changes else Verdict.UNCLEAR
    return f" ({found})" if found == Verdict.UNCLEAR else ""


def _not_covered(run: Run) -> Section:
    """What the numbers do not say."""
    words = [
        "Neither errors nor intervals hold whether the scenario and the model are right. "
        + _labelled(run)
        + "Change an assumption and see what follows.",
        "The model leaves out money that follows success, the cost of inference, the cost of governance to the state, "
        "evasion of rules but by partial compliance and leakage, mergers and failures of actors, and capabilities that "
        "need more than effective compute.",
    ]
    return Section("What the numbers do not cover", tuple(words))


def _labelled(run: Run) -> str:
    try:
        return f"{origins_in_words(run.scenario, most=0)} "
    except Missing:
        return ""
