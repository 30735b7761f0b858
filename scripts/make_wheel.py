"""Build a wheel that carries compiled code, for computers of this platform and this Python: their first run is fast.

.venv/bin/python scripts/make_wheel.py [FOLDER]

The wheel is written into FOLDER (default: dist). It suits this version of Python and of Numba, and the type of CPU that
code is compiled for, which is x86-64-v3 on almost all servers and PCs (`engine/rules/cpu_level.py`). Elsewhere the
wheel works, too; the first run compiles.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("setup.py", "setup.cfg", "pyproject.toml", "README.md", "LICENSE", "engine", "scenarios")
#: Runs that together use all compiled functions of runs and replays.
COMPILE = """
import engine
policies = engine.load_scenario("policies")
for keep in ("counts", "prices"):
    engine.simulate(policies, 2, 1, keep=keep, sampling="qmc")
for policy in policies.policy_names:
    engine.replay(policies, 0, 0, policy=policy)
"""
WITH_COMPILED = ("[options.package_data]\n", "[options.package_data]\nengine = __pycache__/compiled-*/*/*.nb?\n")
BUILD = """
import sys
from setuptools import build_meta
build_meta.build_wheel(sys.argv[1], {"--build-option": sys.argv[2:]})
"""


def main(folder: Path) -> Path:
    """Build the wheel; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        copy, built = Path(temporary) / "source", Path(temporary) / "built"
        built.mkdir()
        for name in SOURCES:
            found = ROOT / name
            if found.is_dir():
                shutil.copytree(found, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                copy.mkdir(exist_ok=True)
                shutil.copy(found, copy)
        _run(COMPILE, copy)
        config = copy / "setup.cfg"
        config.write_text(config.read_text().replace(*WITH_COMPILED))
        python = f"cp{sys.version_info.major}{sys.version_info.minor}"
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        _run(BUILD, copy, str(built), f"--python-tag={python}", f"--plat-name={platform}")
        (wheel,) = built.glob("*.whl")
        if not any(".nbc" in name for name in zipfile.ZipFile(wheel).namelist()):
            raise SystemExit(f"{wheel.name} carries no compiled code")
        return Path(shutil.copy(wheel, folder / wheel.name))


def _run(code: str, source: Path, *arguments: str) -> None:
    """Run `code` with the engine of the folder `source`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    environment |= {"PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", code, *arguments], cwd=source, env=environment, check=True)


if __name__ == "__main__":
    print(main(Path(*sys.argv[1:2] or ["dist"])))
