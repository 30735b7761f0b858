"""Hostile scenario files: named attacks, and mutations of good files; run as a script, both under a limit of memory.

    python tests/hostile_scenarios.py 500

exits with 0 if each loads or is refused, in time, in memory and with a mend, and tells the file that was not otherwise.
"""

from __future__ import annotations

import resource
import signal
import sys
import tempfile
import warnings
from pathlib import Path

from broken_scenarios import MINIMAL
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import engine
from engine.scenario import WorldSampler

#: Seconds that a file may take: of the processor, which do not depend on what else it does, and by the clock.
SECONDS, WAITED = 20, 300
GIB = 2**30
SCENARIOS = Path(__file__).parents[1] / "scenarios"

_DIGITS = "9" * 100_000
_LONG = "n" * 400_000
_CLASS = "count: 1, budget: 1e6, run_duration: 1, run_pause: 1"
_BUDGET, _COUNT, _HORIZON = "budget: 2e7", "count: 10\n", "horizon: 2040"


def changed(old: str, new: str) -> str:
    """The minimal scenario with `new` for `old`."""
    assert MINIMAL.count(old) == 1, old
    return MINIMAL.replace(old, new)


#: Scenarios by the name of the attack, and part of what must be said; those of the second kind may load.
REFUSED: dict[str, tuple[str, str]] = {
    "100,000 digits": (changed(_BUDGET, f"budget: {_DIGITS}"), "write one such as 2e7"),
    "100,000 hexadecimal digits": (changed(_BUDGET, f"budget: 0x{_DIGITS}"), "too large; write a number such as 2e7"),
    "100,000 digits for a year": (changed(_HORIZON, f"horizon: 0x{_DIGITS}"), "must be a plain number"),
    "100,000 digits for a count": (changed(_COUNT, f"count: 0b{'1' * 100_000}\n"), "must be at most 10000"),
    "100,000 digits for text": (MINIMAL + f"name: 0x{_DIGITS}\n", "must be text"),
    "number beyond all floats": (changed(_BUDGET, "budget: 1e400"), "out of range; use 1 to 1e+15 US$"),
    "minus nothing": (changed(_BUDGET, "budget: -0.0"), "out of range; use 1 to 1e+15 US$"),
    "NaN for a year": (changed(_HORIZON, "horizon: .nan"), "must be at most 2300"),
    "NaN for an edge": (changed(_BUDGET, "budget: {lognormal: {p5: 1, p95: 2}, min: .nan}"), "NaN is not allowed"),
    "NaN for a step": (MINIMAL + "output: {time_step: .nan}\n", "must be at most 5"),
    "NaN for a quantile": (MINIMAL + "output: {quantiles: [.nan]}\n", "must rise and lie between 0 and 1"),
    "infinite threshold": (MINIMAL + "output: {flop_thresholds: [1, .inf]}\n", "must rise and lie between 1 and 1e60"),
    "a thousand million actors": (changed(_COUNT, "count: 1000000000\n"), "must be at most 10000"),
    "horizon past the end of time": (changed(_HORIZON, "horizon: 1e300"), "must be at most 2300"),
    "a step of no time": (MINIMAL + "output: {time_step: 1e-9}\n", "must be at least 0.02"),
    "1,000 quantiles": (MINIMAL + f"output: {{quantiles: [{'0.5, ' * 1000}]}}\n", "give at most 99"),
    "1,000 classes": (
        changed("actor_classes:\n", "actor_classes:\n" + "".join(f"  c{i}: {{{_CLASS}}}\n" for i in range(1000))),
        "give at most 16",
    ),
    "320,000 lists": (f"{MINIMAL}a: [{'[],' * 320_000}]\n", "values in all, after aliases are expanded; write fewer"),
    "50,000 aliases": (f"{MINIMAL}a: &a 1\nb: [{'*a,' * 50_000}]\n", "values in all, after aliases are expanded"),
    "long text by aliases": (
        changed(_COUNT, f"{_COUNT}    entry_lag: {{value: 1, note: &n {_LONG}}}\n")
        + "source: *n\nharm: {source: *n}\ndata: {source: *n}\n",
        "characters after aliases are expanded; write less",
    ),
    "10,000 brackets": (f"{MINIMAL}a: {'[' * 10_000}\n", "nested too deeply; at most 24 levels"),
    "10,000 dashes": (f"{MINIMAL}? {'- ' * 10_000}\n", "nested too deeply; at most 24 levels"),
    "code": (changed("count: 10\n", "count: !!python/object/apply:os.system [id]\n"), "write plain values"),
    "code by another name": (
        f"%TAG ! tag:yaml.org,2002:python/\n---\n{MINIMAL}a: !object/apply:os.system id\n",
        "write plain values",
    ),
    "code for a key": (f"{MINIMAL}!!binary a: 1\n", "the tag !!binary is not allowed; write plain values"),
    "half a character": (f'{MINIMAL}source: "\\ud800"\n', "write the whole character"),
    "half a character in a key": (f'{MINIMAL}"\\udfff": 1\n', "write the whole character"),
    "path for a name": (f"{MINIMAL}name: ../../x\n", "leave out slashes"),
    "name of 101 letters": (f"{MINIMAL}name: {'x' * 101}\n", "at most 100 characters"),
    "name that turns round": (f'{MINIMAL}name: "a\\u202ecn.x"\n', "leave out slashes and control characters"),
    "name of two lines": (f'{MINIMAL}name: "a\\u2028b"\n', "leave out slashes and control characters"),
    "key of a megabyte": (f"{MINIMAL}{'k' * 900_000}: 1\n", "a key has no value"),
    "tag of a megabyte": (f"{MINIMAL}a: !{'t' * 900_000} 1\n", "is not allowed"),
    "text of a megabyte for a number": (changed(_BUDGET, f"budget: 5 {'a ' * 400_000}"), "is text, not a number"),
}
HARMLESS: dict[str, str] = {
    "900,000 digits after the point": changed(_BUDGET, f"budget: 2.{'0' * 900_000}"),
    "line of a megabyte": f"{MINIMAL}# {'x' * 990_000}",
    "megabyte of lines": MINIMAL + "\n" * 990_000,
    "everything at its most": MINIMAL.replace(_COUNT, "count: 4990\n    represents: 100000\n")
    + "output: {time_step: 0.02}\n",
}

