"""Scenarios with one mistake each, and what must be said about it: line, key and mend.

All but a few are `scenarios/minimal.yaml` with one piece of text changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MINIMAL = (Path(__file__).parents[1] / "scenarios" / "minimal.yaml").read_text()
FILE = "broken.yaml"

_BUDGET = "    budget: 2e7\n"
_INTERVAL = "lognormal: {p5: 1e8, p95: 4e8}"
_GROWTH = "{value: 2.0, unit: x/yr}"
_DURATION = "{value: 4, unit: months}"
_CLASSES = MINIMAL[MINIMAL.index("actor_classes:") : MINIMAL.index("\ncapabilities:")]
_DIGITS = "0" * 5000
_STANDARD = "measure: security_standard"
_LICENSING = ["measure: licensing", "threshold: 1e26", "licence_delay: 1"]
_SHORT = "{measure: security_standard, least_security: 0.9}"
_NUMBERS = ("actor_classes.leader.budget", "algorithms.efficiency_trend", "capabilities.example_capability.requirement")


@dataclass(frozen=True)
class Broken:
    """A scenario with one mistake, and the error it must give.

    `line` is 0 where no line makes sense, and `key` is empty where no key does; `mend` is part of what is
    said after the key.
    """

    name: str
    content: str | bytes
    line: int
    key: str
    mend: str


def changed(name: str, old: str, new: str, key: str, mend: str, at: str = "") -> Broken:
    """The minimal scenario with `new` for `old`; the mistake is where `at` begins in `new`."""
    assert MINIMAL.count(old) == 1, old
    assert at in new, at
    before = MINIMAL[: MINIMAL.index(old)] + new[: new.index(at)]
    return Broken(name, MINIMAL.replace(old, new), before.count("\n") + 1, key, mend)


def added(name: str, text: str, key: str, mend: str, at: str = "") -> Broken:
    """The minimal scenario with `text` at its end."""
    line = (MINIMAL + text[: text.index(at)]).count("\n") + 1
    return Broken(name, MINIMAL + text, line, key, mend)


def budget(name: str, new: str, mend: str, within: str = "", at: str = "") -> Broken:
    """The follower's budget changed; the mistake is at the key `within` it."""
    return changed(name, _BUDGET, f"    budget: {new}\n", f"actor_classes.follower.budget{within}", mend, at)


def interval(name: str, new: str, mend: str, within: str = ".lognormal") -> Broken:
    """The distribution of the leader's budget changed."""
    return changed(name, _INTERVAL, new, f"actor_classes.leader.budget{within}", mend)


def growth(name: str, new: str, mend: str) -> Broken:
    """The growth of the leader's budget changed."""
    return changed(
        name, f"budget_growth: {_GROWTH}", f"budget_growth: {new}", "actor_classes.leader.budget_growth", mend
    )


def duration(name: str, new: str, within: str, mend: str) -> Broken:
    """The leader's run duration changed."""
    return changed(name, _DURATION, new, f"actor_classes.leader.run_duration{within}", mend)


def follower(name: str, text: str, key: str, mend: str) -> Broken:
    """Another line in the class of followers."""
    return changed(name, _BUDGET, f"{_BUDGET}    {text}\n", f"actor_classes.follower.{key}", mend, at=f"    {text}")


def count(name: str, new: str, mend: str) -> Broken:
    """The number of followers changed."""
    return changed(name, "count: 10\n", f"count: {new}\n", "actor_classes.follower.count", mend)


def classes(name: str, text: str, mend: str) -> Broken:
    """All actor classes changed."""
    return changed(name, _CLASSES, f"actor_classes:{text}\n", "actor_classes", mend)


def within(name: str, section: str, text: str, key: str, mend: str) -> Broken:
    """Another line at the beginning of a section."""
    return changed(name, f"\n{section}:\n", f"\n{section}:\n  {text}\n", f"{section}.{key}", mend, at=f"  {text}")


def output(name: str, text: str, key: str, mend: str, at: str = "  ") -> Broken:
    """A section `output`."""
    return added(name, f"output:\n  {text}\n", f"output.{key}", mend, at)


def correlated(name: str, pairs: list[tuple[str, str, float]], key: str, mend: str, at: str = "  - ") -> Broken:
    """A section `correlations` with some pairs."""
    entries = "".join(f"  - {{between: [{one}, {other}], rank: {rank}}}\n" for one, other, rank in pairs)
    return added(name, f"correlations:\n{entries}", f"correlations{key}", mend, at)


