"""The pages of the documentation site that are not files of docs/ (a hook of MkDocs, named in mkdocs.yml).

* README is the first page.
* Files of the repository that a page links to, such as scenarios and scripts, are pages of the site.
* Every package of the engine has a page of its modules, functions and classes, made from their docstrings.
"""

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\]\((?!\w+:|#)(?P<path>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")
#: Files of the repository that are pages of the site, by their place in it.
PATHS: dict[str, str] = {}
LANGUAGES = {".py": "python", ".yaml": "yaml", ".sh": "bash"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages; to the navigation, those of docs/ that mkdocs.yml does not name, and those of the packages."""
    config.nav.extend(file.src_uri for file in files.documentation_pages() if file.src_uri not in str(config.nav))
    waiting = {"README.md", *(f"docs/{file.src_uri}" for file in files.documentation_pages())}
    seen: set[str] = set()
    while waiting:
        path = waiting.pop()
        seen.add(path)
        PATHS[place_of(path)] = path
        if not path.startswith("docs/"):
            files.append(File.generated(config, place_of(path), content=text_of(path)))
        if path.endswith(".md"):
            waiting |= set(linked(path).values()) - seen
    packages = []
    for package in sorted(file.parent for file in (ROOT / "engine").rglob("__init__.py")):
        name = ".".join(package.relative_to(ROOT).parts)
        packages.append({name: f"api/{name}.md"})
        files.append(File.generated(config, f"api/{name}.md", content=reference(package, name)))
    config.nav.append({"Reference of the code": packages})
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The page with links to the places of files in the site."""
    here = page.file.src_uri
    found = linked(PATHS[here], markdown) if here in PATHS else {}

    def moved(link: re.Match[str]) -> str:
        if link["path"] not in found:
            return link[0]
        to = posixpath.relpath(place_of(found[link["path"]]), posixpath.dirname(here) or ".")
        return f"]({to}{link['anchor'] or ''})"

    return LINK.sub(moved, markdown)


def place_of(path: str) -> str:
    """The place of a file of the repository in the site."""
    if path == "README.md":
        return "index.md"
    return path.removeprefix("docs/") if path.startswith("docs/") else f"repository/{path.removesuffix('.md')}.md"


def text_of(path: str) -> str:
    """A file of the repository as a page."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if path.endswith(".md"):
        return text
    return f"---\nhide: [toc]\n---\n# {path}\n\n````{LANGUAGES.get(Path(path).suffix, 'text')}\n{text}````\n"


def linked(path: str, markdown: str | None = None) -> dict[str, str]:
    """Files of the repository to which the page of `path` links, by the link."""
    text = (ROOT / path).read_text(encoding="utf-8") if markdown is None else markdown
    links = {link["path"] for link in LINK.finditer(text)}
    places = {link: posixpath.normpath(posixpath.join(posixpath.dirname(path), link)) for link in links}
    return {link: place for link, place in places.items() if (ROOT / place).is_file()}


def reference(package: Path, name: str) -> str:
    """The page of a package: its docstring, and each of its modules."""
    modules = sorted(file.stem for file in package.glob("*.py") if file.stem not in ("__init__", "__main__"))
    parts = [f"# {name}", f"::: {name}\n    options: {{show_root_heading: false, members: false}}"]
    parts += [f"::: {name}.{module}" for module in modules if not module.startswith("_")]
    return "\n\n".join(parts) + "\n"
