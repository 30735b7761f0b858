"""Write the scripts of the tutorial as notebooks into docs/notebooks/; with --check only compare; with --run run them.

.venv/bin/python scripts/make_notebooks.py [--check | --run]

A comment that begins a paragraph of a script becomes text, and the code below it a cell. The notebooks have no output.
--run needs the extra `docs`. It runs them in order in an empty folder, with fewer worlds, and writes nothing.
"""

import ast
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "scripts" / "tutorial"
NOTEBOOKS = ROOT / "docs" / "notebooks"
#: The output folder of a script, from its argument, and that of a notebook.
FOLDER = ('Path(sys.argv[1] if len(sys.argv) > 1 else "outputs")', 'Path("outputs")')
#: Number of worlds in a test run of the notebooks.
MOST_WORLDS = 100


def cells_of(script: str) -> Iterator[tuple[str, str]]:
    """(type of the cell, its text) of a script, in order."""
    tree = ast.parse(script)
    yield "markdown", f"# {ast.get_docstring(tree).splitlines()[0]}"
    code = "\n".join(script.splitlines()[tree.body[0].end_lineno :]).strip().replace(*FOLDER)
    if "sys." not in code:
        code = code.replace("import sys\n", "").strip()
    for paragraph in re.split(r"\n\n+(?=#)", code):
        lines = paragraph.splitlines()
        text = lines[: next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))]
        if text:
            yield "markdown", " ".join(line.removeprefix("#").strip() for line in text)
        if lines[len(text) :]:
            yield "code", "\n".join(lines[len(text) :])


def notebook_of(script: str) -> str:
    """A script as the text of a notebook (nbformat 4.5)."""
    cells = [
        {"cell_type": kind, "id": f"cell-{number}", "metadata": {}, "source": text.splitlines(keepends=True)}
        | ({"execution_count": None, "outputs": []} if kind == "code" else {})
        for number, (kind, text) in enumerate(cells_of(script))
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def run(notebook: str, folder: Path) -> None:
    """Run the cells of a notebook in `folder`, with few worlds. Raises CellExecutionError if one fails."""
    import nbformat
    from nbclient import NotebookClient

    few = re.sub(r"worlds=(\d+)", lambda found: f"worlds={min(int(found[1]), MOST_WORLDS)}", notebook)
    NotebookClient(
        nbformat.reads(few, as_version=4),
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
    ).execute()


def main() -> None:
    made = {f"{script.stem}.ipynb": notebook_of(script.read_text()) for script in sorted(SCRIPTS.glob("*.py"))}
    if "--run" in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            for name, notebook in made.items():
                run(notebook, Path(folder))
                print(f"{name}: runs")
        return
    if "--check" in sys.argv[1:]:
        there = {path.name: path.read_text(encoding="utf-8") for path in NOTEBOOKS.glob("*.ipynb")}
        if there != made:
            sys.exit(f"{NOTEBOOKS} is out of date: run scripts/make_notebooks.py")
        return
    NOTEBOOKS.mkdir(exist_ok=True)
    for name, notebook in made.items():
        (NOTEBOOKS / name).write_text(notebook, encoding="utf-8")


if __name__ == "__main__":
    main()