def related(name: str, entries: list[str], key: str, mend: str, at: int = -1) -> Broken:
    """A section `relations` with some entries; the mistake is in entry `at`."""
    text = "relations:\n" + "".join(f"  {entry}\n" for entry in entries)
    return added(name, text, f"relations.{key}", mend, entries[at])


def policies(name: str, text: str, key: str, mend: str, at: str = "  ") -> Broken:
    """A section `policies`."""
    return added(name, f"policies:\n  {text}\n", f"policies{key}", mend, at)


def measure(name: str, lines: list[str], key: str, mend: str, at: int = 0) -> Broken:
    """A policy of one measure, given by its lines; the mistake is in line `at` of them."""
    text = "policies:\n  strict:\n    measures:\n      - " + "\n        ".join(lines)
    return added(name, f"{text}\n", f"policies.strict.measures.0{key}", mend, lines[at])


def security(name: str, line: str, key: str, mend: str) -> Broken:
    """A policy of one security standard, with a mistake in its third line."""
    return measure(name, [_STANDARD, "least_security: 0.9", line], key, mend, at=2)


def dangerous(name: str, line: str, key: str, mend: str) -> Broken:
    """A dangerous capability with a mistake in one line."""
    text = f"  danger:\n    kind: dangerous\n    requirement: 1e28\n    {line}\n"
    return added(name, text, f"capabilities.danger.{key}", mend, line)


def above(name: str, text: str, key: str, mend: str, at: str = "") -> Broken:
    """Another line at the top level."""
    return changed(name, "start: 2025", f"{text}\nstart: 2025", key, mend, at)


NUMBERS = [
    budget("wrong unit", "{value: 2e7, unit: years}", "use one of: US$, log10 US$", ".unit"),
    budget("list of units", "{value: 2e7, unit: [US$]}", "use one of: US$, log10 US$", ".unit"),
    budget("unit on its own line", "\n      value: 2e7\n      unit: EUR", "use one of: US$", ".unit", at="      unit"),
    changed(
        "unit in the text", "mean: 2 ", "mean: 3 years ", "hardware.release_gap_mean", "write {value: 3, unit: years}"
    ),
    budget("unknown unit in the text", "20 EUR", "write {value: NUMBER, unit: US$}, with one of: US$, log10 US$"),
    budget("commas in a number", "20,000,000", "write 20000000"),
    budget("number in quotes", "'2e7'", "write 2e7"),
    budget("word for a number", "lots", "write a number or a distribution such as {lognormal: {p5: 1, p95: 2}}"),
    growth("infinite without its point", "inf", "write .inf"),
    budget("nothing for a number", "", "a number, or a distribution such as {lognormal: {p5: 1, p95: 2}}"),
    budget("list for a number", "[1e7, 4e7]", "a number, or a distribution such as {lognormal: {p5: 1, p95: 2}}"),
    budget("true for a number", "true", "must be a number"),
    budget("NaN", ".nan", "NaN is not allowed; write a number such as 2e7"),
    budget("infinite budget", ".inf", "inf US$ is out of range; use 1 to 1e+15 US$"),
    budget("number of 5001 digits", f"1{_DIGITS}", "write one such as 2e7"),
    budget("number of 401 digits", f"1{_DIGITS[:400]}", "too large; write a number such as 2e7"),
    follower(
        "probability above 1",
        "openness: 15",
        "openness",
        "use 0 to 1, or give its unit: {value: 15, unit: '%'}",
    ),
    follower(
        "may leave its range",
        "secrecy: {normal: {p5: 0, p95: 1}}",
        "secrecy",
        "use 0 to 1, or cut the distribution with `min:`",
    ),
    growth("growth by a factor of 0", "0", "use 0.499 to 1000 x/yr, or give its unit: {value: 0, unit: OOM/yr}"),
    growth("doubling in no time", "{value: 0, unit: doubling years}", "use at least 0.101 doubling years"),
    growth(
        "may double backwards", "{normal: {p5: -1, p95: 3}, unit: doubling years}", "use at least 0.101 doubling years"
    ),
    duration("misspelt key in a number", "{value: 4, unt: months}", ".unt", "did you mean 'unit'?"),
    duration("min of a constant", "{value: 4, min: 1}", ".min", "use one of: value, unit, source, note"),
    duration("note that is no text", "{value: 4, note: 2024}", ".note", "put it in quotes"),
]

