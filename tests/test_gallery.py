"""The gallery: every figure of the analyses stands on the page, drawn by the code beside it, and is as it is now."""

import re
import runpy
from pathlib import Path

import pytest

import engine.analyses.hindcast.plots

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
MAKER = runpy.run_path(str(ROOT / "scripts" / "make_gallery.py"), run_name="maker")
#: (name, description, alt text, path of the image, code) of each figure of the page.
SHOWN = re.findall(r"^### (\w+)\n\n(.+)\n\n!\[(.+)\]\((.+)\)\n\n```python\n([^`]*)```$", PAGE, re.MULTILINE)


def test_every_figure_function_has_an_entry_and_stands_on_the_page():
    assert MAKER["without_entry"]() == set()
    assert {name for name, *_ in SHOWN} == set(MAKER["figure_functions"]())


def test_figures_are_found_in_the_sources():
    """Every function called NAME_figure in a module of the package, found another way than the script finds it."""
    modules = Path(engine.__file__).parent.glob("analyses/*/*plots.py")
    sources = "".join(path.read_text(encoding="utf-8") for path in modules)
    written = set(re.findall(r"^def ([a-z]\w*_figure)\(", sources, re.MULTILINE))
    assert written == set(MAKER["figure_functions"]())


def test_a_figure_without_an_entry_is_noticed(monkeypatch):
    monkeypatch.setattr(engine.analyses.hindcast.plots, "new_figure", lambda: None)
    assert "new_figure" not in MAKER["without_entry"](), "what a module only imports is no figure of its own"

    def later_figure():
        """Not in the gallery."""

    later_figure.__module__ = "engine.analyses.hindcast.plots"
    monkeypatch.setattr(engine.analyses.hindcast.plots, "later_figure", later_figure, raising=False)
    assert MAKER["without_entry"]() == {"later_figure"}
    monkeypatch.setitem(MAKER["main"].__globals__, "gallery", None)
    with pytest.raises(SystemExit, match="later_figure: no entry"):
        MAKER["main"]()


def test_images_are_there_with_words_and_light():
    for _, _, words, path, _ in SHOWN:
        assert (ROOT / "docs" / path).read_bytes().startswith(b"\x89PNG")
        assert len(words.split()) >= 4
    drawn = {f"images/gallery/{image.name}": image.stat().st_size for image in MAKER["IMAGES"].glob("*")}
    assert set(drawn) == {path for *_, path, _ in SHOWN if "/gallery/" in path}
    assert sum(drawn.values()) < 2_000_000


@pytest.mark.slow
def test_the_page_and_its_images_are_up_to_date(tmp_path):
    page = MAKER["gallery"](tmp_path)
    assert MAKER["current"](PAGE, page), "run scripts/make_gallery.py"
    assert MAKER["same_images"](tmp_path)
    (tmp_path / "added.png").write_bytes((MAKER["IMAGES"] / "future.png").read_bytes())
    assert not MAKER["same_images"](tmp_path)


def test_code_must_be_the_same_and_words_nearly():
    current = MAKER["current"]
    page = "A share of 31.0%.\n\n```python\nplay(seed=2026)\n```\n"
    assert current(page, page.replace("31.0", "31.2"))
    assert not current(page, page.replace("31.0", "41.0"))
    assert not current(page, page.replace("share", "part"))
    assert not current(page, page.replace("2026", "2027"))
