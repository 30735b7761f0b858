"""README and docs: they stay short enough to read, and every link within the repository leads somewhere."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = sorted((ROOT / "docs").glob("*.md"))
#: Pages for those who change the code or add to it; the others are for those who use it.
FOR_DEVELOPERS = ("architecture.md", "extending.md")
LINKED = [README, *sorted((ROOT / "docs").glob("*.md")), *(ROOT / name for name in ("CONTRIBUTING.md", "CHANGELOG.md"))]
LINKED += [ROOT / "benchmarks" / "README.md", *sorted((ROOT / "engine" / "data").glob("*/README.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")


def prose(page: Path) -> str:
    """A page without its code, in which brackets are no links."""
    blocks = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`|^ {4}[^\n]*$", "", blocks, flags=re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The anchors of a page: its headings as GitHub makes them, and those that it names itself."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title) for title in re.findall(r"^#+ (.*)$", text, re.MULTILINE))
    made = (re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)
    return {*made, *re.findall(r'<a id="([^"]+)">', text)}


@pytest.mark.quick
@pytest.mark.parametrize("page", LINKED, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_within_the_repository_resolve(page):
    for link in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


def test_the_readme_has_at_most_120_lines():
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 120


def test_the_pages_have_at_most_18000_words():
    words = {
        page.name: len(page.read_text(encoding="utf-8").split()) for page in PAGES if page.name not in FOR_DEVELOPERS
    }
    assert sum(words.values()) <= 18_000, words


@pytest.mark.parametrize("page", [README, *PAGES], ids=lambda page: page.name)
def test_no_line_is_longer_than_120_characters(page):
    """But for the command that installs and simulates, which is copied as a whole."""
    lines = enumerate(page.read_text(encoding="utf-8").splitlines(), start=1)
    command = "    python3 -m venv .venv && "
    assert [number for number, line in lines if len(line) > 120 and not line.startswith(command)] == []