DISTRIBUTIONS = [
    interval("interval reversed", "lognormal: {p5: 4e8, p95: 1e8}", "p5 (4e+08) is above p95 (1e+08); swap them"),
    budget(
        "interval reversed below its key", "\n      normal: {p5: 2, p95: 1}", "swap them", ".normal", at="      normal"
    ),
    interval("interval without width", "lognormal: {p5: 4e8, p95: 4e8}", "write the number alone if it is certain"),
    interval(
        "one quantile twice",
        "lognormal: {p5: 1e8, p05: 4e8}",
        "two different quantiles between p0 and p100, such as p5 and p95",
    ),
    interval("p0", "lognormal: {p0: 1e8, p95: 4e8}", "two different quantiles between p0 and p100, such as p5 and p95"),
    interval(
        "one quantile alone",
        "lognormal: {p5: 1e8}",
        "by median and sigma or by mean and sd or by two quantiles such as p5 and p95",
    ),
    interval("unknown parameter", "lognormal: {p5: 1e8, top: 4e8}", "two quantiles such as p5 and p95, not by p5, top"),
    interval("list of parameters", "lognormal: [1e8, 4e8]", "for example lognormal: {p5: 1, p95: 2}"),
    interval(
        "text for a parameter", "lognormal: {p5: 1e8, p95: 400 M}", "must be a number, not '400 M'", ".lognormal.p95"
    ),
    interval(
        "infinite parameter",
        "lognormal: {p5: 1e8, p95: .inf}",
        "must be finite; write a number such as 2e7",
        ".lognormal.p95",
    ),
    interval("beyond computing", "lognormal: {p5: 1e-300, p95: 1e300}", "use less extreme ones"),
    interval("normal without spread", "normal: {mean: 2e8, sd: 0}", "sd of normal must be above 0", ".normal"),
    interval(
        "uniform reversed", "uniform: {low: 4e8, high: 1e8}", "low (4e+08) must be below high (1e+08)", ".uniform"
    ),
    interval("mode outside", "triangular: {low: 1e8, mode: 9e8, high: 4e8}", "must be in this order", ".triangular"),
    interval("beta of money", "beta: {p5: 1e8, p95: 4e8}", "the quantiles of a beta must lie between 0 and 1", ".beta"),
    interval(
        "two distributions",
        f"normal: {{mean: 2e8, sd: 1e8}}, {_INTERVAL}",
        "not by normal and lognormal; remove one",
        "",
    ),
    interval("misspelt distribution", "lognorml: {p5: 1e8, p95: 4e8}", "did you mean 'lognormal'?", ".lognorml"),
    interval(
        "unknown distribution",
        "gamma: {p5: 1e8, p95: 4e8}",
        "use one of: value, normal, lognormal, uniform, tri",
        ".gamma",
    ),
    interval("no distribution", "p5: 1e8, p95: 4e8", "write one such as {lognormal: {p5: 1, p95: 2}}", ".p5"),
    budget("only a unit", "{unit: US$}", "give `value:` or a distribution such as {lognormal: {p5: 1, p95: 2}}"),
    interval("min above max", f"min: 2e8, max: 1e8, {_INTERVAL}", "min (2e+08) must be below max (1e+08)", ".min"),
    interval(
        "cut away",
        f"min: 1e12, {_INTERVAL}",
        "min and max leave less than a thousandth of the distribution; widen them",
        "",
    ),
]

KEYS = [
    above("misspelt key at the top", "horzon: 2040", "horzon", "did you mean 'horizon'?"),
    follower("misspelt key in a class", "bugdet_growth: 2", "bugdet_growth", "did you mean 'budget_growth'?"),
    within("key like no other", "hardware", "colour: red", "colour", "use one of: source, price_performance"),
    above(
        "key with control characters", '"\\e[31mred\\n!": 1', r"\x1b[31mred !", "use one of: source, name, description"
    ),
    Broken("no actor classes", MINIMAL.replace(_CLASSES, ""), 0, "actor_classes", "missing; add this key"),
    changed(
        "missing key",
        f"  follower:\n    count: 10\n{_BUDGET}",
        "  follower:\n    count: 10\n",
        "actor_classes.follower.budget",
        "missing; add this key",
    ),
    above("section without keys", "data:", "data", "write its keys below it, indented, or remove it"),
    classes("list of classes", "\n  - count: 3", "must be a mapping of names"),
    classes("no class at all", " {}", "give at least 1"),
    classes(
        "17 classes",
        "".join(f"\n  c{i}: {{count: 1, budget: 1e6, run_duration: 1, run_pause: 1}}" for i in range(17)),
        "give at most 16",
    ),
    changed(
        "class named twice",
        "  follower:",
        "  leader:",
        "actor_classes.leader",
        "first at line 18); rename or remove one",
    ),
    follower("key given twice", "count: 11", "count", "given twice (first at line 26); rename or remove one"),
    changed(
        "path for a class",
        "  follower:",
        "  ../../x:",
        "actor_classes.../../x",
        "use letters, digits and _, a letter first",
    ),
    changed(
        "number for a class", "  follower:", "  12:", "actor_classes.12", "use letters, digits and _, a letter first"
    ),
    changed("a class that tables lose", "  follower:", "  NA:", "actor_classes.NA", "means a missing value in tables"),
    changed(
        "a capability that tables lose",
        "  example_capability:",
        "  nan:",
        "capabilities.nan",
        "means a missing value in tables",
    ),
    above("path for the scenario", "name: ../../x", "name", "leave out slashes and control characters"),
]

