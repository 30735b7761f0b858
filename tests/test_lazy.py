"""Importing the engine, and its help, import nothing that takes long: names and commands are imported when used."""

from __future__ import annotations

import subprocess
import sys

import pytest

#: What takes long to import.
HEAVY = ("numpy", "numba", "xarray", "pandas", "scipy", "matplotlib", "pydantic", "netCDF4", "dask", "dash", "sklearn")


def imported_by(code):
    """The heavy libraries that a process has imported after `code`."""
    show = f"import sys\nprint(*[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{show}"], capture_output=True, text=True, check=True)
    return done.stderr.split()


@pytest.mark.quick
def test_importing_the_engine_imports_nothing_heavy():
    assert imported_by("import engine, engine.analyses\nengine.analyses.rooms()") == []


@pytest.mark.quick
def test_help_imports_nothing_heavy():
    code = "import sys\nsys.argv = ['engine', '--help']\ntry:\n    import engine.cli\n    engine.cli.main()\n"
    assert imported_by(f"{code}except SystemExit:\n    pass") == []


def test_a_run_imports_no_statistics_and_no_plots(tmp_path):
    """scipy.stats alone takes as long as loading a scenario three times."""
    code = (
        "import sys\nsys.argv = 'engine run minimal --worlds 2 --futures 1 -o'.split()\n"
        f"sys.argv.append({str(tmp_path / 'r.nc')!r})\n"
        "import engine.cli\nengine.cli.main()\nassert 'scipy.stats' not in sys.modules"
    )
    assert not {"matplotlib", "dask", "dash", "sklearn"} & set(imported_by(code))


def test_every_public_name_is_there():
    code = "import engine\nassert all(hasattr(engine, name) for name in engine.__all__), engine.__all__"
    subprocess.run([sys.executable, "-c", code], check=True)
    code = "import engine.replay.play\nimport engine\nassert callable(engine.replay)\nassert engine.replay.replay"
    subprocess.run([sys.executable, "-c", code], check=True)
