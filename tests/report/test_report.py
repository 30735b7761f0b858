"""The report of a run: whole, closed, the same for the same results, and true to them."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from pages import Page

import engine
from engine.analyses.compare.analysis import Change, changes_of
from engine.analyses.losses import section as losses_section
from engine.analyses.stress import section as stress_section
from engine.analyses.stress.analysis import stress_test
from engine.analyses.timelines import section as timelines_section
from engine.document.run import Run
from engine.report import assumptions, findings, report, sections
from engine.scenario import BASELINE
from engine.text.report_format import mean_loss_cell
from engine.text.uncertain import Verdict

HOSTILE = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;{{ 7*7 }}"


@pytest.fixture(scope="module")
def results(compared, scenario_file):
    """The small run under all policies, with the scenario that the file of a run holds."""
    return compared.assign_attrs(scenario_yaml=scenario_file.read_text(), date_created="2026-11-27T00:47:47Z")


@pytest.fixture(scope="module")
def html(results):
    return report(results)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


@pytest.fixture(scope="module")
def alone(kept):
    """The report of the small run under the baseline alone, which does not hold its scenario."""
    return report(kept)


@pytest.mark.quick
def test_every_section_is_there_and_in_the_contents(page):
    headings = [element.text for element in page.all("h2") if element.attributes.get("id") != "contents"]
    entries = page.all("a")
    left_out = [one for one in page.all("p") if one.text.startswith("Left out: ")]
    assert len(headings) == len(entries) == len(sections()) - len(left_out)
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    for entry, heading in zip(entries, headings, strict=True):
        assert entry.attributes["href"].removeprefix("#") in ids
        assert entry.text in heading


def test_nothing_is_asked_of_any_host_and_nothing_runs(page):
    assert not page.all("script", "link", "iframe", "object", "embed", "form", "base", "svg")
    for element in page.elements:
        assert not [name for name in element.attributes if name.startswith("on")], element.tag
        if "src" in element.attributes:
            assert element.attributes["src"].startswith("data:image/svg+xml;base64,")
        if "href" in element.attributes:
            assert element.attributes["href"].startswith("#")
    policies = [e.attributes["content"] for e in page.all("meta") if "Security" in e.attributes.get("http-equiv", "")]
    assert policies == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]
    (style,) = page.all("style")
    assert "url(" not in style.text
    assert "@import" not in style.text


def test_a_page_for_everybody(page):
    (root,) = page.all("html")
    (title,) = page.all("title")
    assert root.attributes["lang"] == "en-GB"
    assert "governed" in title.text
    levels = [int(element.tag[1]) for element in page.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels) if after < 4)


def test_figures_are_seen_and_said(page):
    images = page.all("img")
    assert len(images) == len(page.all("figcaption")) == len(page.all("figure")) > 15
    for image in images:
        assert len(image.attributes["alt"]) > 20
        drawn = base64.b64decode(image.attributes["src"].partition(",")[2])
        assert ET.fromstring(drawn).tag.endswith("svg")
    assert all(len(element.text.strip()) > 20 for element in page.all("figcaption"))


def test_tables_have_captions_and_scopes(page):
    assert len(page.all("caption")) == len(page.all("table")) > 10
    assert all(element.attributes.get("scope") in ("row", "col") for element in page.all("th"))
    assert all(element.text.strip() for element in page.all("caption"))


def test_the_same_results_give_the_same_bytes(kept, alone):
    assert report(kept) == alone


def test_numbers_are_those_of_the_results(page, results):
    rows = page.rows("First attainment by each class")
    base = results.sel(policy=BASELINE)
    for name in results["actor_class"].values:
        median, span, _ = rows[f"early: {name}"]
        cell = base.sel(actor_class=name, capability="early")
        low, half, high = (float(cell["attainment_time_quantile"].sel(quantile=q)) for q in (0.05, 0.5, 0.95))
        error = float(cell["attainment_time_quantile_se"].sel(quantile=0.5))
        if half == half and error == error:
            assert median == f"{half:.1f} ± {error:.2f}"
        if low == low and high == high:
            assert span == f"{low:.1f} to {high:.1f}"


def test_differences_of_policies_are_those_of_the_results(page, results):
    rows = page.rows("Change against the baseline")
    exposure = results["exposure_mean_difference"].sel(policy="brake", capability="early")
    told = float(rows["brake"][0].split(" ")[0])
    assert told == pytest.approx(float(exposure), rel=0.05, abs=1e-3)
    assert list(rows) == ["baseline (itself)", "caution", "support", "brake", "idle"]
    assert rows["idle"] == ["0", "0 US$", "0 US$"]


def test_what_is_left_out_is_said_and_why(alone):
    said = [element.text for element in Page(alone).all("p") if element.text.startswith("Left out: ")]
    hosted, policies, stress, told, assumed, appendix = said
    assert "no service is open to any class" in hosted
    assert "Effects of policies, because the file has no policy other than the baseline." in policies
    assert "no policy other than the baseline" in stress
    for words in (told, assumed, appendix):
        assert "does not contain the scenario" in words


def test_all_that_comes_from_the_file_is_escaped(kept, monkeypatch):
    monkeypatch.setattr("engine.document.page.as_svg", lambda figure: "<svg/>")
    names = ("scenario_name", "summary", "source", "date_created", "scenario_file", "engine_version", "worlds_from")
    hostile = kept.assign_attrs(dict.fromkeys(names, HOSTILE)).assign_attrs(scenario_yaml=HOSTILE)
    made = report(hostile)
    page = Page(made)
    assert not page.all("script")
    assert all(element.attributes["src"].startswith("data:") for element in page.all("img"))
    assert "<script" not in made
    assert "49" not in page.all("h1")[0].text
    assert HOSTILE in page.all("h1")[0].text


def test_findings_are_few_and_say_how_sure_they_are(page):
    points = [element.text for element in page.all("li") if element.within[-2:] == ("section", "ul")]
    assert 5 <= len(points) <= 10
    assert all("±" in point or "interval" in point or "% of futures" in point for point in points)


def test_findings_tell_what_the_best_and_the_worst_policy_change(page, results):
    (told,) = [element.text for element in page.all("li") if element.text.startswith("Of 4 policies")]
    exposed = results["exposure_mean_difference"].sum("capability")
    best, worst = (str(exposed["policy"].values[int(pick(exposed.values))]) for pick in (np.argmin, np.argmax))
    assert f"{best} leaves the least mean exposure: {abs(float(exposed.sel(policy=best))):.2f}"[:-1] in told
    assert f"{worst} leaves the most mean exposure: " in told
    for policy, part in zip((best, worst), told.split(" Of 4 policies, "), strict=True):
        change = next(change for change in changes_of(results, "total") if change.name == "loss")
        unsure = change.verdicts()[list(results["policy"].values[1:]).index(policy)] == Verdict.UNCLEAR
        assert ("a change of the mean loss that too few futures show" in part) == unsure


def test_findings_name_the_best_and_the_worst_by_incidents_too(page, results):
    (told,) = [element.text for element in page.all("li") if element.text.startswith("Of 4 policies")]
    change = {
        name: results[f"{name}_mean_difference"].sum("capability").to_series() for name in ("exposure", "incidents")
    }
    best, worst = change["incidents"].idxmin(), change["incidents"].idxmax()
    same = (best, worst) == (change["exposure"].idxmin(), change["exposure"].idxmax())
    assert ("The same policies have the fewest and the most incidents." in told) == same
    assert same or f"The fewest incidents occur under {best} (" in told


def test_limits_of_this_report_are_not_told_as_anybodys(page):
    (told,) = [element.text for element in page.all("li") if "most often achieves" in element.text]
    assert told.startswith("For illustration: ")
    assert "not of any government" in told
    assert "money for defence costs nothing in the model" in told


def test_labels_that_are_not_those_of_the_scenario_leave_out_what_needs_it(results, monkeypatch):
    monkeypatch.setattr("engine.document.page.as_svg", lambda figure: "<svg/>")
    monkeypatch.setattr("engine.report.build.sections", lambda: [timelines_section.section, assumptions.assumed])
    for label, called in (("actor_class", "actor classes"), ("capability", "capabilities"), ("policy", "policies")):
        names = [*map(str, results[label].values[:-1]), "renamed"]
        made = Page(report(results.assign_coords({label: names})))
        said = [element.text for element in made.all("p") if element.text.startswith("Left out: ")]
        assert len(said) == 2
        assert all(
            f"the scenario in the file has {called} that differ from those of its results" in text for text in said
        )


def test_findings_say_how_many_numbers_are_assumptions(page):
    words = " ".join(element.text for element in page.all("p"))
    assert "are labelled as assumptions, in whole or in part" in words


def test_a_run_of_one_future_has_a_report(rich, monkeypatch):
    monkeypatch.setattr("engine.document.page.as_svg", lambda figure: "<svg/>")
    made = report(engine.simulate(rich, 1, 1, 3))
    assert len(Page(made).all("figure")) > 5


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0])
def test_findings_are_told_of_whatever_numbers_a_file_holds(compared, value):
    names = ("exposure_mean", "loss_mean", "benefit_mean", "attainment_time_quantile", "value_at_risk")
    strange = compared.assign({name: xr.full_like(compared[name], value) for name in names})
    assert findings.section(Run(strange)).points


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ((-1.0, 0.2), ""),
        ((-0.9, 0.6), "This run does not show"),
        ((0.0, 0.0), "does not change exposure"),
        ((1.0, 0.2), "increases exposure"),
    ],
)
def test_a_policy_that_is_most_often_enough_is_not_said_to_fail_where_the_sign_is_unclear(change, words):
    """ "1.2 +- 0.9 less" stood beside "it does not reduce exposure"."""
    value, error = (np.array([number]) for number in change)
    changes = {"exposure": Change("exposure", "years", ("one",), value, error, 5.0)}
    told = stress_section._although(SimpleNamespace(once=lambda _: changes), "one")
    assert words in told
    assert bool(told) == bool(words)


def test_no_loss_is_no_loss(results):
    """A scenario without harm was told as "too few futures", and its largest share as "nan%"."""
    names = [name for name in results.data_vars if str(name).startswith(("loss_", "value_at_risk"))]
    harmless = results.assign({name: 0.0 * results[name] for name in names})
    harmless["loss_largest_share"] = results["loss_largest_share"] * np.nan
    base = harmless.sel(policy=BASELINE, period="total")
    assert mean_loss_cell(base) == "0 US$"
    (losses,) = losses_section._losses(Run(harmless))
    assert "nan" not in str(losses)


def test_no_policy_is_most_often_enough_if_none_ever_is(results):
    """The first of them "would be most often enough, in 0% of worlds"."""
    run = Run(results)
    found = run.once(stress_test, run.futures)
    never = found.assign(all_met_share=0.0 * found["all_met_share"])
    assert "no policy achieves" in stress_section._most_often_enough(run, never)


def test_a_section_that_lacks_something_is_left_out_with_the_reason(kept, monkeypatch):
    from engine.document.run import Missing
    from engine.report import build

    def lacking(run):
        raise Missing("there are no tides")

    lacking.__module__ = "elsewhere.first_mover.section"
    monkeypatch.setattr(build, "sections", lambda: [lacking])
    page = build.report(kept)
    assert "First mover" in page
    assert "there are no tides" in page