PLAIN_VALUES = [
    count("negative count", "-1", "must be at least 1, not -1"),
    count("count of 0", "0", "must be at least 1, not 0"),
    count("fractional count", "2.5", "must be a whole number, such as 10, not 2.5"),
    count("uncertain count", "{normal: {p5: 5, p95: 15}}", "must be a whole number, such as 10, not a mapping"),
    count("1e9 actors", "1000000000", "must be at most 10000, not 1000000000"),
    count("count of 4001 digits", f"1{_DIGITS[:4000]}", "must be at most 10000"),
    changed(
        "10,003 actors",
        _CLASSES,
        _CLASSES.replace("count: 10\n", "count: 10000\n"),
        "actor_classes",
        "with `represents:`",
    ),
    changed("date for a year", "start: 2025", "start: 2025-01-01", "start", "such as 0.5 or 2025, not '2025-01-01'"),
    changed(
        "horizon before start",
        "horizon: 2040",
        "horizon: 2020",
        "horizon",
        "must be after start (2025); write a later year",
    ),
    changed("horizon too far", "horizon: 2040", "horizon: 2126", "horizon", "use 2125 or earlier"),
    changed("horizon in another age", "horizon: 2040", "horizon: 20400", "horizon", "must be at most 2300, not 20400"),
    changed("infinite horizon", "horizon: 2040", "horizon: .inf", "horizon", "must be at most 2300"),
    changed(
        "unknown kind",
        "kind: valuable",
        "kind: useful",
        "capabilities.example_capability.kind",
        "'dangerous' or 'valuable'",
    ),
    above("number for text", "source: 2024", "source", "must be text (put it in quotes), not 2024"),
    output(
        "thresholds that fall",
        "flop_thresholds: [1e25, 1e24]",
        "flop_thresholds",
        "must rise and lie between 1 and 1e60 FLOP",
    ),
    output("no threshold", "flop_thresholds: []", "flop_thresholds", "give at least 1"),
    output(
        "threshold without a list",
        "flop_thresholds: 1e25",
        "flop_thresholds",
        "must be a list, each entry after a dash",
    ),
    output("quantile above 1", "quantiles: [0.5, 95]", "quantiles", "between 0 and 1, such as [0.05, 0.5, 0.95]"),
    output(
        "text for a quantile",
        "quantiles:\n    - 0.5\n    - p95",
        "quantiles.1",
        "must be a plain number",
        at="    - p95",
    ),
    output("time step too short", "time_step: 0.001", "time_step", "must be at least 0.02"),
    changed(
        "too many times",
        "horizon: 2040",
        "horizon: 2100\noutput: {time_step: 0.02}",
        "output.time_step",
        "longer step",
        at="output",
    ),
]