_VALUES = (
    *(
        "",
        "~",
        "-",
        "[]",
        "{}",
        "[[]]",
        "true",
        "0",
        "-1",
        "-0.0",
        "1e400",
        "-1e400",
        "1e-400",
        ".inf",
        "-.inf",
        ".nan",
    ),
    *("0x" + "f" * 400, "9" * 5000, "1e308", "5e-324", "2025-01-01", "1_0", "0o17", "1:30", "10 %", "'2e7'", "US$"),
    *(
        "{value: 1e9}",
        "{value: .nan, unit: x}",
        "{lognormal: {p5: 1, p95: 2}}",
        "{lognormal: {p5: 1e-300, p95: 1e300}}",
    ),
    *("{normal: {mean: 0, sd: 1e308}}", "{beta: {p5: 0.1, p95: 0.2}}", "{beta: {alpha: 1e-9, beta: 1e9}}"),
    *("{uniform: {low: -.inf, high: 1}}", "{triangular: {mode: 1, p5: 0.9, p95: 1.1}, min: 1, max: 1}"),
    *("{value: 0.5, unit: '%'}", "{value: -5, unit: doubling years}", "{value: 1e300, unit: months}"),
    *(
        "../../x",
        ".bashrc",
        "-o",
        "CON",
        '"\\u202e"',
        '"\\ud800"',
        '"\\0"',
        "x" * 300,
        "/dev/zero",
        "leader",
        "baseline",
    ),
    *(
        "&a [*a]",
        "*a",
        "&a 1",
        "!!python/name:os.system",
        "!!int x",
        "!!float 1",
        "!!binary aa",
        "!!set {a, b}",
        "|",
        ">-",
    ),
)
_SPLICED = (
    "policies: {p: {measures: [{measure: licensing, threshold: 1e26, licence_delay: 1}]}}",
    "policies: {p: {measures: [{measure: compute_cap, trigger: emergence, relative_cap: 0.5}]}}",
    "output: {time_step: 5, quantiles: [0.5], flop_thresholds: [1], risk_levels: [0.5], investments: [1e15]}",
    "output: {time_step: 0.02, quantiles: [0.000001, 0.999999]}",
    "correlations: [{between: [actor_classes.leader.budget, algorithms.efficiency_trend], rank: 0.999999}]",
    "formats: [{name: a, format_gain: 6}, {name: b, format_gain: {lognormal: {p5: 2, p95: 3}}}]",
    "breakthrough_rate: 900",
    "attempt_rate: 1000",
    "theft_rate: {value: 80, unit: per month}",
    "success_probability: 1",
    "extends: minimal.yaml",
    "extends: mutated.yaml",
    "<<: {count: 1}",
    "? {a: b}",
    f"deep: {'{a: ' * 30}{'}' * 30}",
    f"bomb: [&a [x, x, x, x, x, x, x, x], &b [{'*a, ' * 30}], &c [{'*b, ' * 30}], &d [{'*c, ' * 30}]]",
    "---",
    "%YAML 1.1",
    "...",
)


