"""`engine explore`, served by its command and used in a real browser as a reader uses it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

import engine

pytestmark = pytest.mark.slow

TOKEN = "a-token-of-the-tests"


@pytest.fixture(scope="module")
def address(scenario_file) -> Iterator[str]:
    """Where the page of the small scenario is served, by the command itself."""
    command = [sys.executable, "-m", "engine", "explore", str(scenario_file), "--port", "0", "--token", TOKEN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        found = None
        for line in serving.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", line):
                break
        assert found, serving.stderr.read() if serving.stderr else ""
        yield found[0]
        serving.send_signal(signal.SIGINT)
        _, said = serving.communicate(timeout=60)
        assert serving.returncode == 130
        assert said == ""


@pytest.fixture
def page(visit, address) -> Iterator[Page]:
    """The page, opened and drawn; afterwards nobody complained, and nothing but this machine was asked."""
    visit.page.goto(address)
    expect(visit.page.locator("#status")).to_contain_text("2,048 futures")
    yield visit.page
    assert visit.complaints == []
    assert {host.partition(":")[0] for host in visit.hosts} == {"127.0.0.1"}


def curves(page: Page, name: str) -> list[str]:
    """The curves of a figure as they are drawn."""
    drawn = page.locator(f"#{name} .scatterlayer path.js-line")
    return drawn.evaluate_all("all => all.map(one => one.getAttribute('d'))")


def redrawn(page: Page, name: str, before: list[str]) -> list[str]:
    """The curves of a figure once all futures are drawn and they differ from those `before`.

    The page first draws a part of the futures, and its status may change a moment before its figures or after them, so
    that the curves count once they have stayed the same for half a second.
    """
    drawn: list[str] = []
    for _ in range(120):
        was, drawn = drawn, curves(page, name)
        all_drawn = page.locator("#status").inner_text().startswith("2,048 futures")
        if all_drawn and drawn and drawn == was != before:
            return drawn
        page.wait_for_timeout(500)
    raise AssertionError(f"the figure {name} was not redrawn")


def test_a_moved_slider_redraws_the_figure_and_its_link_restores_it(page):
    before = curves(page, "attainment")
    shown = page.locator("#shown-algorithms-efficiency_trend")
    was = shown.inner_text()
    page.locator("#move-algorithms-efficiency_trend").focus()
    page.keyboard.press("PageUp")
    expect(shown).not_to_have_text(was)
    moved = redrawn(page, "attainment", before)
    link = page.locator("#link")
    expect(link).to_have_value(re.compile(r"algorithms\.efficiency_trend"))
    page.goto(link.input_value())
    expect(page.locator("#status")).to_contain_text("2,048 futures")
    assert redrawn(page, "attainment", []) == moved
    page.locator("#reset").click()
    expect(shown).to_have_text(was)
    assert redrawn(page, "attainment", moved) == before


def test_a_switched_measure_changes_its_side_and_the_differences(page):
    before, table = curves(page, "attainment"), page.locator("#headlines")
    ticked = page.locator("#side-b input:checked")
    names = [one.get_attribute("value") for one in ticked.all()]
    assert len(names) == 1
    told = table.inner_text()
    ticked.uncheck()
    expect(page.locator("#summary")).not_to_contain_text(names[0].replace("_", " "))
    expect(table).not_to_have_text(told, use_inner_text=True)
    without = redrawn(page, "attainment", before)
    page.locator(f"#side-b input[value={names[0]}]").check()
    assert redrawn(page, "attainment", without) == before
    expect(table).to_have_text(told, use_inner_text=True)


def test_a_clicked_future_tells_its_story_and_files_can_be_taken_along(page, tmp_path):
    dot = page.locator("#dots .points path").nth(40)
    dot.scroll_into_view_if_needed()
    dot.click(force=True)
    timeline = page.locator("#timeline")
    expect(timeline).to_contain_text("trains")
    world, future = (int(page.locator(f"#timeline-{name}").input_value()) for name in ("world", "future"))
    expect(timeline).to_contain_text(f"world {world}, future {future}", ignore_case=True)
    for name, ending in (("scenario", ".yaml"), ("results", ".nc"), ("report", ".html")):
        with page.expect_download() as taken:
            page.locator(f"#get-{name}").click()
        taken.value.save_as(tmp_path / f"taken{ending}")
    scenario = engine.load_scenario(tmp_path / "taken.yaml")
    results = engine.open_results(tmp_path / "taken.nc")
    again = engine.simulate(scenario, results.attrs["worlds"], results.attrs["futures"], results.attrs["seed"])
    assert float(results["benefit_mean"][0]) == float(again["benefit_mean"][0])
    assert (tmp_path / "taken.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_without_the_token_nothing_is_given(visit, address):
    answer = visit.page.goto(address.partition("?")[0])
    assert answer.status == 403
    assert "token" in visit.page.inner_text("body")