_MANY_BREAKTHROUGHS = (
    MINIMAL.replace("horizon: 2040", "horizon: 2100")
    .replace("algorithms:\n", "algorithms:\n  breakthrough_rate: 900\n")
    .replace("  leader:\n", "  leader:\n    research_share: 1\n")
)
_MANY_RUNS = (
    _CLASSES.replace("count: 10\n", "count: 9000\n")
    .replace("run_duration: 0.3", "run_duration: 0.01")
    .replace("run_pause: 1", "run_pause: 0")
)
BETWEEN_KEYS = [
    within(
        "breakthroughs without finders",
        "algorithms",
        "breakthrough_rate: 2",
        "breakthrough_rate",
        "give some actor class a `res",
    ),
    Broken("too many breakthroughs", _MANY_BREAKTHROUGHS, 15, "algorithms.breakthrough_rate", "lower the rate"),
    changed("too many runs", _CLASSES, _MANY_RUNS, "actor_classes", "use fewer actors"),
    changed(
        "ceiling below the budget", "ceiling: 1e11", "ceiling: 1e7", "actor_classes.leader.budget_ceiling", "raise it"
    ),
    within(
        "ceiling below the chips",
        "hardware",
        "price_performance_ceiling: 1e17",
        "price_performance_ceiling",
        "raise it",
    ),
    within(
        "format listed twice",
        "hardware",
        "formats: [{name: FP4, format_gain: 2}, {name: FP4, format_gain: 2}]",
        "formats.1.name",
        "the format FP4 is listed twice; remove one",
    ),
    correlated(
        "correlation with nothing",
        [(_NUMBERS[0], "algorithms.efficency_trend", 0.5)],
        ".0.between.1",
        "did you mean 'algorithms.efficiency_trend'?",
    ),
    correlated(
        "correlation with a constant",
        [("hardware.price_performance", _NUMBERS[0], 0.5)],
        ".0.between.0",
        "give it a distribution",
    ),
    correlated(
        "correlation with itself", [(_NUMBERS[0], _NUMBERS[0], 0.5)], ".0.between", "needs two different numbers"
    ),
    correlated(
        "correlation twice",
        [(*_NUMBERS[:2], 0.5), (_NUMBERS[1], _NUMBERS[0], 0.4)],
        ".1.between",
        "and each pair once; remove it",
        at="  - {between: [alg",
    ),
    correlated("correlation above 1", [(*_NUMBERS[:2], 1.5)], ".0.rank", "must be below 1, not 1.5"),
    correlated(
        "impossible correlations",
        [(*_NUMBERS[:2], 0.9), (*_NUMBERS[1:], -0.9), (*_NUMBERS[::2], 0.9)],
        "",
        "no joint distribution has these correlations; choose values nearer to 0",
        at="",
    ),
]

_BOMB = "".join(f"bomb{i}: &b{i} [{', '.join([f'*b{i - 1}' if i else 'x'] * 10)}]\n" for i in range(8))
YAML = [
    above("alias bomb", _BOMB.rstrip("\n"), "bomb4", "after aliases are expanded; write fewer", at="bomb4"),
    budget("alias of itself", "&b [*b]", "write the value itself", ".0"),
    added("nested 10,000 deep", f"deep: {'[' * 10_000}{']' * 10_000}\n", "", "nested too deeply; at most 24 levels"),
    added("brackets never closed", f"deep: {'[' * 100_000}", "", "nested too deeply; at most 24 levels"),
    count(
        "python tag",
        "!!python/object/apply:os.system ['touch pwned']",
        "the tag !!python/object/apply:os.system is not allowed; write plain values",
    ),
    count("own tag", "!mine 10", "the tag !mine is not allowed; write plain values"),
    changed("merge key", "    count: 10\n", "    <<: {count: 10}\n", "actor_classes.follower", "use `extends:`"),
    changed("mapping for a key", _BUDGET, "    {a: b}: 2e7\n", "actor_classes.follower", "a key must be a plain word"),
    changed("tab", _BUDGET, "\tbudget: 2e7\n", "", "indented by a tab; indent with spaces"),
    changed(
        "no space after a colon", _BUDGET, "    budget:2e7\n", "", "write `key: value`, with a space after the colon"
    ),
    above("colon in text", "source: Byrnes 2026: an estimate", "", "put text that contains `: ` in quotes"),
    changed("indented too far", _BUDGET, f" {_BUDGET}", "", "check the indentation of this line"),
    changed("indented too little", _BUDGET, f"{_BUDGET[1:]}", "", "check the indentation of this line"),
    changed("open bracket", _BUDGET, "    budget: {value: 2e7\n", "", "close the bracket that opens here"),
    changed("open quote", _BUDGET, "    budget: '2e7\n", "", "close the quote that opens here"),
    changed("sign of YAML", _BUDGET, "    budget: @2e7\n", "", "put it in quotes"),
    changed("unknown alias", _BUDGET, "    budget: *rich\n", "", "write the value itself"),
    added("two documents", f"---\n{MINIMAL}", "", "a file contains one scenario; remove the line `---`"),
    Broken("empty file", "", 0, "", "the file is empty; a scenario is keys with values, such as `start: 2025`"),
    Broken("only comments", "# to be written\n", 0, "", "the file is empty"),
    Broken("list for a scenario", "- start: 2025\n- horizon: 2040\n", 1, "", "keys with values, such as `start: 2025`"),
    Broken("prose", "\nA leader, and followers.\n", 2, "", "keys with values, such as `start: 2025`"),
    Broken("binary file", bytes(range(256)) * 8, 2, "", "not text in UTF-8; save the file as UTF-8"),
    Broken("Latin-1", MINIMAL.replace("A leader", "Le caf\xe9").encode("latin-1"), 3, "", "save the file as UTF-8"),
    Broken("zero byte", MINIMAL.replace("start: 2025", "start: \0"), 4, "", "a scenario is text in YAML"),
    Broken("control character", MINIMAL.replace("start: 2025", "start: \a"), 4, "", "#x07 is not allowed; remove it"),
    Broken("megabytes", f"{MINIMAL}# {'x' * 1_000_000}", 0, "", "larger than 1000000 bytes"),
]

