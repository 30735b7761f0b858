"""The notebooks are the scripts of the tutorial, cell by cell. `.ci/run` also runs them."""

import ast
import json
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKER = runpy.run_path(str(ROOT / "scripts" / "make_notebooks.py"), run_name="maker")
SCRIPTS = sorted((ROOT / "scripts" / "tutorial").glob("*.py"))


def test_there_is_a_notebook_of_every_script():
    made = {path.stem for path in (ROOT / "docs" / "notebooks").glob("*.ipynb")}
    assert made == {script.stem for script in SCRIPTS}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_notebook_is_the_script_as_it_is_now_and_holds_no_output(script):
    written = (ROOT / "docs" / "notebooks" / f"{script.stem}.ipynb").read_text(encoding="utf-8")
    assert written == MAKER["notebook_of"](script.read_text(encoding="utf-8"))
    assert all(not cell.get("outputs") for cell in json.loads(written)["cells"])


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_the_cells_do_what_the_script_does(script):
    """But for the folder, which no argument names."""
    text = script.read_text(encoding="utf-8")
    cells = [code for kind, code in MAKER["cells_of"](text) if kind == "code"]
    statements = [ast.unparse(one) for cell in cells for one in ast.parse(cell).body]
    expected = [ast.unparse(one) for one in ast.parse(text.replace(*MAKER["FOLDER"])).body[1:]]
    assert statements == [one for one in expected if one != "import sys" or "import sys" in statements]


def test_comments_become_text_and_stay_where_they_are_inside_of_code():
    cells = MAKER["cells_of"](
        '"""Title.\n\nMore.\n"""\n\nimport sys\n\n# One\n# text.\na = 1\n# Stays.\nb = 2\n\nc = 3\n'
    )
    assert list(cells) == [
        ("markdown", "# Title."),
        ("markdown", "One text."),
        ("code", "a = 1\n# Stays.\nb = 2\n\nc = 3"),
    ]
