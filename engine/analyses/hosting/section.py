"""The section on hosted services."""

from __future__ import annotations

import numpy as np

from engine.document.page import LeftOut, Section, Table, picture, table
from engine.document.run import Run
from engine.text.format import format_with_error, spoken
from engine.text.report_format import at, money


def section(run: Run) -> Section | LeftOut:
    """Who can use what without having it, and the incidents and the benefit of use."""
    title = "Use by hosted services"
    if not float(run.baseline["use_probability"].max()) > 0.0:
        return LeftOut(title, "no service is open to any class in any future of this run without measures")
    from engine.analyses.hosting.plots import use_figure, use_in_words

    words = (
        "An actor that trained a model may offer it as a service. Classes that it serves can then use the capability "
        "without having it: the host guards the service, watches it, and can withdraw it. Use is therefore counted "
        "apart from attainment; incidents, losses and benefit include it.",
        f"Use brings a benefit of {money(*_mean(run, 'hosted_benefit_mean'))} to {run.horizon:g} on average, and "
        f"losses of {money(*_mean(run, 'hosted_loss_mean'))}.",
    )
    made = picture(
        use_figure(run.results),
        use_in_words(run.results),
        "Probability over time that a member of the class has the capability, and that a host has served a class with "
        "it (dotted). Bands are 95% confidence limits of this run.",
    )
    return Section(title, words, pictures=(made,), tables=(_uses(run),))


def _mean(run: Run, name: str) -> tuple[float, float]:
    return float(run.baseline[name]), float(run.baseline[f"{name}_se"])


def _uses(run: Run) -> Table:
    """First use, first attainment and incidents by capability."""
    rows = []
    for name in map(str, run.results["capability"].values):
        one = run.baseline.sel(capability=name)
        used, attained = (one[f"{event}_time_quantile"].min("actor_class") for event in ("use", "attainment"))
        incidents = ["-", "-"]
        if name in run.dangerous:
            counts = ("hosted_incidents_mean", "incidents_mean")
            incidents = [format_with_error(float(one[count]), float(one[f"{count}_se"])) for count in counts]
        users = one["users_mean"]
        most = int(np.argmax(users.values))
        rows.append(
            (
                spoken(name),
                _year(at(attained, 0.5)),
                _year(at(used, 0.5)),
                f"{float(users[most]):,.0f} in {float(users['time'][most]):.0f}",
                *incidents,
            )
        )
    columns = (
        *("capability", "first attained, median", "open as a service, median", "most users, mean"),
        *("incidents by users", "all incidents"),
    )
    words = (
        "The first class by its median; the largest mean number of actors that "
        f"use it and do not have it; mean incidents to {run.horizon:g}."
    )
    return table(words, columns, rows)


def _year(year: float) -> str:
    return "-" if np.isnan(year) else f"{year:.1f}"
