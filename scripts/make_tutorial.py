"""Write the code and the output of scripts/tutorial/ into docs/tutorial.md, and its images; with --check only compare.

.venv/bin/python scripts/make_tutorial.py [--check]

The prose of the page is written by hand. After a line `<!-- NAME.py -->` come the script's code and its output.
With --check the exit code is 1 if the page is out of date. Code must be the same; printed numbers may differ slightly,
because another type of CPU may give another last digit.
"""

import io
import re
import runpy
import shutil
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "scripts" / "tutorial"
PAGE = ROOT / "docs" / "tutorial.md"
IMAGES = ROOT / "docs" / "images" / "tutorial"
BLOCK = re.compile(r"<!-- (?P<name>\w+\.py) -->\n```python\n(?P<code>.*?)```\n\n```text\n(?P<said>.*?)```\n", re.DOTALL)
NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?")


def said_by(script: Path, folder: Path) -> str:
    """The output of a script of the tutorial that writes into `folder`, which the text calls outputs."""
    before, sys.argv = sys.argv, [str(script), str(folder)]
    try:
        with redirect_stdout(io.StringIO()) as out:
            runpy.run_path(str(script), run_name="__main__")
    finally:
        sys.argv = before
    lines = out.getvalue().replace(str(folder), "outputs").replace(f"{ROOT}/", "").splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def nearly_the_same(one: str, other: str) -> bool:
    """Whether two outputs have the same words, and numbers that differ by at most 5%, or 2 in their last digit."""
    words = [" ".join(NUMBER.sub("0", text).split()) for text in (one, other)]
    return words[0] == words[1] and all(map(_near, NUMBER.findall(one), NUMBER.findall(other)))


def _near(one: str, other: str) -> bool:
    a, b = (float(text.replace(",", "")) for text in (one, other))
    last = 10.0 ** -len(one.split("e")[0].partition(".")[2])
    return abs(a - b) <= max(0.05 * max(abs(a), abs(b)), 2.0 * last)


def code_of(script: Path) -> str:
    """The code of a script as the page shows it: without the docstring, which repeats the heading."""
    return script.read_text(encoding="utf-8").split('"""', 2)[2].lstrip()


def blocks(page: str) -> dict[str, tuple[str, str]]:
    """(code, output) of each script as the page shows them."""
    return {found["name"]: (found["code"], found["said"]) for found in BLOCK.finditer(page)}


def made(page: str, said: dict[str, str]) -> str:
    """The page with the code of the scripts, and what they `said`."""

    def block(found: re.Match[str]) -> str:
        name = found["name"]
        return f"<!-- {name} -->\n```python\n{code_of(SCRIPTS / name)}```\n\n```text\n{said[name]}```\n"

    return BLOCK.sub(block, page)


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        said = {script.name: said_by(script, Path(folder)) for script in sorted(SCRIPTS.glob("*.py"))}
        if "--check" in sys.argv[1:]:
            now, shown = blocks(made(page, said)), blocks(page)
            old = [name for name in said if name not in shown or not _current(shown[name], now[name])]
            if old:
                sys.exit(f"{PAGE} is out of date ({', '.join(old)}): run scripts/make_tutorial.py")
            return
        IMAGES.mkdir(parents=True, exist_ok=True)
        for image in Path(folder).glob("*.png"):
            shutil.copy(image, IMAGES)
    PAGE.write_text(made(page, said), encoding="utf-8")


def _current(shown: tuple[str, str], now: tuple[str, str]) -> bool:
    return shown[0] == now[0] and nearly_the_same(shown[1], now[1])


if __name__ == "__main__":
    main()