# What may be done to the line at a place in a file.
def _delete(draw: st.DrawFn, lines: list[str], at: int) -> None:
    del lines[at : at + draw(st.integers(1, 4))]


def _double(draw: st.DrawFn, lines: list[str], at: int) -> None:
    lines.insert(draw(st.integers(0, len(lines))), lines[at])


def _swap(draw: st.DrawFn, lines: list[str], at: int) -> None:
    other = draw(st.integers(0, len(lines) - 1))
    lines[at], lines[other] = lines[other], lines[at]


def _indent(draw: st.DrawFn, lines: list[str], at: int) -> None:
    lines[at] = draw(st.sampled_from(["  ", " ", "\t", "- "])) + lines[at]


def _value(draw: st.DrawFn, lines: list[str], at: int) -> None:
    lines[at] = f"{lines[at].partition(':')[0]}: {draw(st.sampled_from(_VALUES))}"


def _mark(draw: st.DrawFn, lines: list[str], at: int) -> None:
    lines[at] = lines[at].replace(
        ": ", f": {draw(st.sampled_from(['&a ', '*a ', '!!str ', '!x ', '- ', '? ', '[']))}", 1
    )


def _splice(draw: st.DrawFn, lines: list[str], at: int) -> None:
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    lines.insert(at, indent + draw(st.sampled_from(_SPLICED)))


def _letters(draw: st.DrawFn, lines: list[str], at: int) -> None:
    line, where = lines[at], draw(st.integers(0, len(lines[at])))
    lines[at] = line[:where] + draw(st.text(max_size=3)) + line[where + draw(st.integers(0, 3)) :]


def _cut(draw: st.DrawFn, lines: list[str], at: int) -> None:
    del lines[at + 1 :]


#: Of values most come of it that are no mere mistakes in YAML.
_CHANGES = (_delete, _double, _swap, _indent, _mark, _splice, _letters, _cut, *[_value] * 4)
#: The large files take a second each, so they have a small share.
_TEXTS = [MINIMAL] * 70 + [(SCENARIOS / f"{name}.yaml").read_text() for name in ("policies", "baseline")]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A good file with one to four things done to its lines, and sometimes to its bytes."""
    lines = draw(st.sampled_from(_TEXTS)).split("\n")
    for change in draw(st.lists(st.sampled_from(_CHANGES), min_size=1, max_size=4)):
        change(draw, lines, draw(st.integers(0, len(lines) - 1)))
        lines = lines or [""]
    content = bytearray("\n".join(lines).encode())
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        if content:
            content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    return bytes(content)


def judge(path: Path) -> str:
    """What is said of the scenario at `path`, "" if it loads and worlds can be drawn. Any other end is a failure."""

    def late(*_: object) -> None:
        raise TimeoutError("not loaded in time")

    signal.signal(signal.SIGPROF, late)
    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    signal.setitimer(signal.ITIMER_REAL, WAITED)
    try:
        loaded = engine.load_scenario(path)
        WorldSampler(loaded, 4, 0).worlds()
        assert len(loaded.time_grid) <= 2001
    except engine.ScenarioError as error:
        refusal = error
    else:
        return ""
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
    lines = str(refusal).splitlines()
    assert len(lines) == len(refusal.problems) > 0
    assert all(line.isprintable() for line in lines)
    return str(refusal)


def main(examples: int) -> None:
    """Judge all attacks and so many mutations with a GiB more memory than the engine has before."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("minimal", "baseline"):
            (Path(folder) / f"{name}.yaml").write_text((SCENARIOS / f"{name}.yaml").read_text())
            judge(Path(folder) / f"{name}.yaml")
        path = Path(folder) / "mutated.yaml"
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + GIB,) * 2)
        warnings.simplefilter("error")
        for text in (*(text for text, _ in REFUSED.values()), *HARMLESS.values()):
            path.write_text(text)
            judge(path)
        said = {"refused": 0, "loaded": 0}

        @settings(
            max_examples=examples, derandomize=True, deadline=None, database=None, suppress_health_check=HealthCheck
        )
        @given(mutated())
        def each(content: bytes) -> None:
            path.write_bytes(content)
            said["refused" if judge(path) else "loaded"] += 1

        each()
        print(said)


if __name__ == "__main__":
    main(int(sys.argv[1]))
