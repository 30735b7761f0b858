"""A plain install runs, compares, replays and reports; what needs more says which extra to install.

Guards against a kind of fault: a library of an extra is imported where a plain install passes.
"""

from __future__ import annotations

import configparser
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import engine
from engine.analyses.sensitivity.sobol_tornado import sobol_design
from engine.analyses.stress.cart import failure_tree
from engine.execution.cluster import open_cluster
from engine.extras import MissingExtra, need

ROOT = Path(__file__).parents[1]
#: The modules of each extra.
EXTRAS = {
    "explore": ("dash", "plotly", "flask", "waitress"),
    "analysis": ("SALib", "sklearn"),
    "cluster": ("dask", "distributed"),
}
#: Python that behaves as if no extra were installed, imports every module and calls the command line.
PLAIN = f"""
import importlib, pkgutil, sys
for name in {[module for modules in EXTRAS.values() for module in modules]}:
    sys.modules[name] = None
import engine
from engine.extras import MissingExtra
left_out = set()
def refused(name):
    assert isinstance(sys.exc_info()[1], MissingExtra), name
    left_out.add(name)
for module in pkgutil.walk_packages(engine.__path__, "engine.", onerror=refused):
    if module.name.endswith("__main__") or any(module.name.startswith(f"{{name}}.") for name in left_out):
        continue
    try:
        importlib.import_module(module.name)
    except MissingExtra:
        left_out.add(module.name)
print(*sorted(left_out))
from engine.cli import main
for arguments in [line.split() for line in sys.argv[1:]]:
    sys.argv = ["engine", *arguments]
    try:
        main()
    except SystemExit as end:
        assert not end.code, arguments
"""


@pytest.fixture
def without(monkeypatch):
    """Blocks the import of the modules of an extra."""

    def block(extra):
        for module in EXTRAS[extra]:
            monkeypatch.setitem(sys.modules, module, None)

    return block


@pytest.mark.slow
def test_a_plain_install_imports_all_but_the_explorer_and_runs_compares_replays_and_reports(tmp_path, scenario_file):
    size = "--worlds 30 --futures 2 --seed 1"
    commands = [
        f"run {scenario_file} {size} --samples -o run.nc",
        f"compare {scenario_file} {size} -o compared.csv",
        f"replay {scenario_file} --world 3 --future 1 --seed 1",
        "report run.nc -o report.html",
    ]
    done = subprocess.run([sys.executable, "-c", PLAIN, *commands], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (left_out,) = done.stdout.splitlines()[0].split()
    assert left_out.endswith("explorer")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "pip install &#39;capability-diffusion-engine[analysis]&#39;" in page


def test_what_is_not_installed_is_named_with_the_command_that_installs_it(without):
    need("analysis", "SALib", "sklearn")
    without("analysis")
    with pytest.raises(MissingExtra) as stop:
        need("analysis", "SALib", "sklearn")
    assert isinstance(stop.value, engine.EngineError)
    assert str(stop.value) == (
        "SALib and sklearn are needed here and not installed; run pip install 'capability-diffusion-engine[analysis]'"
    )


def test_analyses_say_what_they_need(without):
    without("analysis")
    with pytest.raises(MissingExtra, match=r"SALib is needed .*\[analysis\]'$"):
        sobol_design(2, 4, 1)
    numbers = xr.DataArray(np.zeros((2, 1)), dims=("world", "parameter"))
    with pytest.raises(MissingExtra, match=r"sklearn is needed .*\[analysis\]'$"):
        failure_tree(numbers, xr.DataArray(np.zeros((1, 2)), dims=("policy", "world")))


def test_clusters_and_lazy_reading_say_what_they_need(without):
    without("cluster")
    with pytest.raises(MissingExtra, match=r"distributed is needed .*\[cluster\]'$"), open_cluster("local"):
        pass
    with pytest.raises(MissingExtra, match=r"dask is needed .*\[cluster\]'$"):
        engine.open_results("any.nc", chunks={})


def test_the_explorer_says_what_it_needs_in_one_line():
    code = "import sys; sys.modules['dash'] = None; from engine.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code, "explore", "minimal"], capture_output=True, text=True)
    needs = "dash is needed here and not installed; run pip install 'capability-diffusion-engine[explore]'"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"engine: {needs}\n")


def test_the_extras_that_are_named_are_in_setup_cfg():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    extras = config["options.extras_require"]
    assert set(EXTRAS) < set(extras)
    assert extras["all"].strip() == f"{config['metadata']['name']}[{','.join(sorted(EXTRAS))}]"
