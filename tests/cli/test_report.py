"""The command `report`."""

from __future__ import annotations

import pytest
from pages import Page
from shell import call

import engine


@pytest.fixture(scope="module")
def results(tmp_path_factory, kept):
    """A results file of the small run."""
    path = tmp_path_factory.mktemp("results") / "mine.nc"
    engine.write_results(kept, path)
    return path


def test_a_report_is_written_where_it_is_asked_for(monkeypatch, capsys, tmp_path, results):
    target = tmp_path / "out.html"
    monkeypatch.setattr("engine.document.page.as_svg", lambda figure: "<svg/>")
    code, out, err = call(monkeypatch, capsys, "report", results, "-o", target)
    assert code == 0, err
    assert f"Written to {target}" in out
    assert len(Page(target.read_text()).all("figure")) > 5
    assert [path.name for path in tmp_path.iterdir()] == ["out.html"]


@pytest.mark.parametrize(("folder", "written"), [(True, "outputs/mine.html"), (False, "mine.html")])
def test_a_report_goes_to_outputs_by_default(monkeypatch, capsys, tmp_path, results, folder, written):
    monkeypatch.chdir(tmp_path)
    if folder:
        (tmp_path / "outputs").mkdir()
    monkeypatch.setattr("engine.cli.report.report", lambda *_, **__: "<!DOCTYPE html>")
    assert call(monkeypatch, capsys, "report", results)[0] == 0
    assert (tmp_path / written).read_text() == "<!DOCTYPE html>"


def test_results_are_not_overwritten(monkeypatch, capsys, results):
    before = results.read_bytes()
    code, _, err = call(monkeypatch, capsys, "report", results, "-o", results)
    assert (code, err.count("\n")) == (2, 1)
    assert "--output writes a page, name it .html" in err
    assert results.read_bytes() == before


def test_a_link_to_the_results_is_not_overwritten_either(monkeypatch, capsys, tmp_path, results):
    link = tmp_path / "link.html"
    link.symlink_to(results)
    assert call(monkeypatch, capsys, "report", results, "-o", link)[0] == 2


def test_a_target_that_cannot_be_written_is_told_before_work(monkeypatch, capsys, tmp_path, results):
    monkeypatch.setattr("engine.cli.report.report", None)
    code, _, err = call(monkeypatch, capsys, "report", results, "-o", tmp_path / "none" / "x.html")
    assert (code, err.count("\n")) == (2, 1)
    assert "create it first" in err


def test_what_is_no_run_is_refused_with_what_would_be_right(monkeypatch, capsys, tmp_path, kept):
    path = tmp_path / "other.nc"
    engine.write_results(engine.outcomes(kept), path)
    code, _, err = call(monkeypatch, capsys, "report", path, "-o", tmp_path / "x.html")
    assert (code, err.count("\n")) == (2, 1)
    assert "`engine run` writes one" in err
    assert not (tmp_path / "x.html").exists()


def test_no_file_is_told_in_one_line(monkeypatch, capsys, tmp_path):
    code, _, err = call(monkeypatch, capsys, "report", tmp_path / "none.nc")
    assert (code, err.count("\n")) == (2, 1)
    assert "no such file" in err
