"""The report of a run, opened from disk in a real browser as its readers get it by mail."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.report import report

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def written(compared, tmp_path_factory) -> Path:
    """The report of the small run under all its policies, as a file."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report(compared), encoding="utf-8")
    return path


def test_it_is_whole_asks_for_nothing_and_fits_its_reader(visit, written, tmp_path):
    page = visit.page
    page.goto(written.as_uri())
    pictures = page.locator("img")
    assert pictures.count() >= 15
    sizes = pictures.evaluate_all("all => all.map(one => [one.naturalWidth, one.alt.length])")
    assert all(width > 100 and words > 40 for width, words in sizes)
    headings = page.locator("h2").all_inner_texts()
    assert len(headings) == len(set(headings)) > 10
    for link in page.locator("nav a").all():
        assert page.locator(link.get_attribute("href")).count() == 1
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.pdf(format="A4").startswith(b"%PDF")
    assert visit.complaints == []
    assert visit.hosts <= {""}