EXTENDS = [
    above("extends a missing file", "extends: none.yaml", "extends", "paths are relative to the folder of this file"),
    above("extends itself", f"extends: {FILE}", "extends", "remove the cycle"),
    above(
        "extends two files",
        "extends: [a.yaml, b.yaml]",
        "extends",
        "one scenario, such as `extends: baseline`, or a file",
    ),
    above("extends no possible name", 'extends: "a\\0b"', "extends", "check the path"),
    above("extends a very long name", f"extends: {'x' * 300}", "extends", "check the path"),
]

POLICIES = [
    above("policies without a policy", "policies:", "policies", "write its keys below it, indented, or remove it"),
    policies("list of policies", f"- measures: [{_SHORT}]", "", "must be a mapping of names", at=""),
    policies("policy without keys", "strict:", ".strict", "write its keys below it, indented, or remove it"),
    policies("text for a policy", "strict: no runs", ".strict", "must be a mapping of keys to values, not 'no runs'"),
    policies("policy without measures", "strict: {description: None}", ".strict.measures", "missing; add this key"),
    policies("no measure at all", "strict: {measures: []}", ".strict.measures", "give at least 1"),
    policies(
        "measures by name",
        f"strict:\n    measures:\n      first: {_SHORT}",
        ".strict.measures",
        "must be a list, each entry after a dash, not a mapping",
        at="    measures",
    ),
    policies("17 measures", f"strict: {{measures: [{', '.join([_SHORT] * 17)}]}}", ".strict.measures", "at most 16"),
    policies(
        "33 policies",
        "\n  ".join(f"p{i}: {{measures: [{_SHORT}]}}" for i in range(33)),
        "",
        "has too many entries; give at most 32",
        at="",
    ),
    policies(
        "policy called baseline",
        f"baseline: {{measures: [{_SHORT}]}}",
        ".baseline",
        "the policy without measures, which always exists; choose another name",
    ),
    policies(
        "number for a policy", f"2027: {{measures: [{_SHORT}]}}", ".2027", "use letters, digits and _, a letter first"
    ),
    policies(
        "a policy that tables lose", f"null: {{measures: [{_SHORT}]}}", ".null", "means a missing value in tables"
    ),
    policies(
        "misspelt key in a policy",
        f"strict:\n    measures: [{_SHORT}]\n    descripton: strict",
        ".strict.descripton",
        "did you mean 'description'?",
        at="    descripton",
    ),
    policies(
        "policy given twice",
        f"strict: {{measures: [{_SHORT}]}}\n  strict: {{}}",
        ".strict",
        "given twice (first at line 38); rename or remove one",
        at="  strict: {}",
    ),
]

