"""The tutorial: each script runs from anywhere, writes into its folder alone, and the page shows what it prints."""

import ast
import re
import runpy
from pathlib import Path

import pytest
import xarray as xr

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted((ROOT / "scripts" / "tutorial").glob("*.py"))
PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
MAKER = runpy.run_path(str(ROOT / "scripts" / "make_tutorial.py"), run_name="maker")
SHOWN = MAKER["blocks"](PAGE)
WRITTEN = {
    "1_first_run.py": {"first_run.nc", "first_run.png"},
    "2_your_own_scenario.py": {"faster.yaml"},
    "3_comparing_policies.py": {"policies.csv", "price.png", "future.txt"},
    "4_stress_test.py": {"failures.png", "stress.txt"},
    "5_plain_xarray.py": {"plain_xarray.png"},
}


def test_the_page_shows_every_script_in_order():
    assert list(SHOWN) == [script.name for script in SCRIPTS] == list(WRITTEN)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_is_short_and_stands_on_the_page_as_it_is(script):
    code = script.read_text(encoding="utf-8")
    assert code == f'"""{ast.get_docstring(ast.parse(code))}\n"""\n\n{SHOWN[script.name][0]}'

    assert len(code.splitlines()) <= 45
    assert f"scripts/tutorial/{script.name}" in ast.get_docstring(ast.parse(code))


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS[:4], ids=lambda script: script.stem)
def test_a_script_prints_what_the_page_shows(script, tmp_path, monkeypatch):
    run(script, tmp_path, monkeypatch)


@pytest.mark.slow
def test_the_last_script_reads_what_the_first_wrote(tmp_path, monkeypatch):
    folder = run(SCRIPTS[0], tmp_path, monkeypatch)
    run(SCRIPTS[4], tmp_path, monkeypatch)
    with xr.open_dataset(folder / "first_run.nc") as results:
        times = results.attainment_time.sel(policy="baseline", capability="novice_bioweapon_uplift").load()
    first = times.min("actor_class")
    close = (times.sel(actor_class="malicious_group") <= first + 2).sum() / first.notnull().sum()
    said = re.search(r"Within two years of the first: ([\d.]+)% ", SHOWN["5_plain_xarray.py"][1])
    assert float(said[1]) / 100.0 == pytest.approx(float(close), abs=0.01)


def run(script, tmp_path, monkeypatch):
    """The folder into which a script has written, started from another one; what it prints is on the page."""
    folder, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    for place in (folder, elsewhere):
        place.mkdir(exist_ok=True)
    before = {path.name for path in folder.iterdir()}
    monkeypatch.chdir(elsewhere)
    said = MAKER["said_by"](script, folder)
    assert MAKER["nearly_the_same"](said, SHOWN[script.name][1]), said
    assert {path.name for path in folder.iterdir()} - before == WRITTEN[script.name]
    assert not list(elsewhere.iterdir())
    return folder


def test_the_last_script_needs_no_engine_and_says_what_it_does_need(tmp_path):
    tree = ast.parse(SCRIPTS[4].read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [name for name in imported if name.startswith("engine")]
    with pytest.raises(SystemExit, match=r"run scripts/tutorial/1_first_run\.py first"):
        MAKER["said_by"](SCRIPTS[4], tmp_path)


def test_every_image_of_the_page_is_there_and_made_by_a_script():
    images = re.findall(r"!\[([^\]]+)\]\((images/[^)]+)\)", PAGE)
    made = {name for names in WRITTEN.values() for name in names if name.endswith(".png")}
    assert {Path(path).name for _, path in images} == made
    for _, path in images:
        assert (ROOT / "docs" / path).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("printed", "same"),
    [
        ("median  1.43 +- 0.12 of 1,200\n", True),
        ("median 1.44 +- 0.10   of 1,210\n", True),
        ("median 1.43 +- 0.16 of 1,200\n", False),
        ("median 1.43 +- 0.12 of 1,300\n", False),
        ("median -1.43 +- 0.12 of 1,200\n", False),
        ("mean 1.43 +- 0.12 of 1,200\n", False),
        ("median 1.43 +- 0.12 of 1,200 3\n", False),
    ],
)
def test_outputs_are_compared_word_by_word_and_numbers_nearly(printed, same):
    assert MAKER["nearly_the_same"]("median 1.43 +- 0.12 of 1,200\n", printed) is same


def test_a_rounded_zero_may_have_either_sign():
    assert MAKER["nearly_the_same"]("-0.000  2.5e-07", "0.000  2.6e-07")
    assert not MAKER["nearly_the_same"]("-0.020", "0.020")


def test_code_and_output_are_put_in_their_place():
    page = "# Prose\n\n<!-- 2_your_own_scenario.py -->\n```python\nold\n```\n\n```text\nold\n```\n\nMore.\n"
    made = MAKER["made"](page, {"2_your_own_scenario.py": "new\n"})
    assert MAKER["blocks"](made) == {"2_your_own_scenario.py": (MAKER["code_of"](SCRIPTS[1]), "new\n")}
    assert made.startswith("# Prose\n")
    assert made.endswith("\n\nMore.\n")
