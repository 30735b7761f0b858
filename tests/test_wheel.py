"""The wheel holds all that the engine reads: data, scenarios, templates and assets, and nothing of the tests.

Guards against a kind of fault: a file that is there in a checkout, and missing where the package was installed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: What a build reads.
BUILT_FROM = ("setup.py", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel built from a copy, so that the checkout stays as it is and nothing built before is in it."""
    copy = tmp_path_factory.mktemp("source")
    for name in BUILT_FROM:
        shutil.copy(ROOT / name, copy)
    for name in ("engine", "scenarios"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    build = "from setuptools import build_meta; build_meta.build_wheel('dist')"
    done = subprocess.run([sys.executable, "-c", build], cwd=copy, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (built,) = (copy / "dist").glob("*.whl")
    return built


def files_of(folder):
    """Paths of all files in a folder of the checkout, from it."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_wheel_holds_every_file_of_the_package_and_every_scenario(wheel):
    held = {name for name in zipfile.ZipFile(wheel).namelist() if not name.split("/")[0].endswith(".dist-info")}
    package = {f"engine/{name}" for name in files_of(ROOT / "engine") if "__pycache__" not in name}
    assert held == package | {f"engine/scenarios/{name}" for name in files_of(ROOT / "scenarios")}


def test_the_engine_in_the_wheel_finds_its_own_scenarios_and_data(wheel, tmp_path):
    """From an empty folder, and not those of the checkout."""
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})\n"
        "import engine, engine.data\n"
        "from engine.scenario import library\n"
        "print(library.path_of('policies'), engine.data.OBSERVATIONS, len(engine.load_scenario('policies').policies))"
    )
    empty = tmp_path / "empty"
    empty.mkdir()
    done = subprocess.run([sys.executable, "-c", code], cwd=empty, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    inside = (tmp_path / "site" / "engine").resolve()
    assert done.stdout.split() == [f"{inside}/scenarios/policies.yaml", f"{inside}/data/observations", "14"]