MEASURES = [
    measure("measure without a kind", ["least_security: 0.9"], "", "begin with `measure:` and one of compute_cap, lic"),
    measure("text for a measure", ["licensing"], "", "must be a mapping of keys to values, not 'licensing'"),
    measure("misspelt kind", ["measure: licencing"], ".measure", "did you mean 'licensing'?"),
    measure("unknown kind", ["measure: tax"], ".measure", "use one of: compute_cap, licensing, export_control"),
    measure(
        "misspelt key in a measure",
        [*_LICENSING, "license_delay: 2"],
        ".license_delay",
        "did you mean 'licence_delay'?",
        at=3,
    ),
    measure(
        "key of another kind",
        [*_LICENSING, "least_security: 0.9"],
        ".least_security",
        "unknown key; use one of: source, start, trigger,",
        at=3,
    ),
    measure("key missing in a measure", _LICENSING[:2], ".licence_delay", "missing; add this key"),
    measure("no cap", ["measure: compute_cap", "start: 2027"], "", "give `max_compute:` or `relative_cap:`"),
    measure(
        "cap in log10",
        ["measure: compute_cap", "max_compute: 27"],
        ".max_compute",
        "give its unit: {value: 27, unit: log10 FLOP}",
        at=1,
    ),
    measure(
        "unit in the text of a measure",
        [*_LICENSING[:2], "licence_delay: 6 months"],
        ".licence_delay",
        "write {value: 6, unit: months}",
        at=2,
    ),
    measure(
        "support that takes away",
        ["measure: public_compute", "budget_multiplier: 0.5"],
        ".budget_multiplier",
        "use 1 to 1e+06 x, or give its unit: {value: 0.5, unit: OOM}",
        at=1,
    ),
    security("compliance in per cent", "compliance: 90", ".compliance", "{value: 90, unit: '%'}"),
    security("date for a start", "start: 2027-06-01", ".start", "write 2027.414"),
    security("start in another age", "start: 20270", ".start", "use 1950 to 2400 year"),
    measure(
        "end before start",
        [_STANDARD, "least_security: 0.9", "end: 2028", "start: 2030"],
        ".end",
        "ends before it starts; write a later year",
        at=2,
    ),
    security("infinite delay", "delay: .inf", ".delay", "use 0 to 100 years"),
    security("unknown class", "classes: [leader, folower]", ".classes", "did you mean 'follower'?"),
    security("class listed twice", "classes: [leader, leader]", ".classes", "listed twice; remove one"),
    security("class without a list", "classes: leader", ".classes", "must be a list, each entry after a dash"),
    security("empty list of classes", "classes: []", ".classes", "give at least 1"),
    security("unknown trigger", "trigger: leak", ".trigger", "must be 'emergence', 'release', 'theft', 'incident' or"),
    security("trigger by a run of any size", "trigger: run", ".trigger", "by `trigger_compute:`, such as 1e26"),
    security("size of a run alone", "trigger_compute: 1e26", ".trigger_compute", "belongs to `trigger: run`; remove"),
    dangerous(
        "unknown capability before another",
        "after: [exmple_capability]",
        "after.0",
        "no capability is called 'exmple_capability'; did you mean 'example_capability'?",
    ),
    dangerous("capability after itself", "after: [danger]", "after.0", "cannot come after itself; remove it"),
    dangerous(
        "capability twice before another",
        "after: [example_capability, example_capability]",
        "after.1",
        "example_capability is listed twice; remove one",
    ),
    added(
        "circle of capabilities",
        "  one:\n    kind: valuable\n    requirement: 1e28\n    after: [two]\n"
        "  two:\n    kind: valuable\n    requirement: 1e28\n    after: [one]\n",
        "capabilities.one.after",
        "two itself comes after one; remove one of the two",
        "after: [two]",
    ),
    related(
        "relation of an unknown class",
        ["bloc: {of: [leader, folower], to: [leader], lag_factor: 2}"],
        "bloc.of.1",
        "no actor class is called 'folower'; did you mean 'follower'?",
    ),
    related(
        "class twice in a relation",
        ["bloc: {of: [leader], to: [follower, follower], lag_factor: 2}"],
        "bloc.to.1",
        "follower is listed twice; remove one",
    ),
    related(
        "pair in two relations",
        ["one: {of: [leader], to: [follower], lag_factor: 2}", "two: {of: [leader], to: [follower], serves: false}"],
        "two",
        "leader to follower is in the relation one already; write both into one",
    ),
    related(
        "relation that changes nothing",
        ["bloc: {of: [leader], to: [follower]}"],
        "bloc",
        "changes nothing; give `lag_factor:`, `theft_factor:` or `serves:`",
    ),
    related("relation of none", ["bloc: {of: [], to: [follower], lag_factor: 2}"], "bloc.of", "give at least 1"),
    related(
        "factor below nothing", ["bloc: {of: [leader], to: [follower], lag_factor: -1}"], "bloc.lag_factor", "0 to 100"
    ),
    measure(
        "safeguards that change nothing",
        ["measure: hosting_safeguards", "start: 2027"],
        "",
        "changes nothing; give `least_safeguards:` or",
    ),
    measure(
        "limit in per cent",
        ["measure: distillation_limits", "distillation_limit: 80"],
        ".distillation_limit",
        "or give its unit: {value: 80, unit: '%'}",
        at=1,
    ),
    measure(
        "foresight that sees nothing",
        ["measure: capability_reporting", "foresight: 1"],
        ".foresight",
        "does nothing by itself; give `foresight_probability:` too",
        at=1,
    ),
    measure(
        "sight of nothing",
        ["measure: capability_reporting", "foresight_probability: 1"],
        ".foresight_probability",
        "does nothing by itself; give `foresight:` too",
        at=1,
    ),
    security(
        "capability without a trigger",
        "trigger_capability: example_capability",
        ".trigger_capability",
        "belongs to the triggers emergence, release, theft and incident; remove it",
    ),
    measure(
        "unknown capability of a trigger",
        [_STANDARD, "least_security: 0.9", "trigger: theft", "trigger_capability: exmple_capability"],
        ".trigger_capability",
        "no capability is called 'exmple_capability'; did you mean 'example_capability'?",
        at=3,
    ),
    measure(
        "incident with a valuable capability",
        [_STANDARD, "least_security: 0.9", "trigger: incident", "trigger_capability: example_capability"],
        ".trigger_capability",
        "name a dangerous one",
        at=3,
    ),
    security(
        "emergence of no dangerous capability",
        "trigger: emergence",
        ".trigger",
        "no capability is dangerous, so this never happens; name one by `trigger_capability:`",
    ),
    correlated(
        "correlation with no such measure",
        [(_NUMBERS[0], "policies.strict.licensing.threshold", 0.5)],
        ".0.between.1",
        "no number is called 'policies.strict.licensing.threshold'; use one of: algorithms.efficiency_trend",
    ),
]

