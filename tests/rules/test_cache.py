"""Where compiled code is kept: wherever the engine is installed and whoever runs it, it is found again or said.

Guards against a kind of fault: an installation that works only for the one who made it, at home.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import engine
from engine.rules import cache
from engine.rules.hazard import time_to_event

#: Compiles one small rule, and says where it is kept.
ONE_RULE = "from engine.rules.hazard import time_to_event as f; print(f(1.0, 2.0), f.stats.cache_path)"
PACKAGE = Path(engine.__file__).parent


def read_only(folder):
    """Nobody may write in `folder` and below; root may if it has not laid that right down (`run`)."""
    for one in [folder, *folder.rglob("*")]:
        one.chmod(one.stat().st_mode & ~0o222)


def run(package, code=ONE_RULE, **environment):
    """(standard output, standard error) of `code` with the engine of the folder `package`, as one whom modes bind."""
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root may write everywhere, and there is no setpriv to lay that right down")
    bound = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
    done = subprocess.run(
        [*bound, sys.executable, "-c", code],
        env={**kept, "PYTHONPATH": str(package.parent), "PYTHONDONTWRITEBYTECODE": "1", **environment},
        cwd=package.parent.parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


@pytest.fixture
def package(tmp_path):
    """A copy of the engine's sources, nothing compiled, in which nobody can write."""
    copy = tmp_path / "installed" / "engine"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    read_only(copy.parent)
    yield copy
    for one in [tmp_path, *tmp_path.rglob("*")]:
        if one.is_dir() and not one.is_symlink():
            one.chmod(0o700)


@pytest.fixture
def nowhere(tmp_path):
    """A cache folder in which nobody can write, as of an account without a home."""
    folder = tmp_path / "nowhere"
    folder.mkdir(mode=0o555)
    return {"XDG_CACHE_HOME": str(folder)}


@pytest.mark.quick
def test_without_a_home_compiled_code_is_kept_in_a_temporary_folder_and_one_line_says_so(package, nowhere, tmp_path):
    """The next process finds it again, and says nothing."""
    (tmp_path / "tmp").mkdir()
    here = {**nowhere, "TMPDIR": str(tmp_path / "tmp")}
    out, err = run(package, **here)
    value, place = out.split()
    assert value == "0.5"
    assert Path(place).is_relative_to(tmp_path / "tmp")
    assert err.startswith(f"engine: compiled code is stored in {tmp_path / 'tmp'}")
    assert err.count("\n") == 1
    assert "NUMBA_CACHE_DIR" in err
    assert Path(place, "..", "..", "..").resolve().stat().st_mode & 0o777 == 0o700
    out, err = run(package, **here, NUMBA_DEBUG_CACHE="1")
    assert "data loaded from" in out
    assert "saved" not in out
    assert err == ""


def test_compiled_code_goes_to_the_users_cache_folder_if_the_package_cannot_be_written(package, tmp_path):
    """As the platform has it, without a word."""
    out, err = run(package, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert Path(out.split()[1]).is_relative_to(tmp_path / "cache" / "capability-diffusion-engine")
    assert err == ""


def test_numbas_own_variable_comes_first(package, tmp_path):
    """NUMBA_CACHE_DIR."""
    out, err = run(package, NUMBA_CACHE_DIR=str(tmp_path / "mine"), XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert Path(out.split()[1]).is_relative_to(tmp_path / "mine")
    assert err == ""


def test_what_was_compiled_when_it_was_installed_is_not_compiled_again(package, tmp_path):
    """A container's image is made by root, and run by someone who may only read it."""
    package.chmod(0o755)
    place = run(package)[0].split()[1]
    assert Path(place).is_relative_to(package / "__pycache__")
    read_only(package)
    out, _ = run(package, XDG_CACHE_HOME=str(tmp_path / "cache"), NUMBA_DEBUG_CACHE="1")
    assert out.count("data loaded from") == 1
    assert "saved" not in out
    assert str(tmp_path / "cache") in out.split()[-1]


def test_what_was_compiled_from_other_sources_is_removed(package):
    """When something is compiled, not before; what other Pythons compiled of the same sources stays."""
    package.chmod(0o755)
    kept = package / "__pycache__"
    stale, other = kept / "compiled-0123456789abcdef", kept / f"compiled-{cache.digest()}-cpython-399-numba-9"
    stale.mkdir(parents=True)
    other.mkdir()
    (stale / "old.nbi").write_text("old")
    run(package, "import engine")
    assert stale.exists()
    run(package)
    assert not stale.exists()
    assert other.exists()


def test_where_nothing_can_be_written_functions_are_compiled_without_being_kept(package):
    """Slow each time, but no traceback."""
    nothing = "import tempfile\ndef no(**k): raise OSError\ntempfile.TemporaryFile = no\n"
    out, err = run(package, nothing + ONE_RULE)
    assert out.split() == ["0.5", "None"]
    assert err == ""


def test_a_folder_that_others_can_write_is_not_trusted(tmp_path):
    """Cached code is code: whoever can put it there could have it run."""
    shared, link, mine = tmp_path / "shared", tmp_path / "link", tmp_path / "mine"
    shared.mkdir()
    shared.chmod(0o777)
    link.symlink_to(tmp_path)
    assert not cache._private(shared)
    assert not cache._private(link)
    assert cache._private(mine)
    assert mine.stat().st_mode & 0o777 == 0o700


@pytest.mark.quick
def test_numba_asks_the_engines_locator_for_the_engines_functions_alone(tmp_path):
    """Holds Numba to the private interface that the locator relies on; setup.cfg has its upper bound."""
    assert cache.folder() is not None
    assert Path(time_to_event.stats.cache_path).is_relative_to(cache.folder())
    assert cache.Locator.from_function(read_only, str(tmp_path / "someone_elses.py")) is None


def test_without_compiling_everything_is_the_same_to_the_bit(governed):
    """NUMBA_DISABLE_JIT=1: rules and kernels are run as they stand, for a debugger to step into."""
    code = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from helpers import scenario_data
from small_run import POLICIES, RICH
import engine
governed = engine.parse_scenario(scenario_data(**RICH, policies=POLICIES), "governed")
print(engine.simulate(governed, 3, 2, 7, keep="prices").attrs["id"])
print(engine.replay(governed, 1, 1, worlds=3, seed=7, policy="brake").narrative())
"""
    out, err = run(PACKAGE, code, NUMBA_DISABLE_JIT="1")
    known = engine.simulate(governed, 3, 2, 7, keep="prices").attrs["id"]
    assert out == f"{known}\n{engine.replay(governed, 1, 1, worlds=3, seed=7, policy='brake').narrative()}\n"
    assert err == ""