_MANY_INCIDENTS = MINIMAL.replace(_BUDGET, f"{_BUDGET}    represents: 100000\n    attempt_rate: 1000\n") + (
    "  danger: {kind: dangerous, requirement: 1e28, success_probability: 1, loss_median: 1e6}\n"
)
HARM = [
    changed(
        "valuable capability that is misused",
        "    kind: valuable\n",
        "    kind: valuable\n    success_probability: 0.1\n    loss_median: 1e6\n",
        "capabilities.example_capability.success_probability",
        "list the capability twice, once as each kind",
        at="    success",
    ),
    dangerous("benefit of a danger", "benefit_rate: 1e6", "benefit_rate", "list the capability twice, once as each"),
    dangerous("incident without a loss", "success_probability: 0.1", "success_probability", "add `loss_median:`"),
    dangerous("loss below nothing", "loss_median: -1e6", "loss_median", "use 0 to 1e+15 US$"),
    dangerous("effectiveness above 1", "defence_effectiveness: 80", "defence_effectiveness", "{value: 80, unit: '%'}"),
    dangerous(
        "benefit in the unit of a loss",
        "benefit_rate: {value: 1e6, unit: US$}",
        "benefit_rate.unit",
        "use one of: US$/yr, log10 US$/yr",
    ),
    Broken(
        "too many incidents",
        _MANY_INCIDENTS,
        MINIMAL[: MINIMAL.index(_BUDGET)].count("\n") + 3,
        "actor_classes.follower.attempt_rate",
        "incidents per future are more than 16,777,216; lower the rate",
    ),
    above("infinite ceiling of losses", "harm: {loss_ceiling: .inf}", "harm.loss_ceiling", "use 1 to 1e+15 US$"),
    above("misspelt key of harm", "harm: {loss_celing: 1e13}", "harm.loss_celing", "did you mean 'loss_ceiling'?"),
    output("risk levels that fall", "risk_levels: [0.99, 0.95]", "risk_levels", "must rise and lie between 0 and 1"),
    output("risk levels in per cent", "risk_levels: [95, 99]", "risk_levels", "such as [0.95, 0.99]"),
    output(
        "investments that fall", "investments: [1e8, 1e6]", "investments", "must rise and lie between 1 and 1e15 US$"
    ),
    output("an investment twice", "investments: [1e6, 1e6]", "investments", "must rise and lie between 1 and 1e15 US$"),
    output("investments in OOM", "investments: [0.5, 8]", "investments", "between 1 and 1e15 US$, such as [1e6, 1e8]"),
    output("an investment beyond all money", "investments: [1e9, 1e16]", "investments", "such as [1e6, 1e8]"),
    output("no investment", "investments: []", "investments", "give at least 1"),
    output("an investment in words", "investments: [1e6, 1 billion]", "investments.1", "must be a plain number"),
    output("one investment", "investments: 1e8", "investments", "must be a list, each entry after a dash"),
    output("no risk level", "risk_levels: []", "risk_levels", "give at least 1"),
    output("text for a risk level", "risk_levels: [95%]", "risk_levels.0", "must be a plain number"),
]

EVERY = [*NUMBERS, *DISTRIBUTIONS, *KEYS, *PLAIN_VALUES, *BETWEEN_KEYS, *YAML, *EXTENDS, *POLICIES, *MEASURES, *HARM]
