"""Broken scenarios: one line for each mistake, at its line, with its key and with what to write instead."""

from __future__ import annotations

import subprocess
import sys

import pytest
from broken_scenarios import EVERY, FILE, MINIMAL, NUMBERS, YAML
from helpers import scenario_data, with_measures
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine import cli
from engine.scenario import quantities, source
from engine.scenario.errors import MAX_KEY, MAX_LENGTH, shown
from engine.scenario.measures import MEASURES
from engine.scenario.numbers import Quantity


@pytest.fixture
def refused(tmp_path, monkeypatch, capsys):
    """Calls `engine validate` in a folder of `files` as a shell would; gives the lines of its standard error."""

    def validate(files: dict[str, str | bytes], argument: str = FILE) -> list[str]:
        for name, content in files.items():
            (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["engine", "validate", argument])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capsys.readouterr()
        assert stop.value.code == 2
        assert out == ""
        assert "Traceback" not in err
        return err.splitlines()

    return validate


@pytest.mark.parametrize("broken", EVERY, ids=lambda broken: broken.name.replace(" ", "-"))
def test_a_mistake_is_one_line_with_its_place_its_key_and_its_mend(refused, broken):
    (line,) = refused({FILE: broken.content})
    place = f"{FILE}:{broken.line}" if broken.line else FILE
    start = f"engine: {place}: {broken.key}: " if broken.key else f"engine: {place}: "
    assert line.startswith(start)
    assert broken.mend in line.removeprefix(start)
    assert line.isprintable()


def test_a_tag_is_refused_before_it_runs(refused, tmp_path):
    refused({FILE: next(case.content for case in YAML if case.name == "python tag")})
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_every_mistake_of_a_file_has_its_line(refused):
    text = MINIMAL.replace("count: 10", "count: 0").replace("kind: valuable", "kind: useful")
    first, second = refused({FILE: text})
    assert first.startswith(f"engine: {FILE}:26: actor_classes.follower.count: must be at least 1")
    assert second.startswith(
        f"engine: {FILE}:35: capabilities.example_capability.kind: must be 'dangerous' or 'valuable'"
    )


def test_a_circle_of_files_names_the_file_that_closes_it(refused):
    files = {
        FILE: "extends: second.yaml\n",
        "second.yaml": "# second\nextends: third.yaml\n",
        "third.yaml": f"extends: {FILE}\n",
    }
    (line,) = refused(files)
    assert line == f"engine: third.yaml:1: extends: '{FILE}' extends this file in turn; remove the cycle"


def test_a_long_chain_of_files_is_refused(refused):
    files = {f"{i}.yaml": f"extends: {i + 1}.yaml\n" for i in range(10)}
    (line,) = refused(files, "0.yaml")
    assert line.startswith("engine: 8.yaml:1: extends: more than 8 files extend one another; merge some")


def test_an_anchor_may_be_used_again(tmp_path):
    """As YAML allows: an alias means the last anchor of its name. The parser's warning would be an error here."""
    text = MINIMAL.replace("budget: 2e7", "budget: &money 1e7").replace(
        "budget_ceiling: 1e11", "budget_ceiling: &money 1e11"
    )
    text = text.replace("budget_spread: 0.3 ", "budget_ceiling: *money ")
    (tmp_path / FILE).write_text(text)
    assert str(engine.load_scenario(tmp_path / FILE).actor_classes["follower"].budget_ceiling) == "1e+07 US$"


def test_a_missing_file_is_named(refused):
    assert refused({}, "none.yaml") == ["engine: none.yaml: no such file; check the path"]


def test_a_folder_is_no_scenario(refused):
    assert refused({}, ".") == ["engine: .: is a folder; name the scenario file in it"]


def test_an_impossible_file_name_is_named():
    with pytest.raises(engine.ScenarioError, match="is not a possible file name; check the path"):
        engine.load_scenario("a\0b.yaml")


@pytest.mark.slow
@pytest.mark.parametrize("broken", [NUMBERS[0], YAML[0]], ids=lambda broken: broken.name)
def test_a_shell_sees_the_same_line(broken, tmp_path):
    (tmp_path / FILE).write_text(broken.content)
    command = [sys.executable, "-m", "engine", "run", FILE]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"engine: {FILE}:{broken.line}: {broken.key}: ")
    assert broken.mend in line


def test_data_given_from_python_has_keys_and_no_lines():
    with pytest.raises(engine.ScenarioError) as stop:
        engine.parse_scenario({"start": 2025, "horizon": "2040", "hardware": {"price_performance": {1: 2}}}, "mine")
    lines = str(stop.value).splitlines()
    assert lines[0] == "mine: horizon: must be a plain number, such as 0.5 or 2025, not '2040'; write 2040"
    assert lines[1].startswith("mine: hardware.price_performance.1: unknown key in a number; use one of: value")
    assert "mine: actor_classes: missing; add this key" in lines


def test_an_error_stays_short_however_long_what_was_written():
    with pytest.raises(engine.ScenarioError) as stop:
        engine.parse_scenario({"x" * 10_000: 1, "start": "y" * 10_000, "horizon": [1] * 10_000})
    for line in str(stop.value).splitlines():
        assert len(line) <= MAX_LENGTH + MAX_KEY
        assert line.isprintable()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("years", "'years'"),
        ("a\nb", r"'a\nb'"),
        ("x" * 41, f"'{'x' * 40}...'"),
        (None, "nothing"),
        (True, "true"),
        ({}, "a mapping"),
        ([], "a list"),
        (1_000_000_000, "1000000000"),
        (0.5, "0.5"),
        (10**400, "a number with hundreds of digits"),
    ],
)
def test_a_value_is_shown_in_few_letters(value, text):
    assert shown(value) == text


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["US$", "lognormal", "1e8"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["value", "unit", "normal", "beta", "p5", "p95", "mean", "sd", "min", "max", "note"])
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


def refusal_of(load) -> engine.ScenarioError | None:
    """The error that `load` raises, if it does not give a scenario; any other exception is a bug."""
    try:
        load()
    except engine.ScenarioError as error:
        return error
    return None


def is_mendable(error: engine.ScenarioError | None) -> bool:
    """Whether there is no error, or one printable line for each problem."""
    lines = str(error).splitlines() if error else []
    return error is None or (len(lines) == len(error.problems) > 0 and all(line.isprintable() for line in lines))


@pytest.mark.property
@given(
    section=st.sampled_from(
        [
            "hardware",
            "algorithms",
            "actor_classes",
            "capabilities",
            "correlations",
            "harm",
            "policies",
            "output",
            "start",
        ]
    ),
    key=st.sampled_from(
        ["price_performance", "efficiency_trend", "leader", "skill", "loss_ceiling", "strict", "quantiles"]
    )
    | st.none(),
    value=PLAIN,
)
def test_any_data_is_a_scenario_or_an_error_with_a_mend(section, key, value):
    data = {
        "start": 2025,
        "horizon": 2030,
        "hardware": {"price_performance": 1e18},
        "actor_classes": {"leader": {"count": 1, "budget": 1e8, "run_duration": 1, "run_pause": 1}},
        "capabilities": {"skill": {"kind": "dangerous", "requirement": 1e26}},
    }
    inner = data.get(section)
    data[section] = {**inner, key: value} if key is not None and isinstance(inner, dict) else value
    assert is_mendable(refusal_of(lambda: engine.parse_scenario(data)))


@pytest.mark.property
@given(
    kind=st.sampled_from([*MEASURES, "licencing"]) | PLAIN,
    keys=st.dictionaries(
        st.sampled_from(sorted({key for model in MEASURES.values() for key in model.model_fields} - {"measure"})),
        PLAIN | st.sampled_from(["emergence", "theft", "skill", 2027, [], ["leader"]]),
        max_size=4,
    ),
)
def test_any_measure_is_a_measure_or_an_error_with_a_mend(kind, keys):
    data = scenario_data(policies={"strict": {"measures": [{"measure": kind, **keys}]}})
    assert is_mendable(refusal_of(lambda: engine.parse_scenario(data)))


@pytest.mark.property
@given(
    where=st.integers(0, len(MINIMAL)),
    cut=st.integers(0, 40),
    new=st.text(alphabet="{}[]:,-&*!|>'\"%@`#?<\t\n\r\\ .~_e0179ax\x00\x85\u2028\ufeff", max_size=12)
    | st.binary(max_size=4),
)
def test_any_damage_to_a_file_is_harmless_or_an_error_with_a_mend(tmp_path_factory, where, cut, new):
    path = tmp_path_factory.getbasetemp() / "damaged.yaml"
    new = new.encode() if isinstance(new, str) else new
    path.write_bytes(MINIMAL[:where].encode() + new + MINIMAL[where + cut :].encode())
    assert is_mendable(refusal_of(lambda: engine.load_scenario(path)))


def refusals(**changes):
    """The lines with which the neutral scenario with `changes` is refused; none if it is accepted."""
    error = refusal_of(lambda: engine.parse_scenario(scenario_data(**changes)))
    return str(error).splitlines() if error else []


def breakthroughs(horizon, multiplier=None, rate=1000.0, share=1.0, **other):
    """From 2020; research funded by a `multiplier` in one class of two."""
    data = {
        "horizon": horizon,
        "algorithms": {"breakthrough_rate": rate},
        "actor_classes": {"lab": {"research_share": share}, "user": {}},
    }
    if multiplier is not None:
        cap = {"measure": "compute_cap", "max_compute": 1e26}
        less = {"measure": "research_funding", "research_multiplier": 0.5}
        more = {"measure": "research_funding", "research_multiplier": multiplier, "classes": ["lab"]}
        data["policies"] = {"funds": {"measures": [cap, less, more]}}
    return data | other


def runs(horizon, duration, pause=0):
    return {
        "horizon": horizon,
        "actor_classes": {"actor": {"count": 10_000, "run_duration": duration, "run_pause": pause}},
    }


def incidents(horizon, rate=512):
    skill = {"success_probability": 0.5, "loss_median": 0}
    return {
        "horizon": horizon,
        "actor_classes": {"actor": {"count": 4, "represents": 4_096, "attempt_rate": rate}},
        "capabilities": {"one": skill, "other": skill},
    }


def measured(kind="dangerous", **keys):
    """A scenario with a policy of one security standard, and one capability of a `kind`."""
    standard = {"measure": "security_standard", "least_security": 0.9, **keys}
    return {"capabilities": {"skill": {"kind": kind}}, "policies": {"strict": {"measures": [standard]}}}


def spread_evenly(low, high):
    return {"uniform": {"low": low, "high": high}}


AROUND_1E8 = {"lognormal": {"p5": 1e7, "p95": 1e9}}
FINDERS = "breakthroughs need finders"


@pytest.mark.known
@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (breakthroughs(2040.0), ""),
        (breakthroughs(2040.0005), "about 20000.5 breakthroughs per future are more than 20000; lower the rate"),
        (breakthroughs(2040.5, rate=spread_evenly(0, 1000)), "more than 20000; lower the rate"),
        (breakthroughs(2040.0005, 3.0), "about 20000.5 breakthroughs per future are more than 20000; lower the rate"),
        (breakthroughs(2030.0, 2.0), ""),
        (breakthroughs(2030.0, 2.0001), "breakthroughs per future are more than 20000; fund research less"),
        (breakthroughs(2030.0, spread_evenly(0, 2.1)), "breakthroughs per future are more than 20000; fund research"),
        (breakthroughs(2030.0, share=0.0), FINDERS),
        (breakthroughs(2030.0, share=spread_evenly(0, 1)), ""),
        (breakthroughs(2030.0, share=0.0, rate=0.0), ""),
        (runs(2030.0, 0.05), ""),
        (runs(2030.0, 0.0499999875), "about 2e+06 training runs per future are more than 2000000; use fewer actors"),
        (runs(2029.9, spread_evenly(0.01, 20), spread_evenly(0, 20.01)), ""),
        (runs(2030.1, spread_evenly(0.01, 20), spread_evenly(0, 20.01)), "training runs per future are more than"),
        (incidents(2022.0), ""),
        (incidents(2022.0001), "up to 1.7e+07 incidents per future are more than 16,777,216; lower the rate"),
        (
            incidents(2022.1, rate=spread_evenly(0, 512)),
            "incidents per future are more than 16,777,216; lower the rate",
        ),
        ({"actor_classes": {"one": {"count": 9_999}, "other": {"count": 1}}}, ""),
        ({"actor_classes": {"one": {"count": 9_999}, "other": {"count": 2}}}, "10001 actors are more than 10000"),
        ({"actor_classes": {"actor": {"budget_ceiling": 1e8}}}, ""),
        ({"actor_classes": {"actor": {"budget": AROUND_1E8, "budget_ceiling": 1.1e8}}}, ""),
        (
            {"actor_classes": {"actor": {"budget": AROUND_1E8, "budget_ceiling": 0.9e8}}},
            "below the budget at the start",
        ),
        ({"hardware": {"price_performance_ceiling": 1e18}}, ""),
        (measured(end=2020.01), ""),
        (measured(end=2020), "ends before it starts"),
        (measured(start=2021, delay=1, end=2022.01), ""),
        (measured(start=2021, delay=1, end=2022), "ends before it starts"),
        (measured(start=spread_evenly(2020, 2022), end=2021.01), ""),
        (measured(start=spread_evenly(2020, 2022), end=2020.99), "ends before it starts"),
        (measured(duration=0), "duration: must be above 0"),
        (measured(duration=0.01), ""),
        (measured("valuable", trigger="incident"), "no capability is dangerous, so there are no incidents"),
        (measured("valuable", trigger="emergence"), "no capability is dangerous, so this never happens"),
        *[(measured("valuable", trigger=event), "") for event in ("release", "theft")],
        *[(measured("valuable", trigger=event, trigger_capability="skill"), "") for event in ("release", "theft")],
        (measured("valuable", trigger="emergence", trigger_capability="skill"), ""),
        (measured("valuable", trigger="incident", trigger_capability="skill"), "only a dangerous capability has"),
        (measured(trigger="incident", trigger_capability="skill"), ""),
        (measured(trigger="run", trigger_compute=1e26), ""),
        (measured(trigger="run", trigger_compute=1e26, trigger_capability="skill"), "belongs to the triggers"),
        (measured(trigger="theft", trigger_compute=1e26), "belongs to `trigger: run`; remove it"),
    ],
)
def test_the_last_that_is_accepted_and_the_first_that_is_refused(data, refusal):
    """One line for each; a quantity that is uncertain counts with its median, or its highest or lowest values."""
    found = refusals(**data)
    assert len(found) == bool(refusal)
    assert refusal in "".join(found)


def several(name, entry):
    """So many entries of a section, by name."""
    return lambda number: {name: {f"{name[0]}{n}": entry for n in range(number)}}


STANDARD = {"measure": "security_standard", "least_security": 0.9}


@pytest.mark.parametrize(
    ("made", "most"),
    [
        (several("actor_classes", {}), 16),
        (several("capabilities", {}), 32),
        (several("policies", {"measures": [STANDARD]}), 32),
        (lambda number: {"policies": {"strict": {"measures": [STANDARD] * number}}}, 16),
        (lambda number: {"hardware": {"formats": [{"name": f"f{n}", "format_gain": 2} for n in range(number)]}}, 8),
        (lambda number: {"actor_classes": {"actor": {"represents": number}}}, 100_000),
    ],
)
def test_how_many_there_may_be(made, most):
    assert refusals(**made(most)) == []
    (line,) = refusals(**made(most + 1))
    assert f"give at most {most}" in line or f"must be at most {most}, not {most + 1}" in line


def test_how_many_correlations_there_may_be():
    """A hundred, besides that each needs two numbers that there are."""
    one = {"between": ["a", "b"], "rank": 0.5}
    assert not any("at most 100" in line for line in refusals(correlations=[one] * 100))
    (line,) = refusals(correlations=[one] * 101)
    assert "correlations: has too many entries; give at most 100" in line


EVEN = spread_evenly(0, 1)
UNCERTAIN = {**STANDARD, "least_security": EVEN}
WEAK, STRONG = (f"policies.{name}.security_standard.least_security" for name in ("weak", "strong"))
OPENNESS, SECRECY = (f"actor_classes.actor.{key}" for key in ("openness", "secrecy"))


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([(OPENNESS, WEAK)], ""),
        ([(OPENNESS, WEAK), (SECRECY, WEAK)], ""),
        ([(WEAK, STRONG)], "correlations.0.between: these are one draw, because policies share that of a kind"),
        ([(OPENNESS, WEAK), (SECRECY, STRONG)], "correlations: policies share the draws of a kind of measure; name"),
    ],
)
def test_a_draw_that_policies_share_is_correlated_once(pairs, said):
    found = refusals(
        actor_classes={"actor": {"openness": EVEN, "secrecy": EVEN}},
        policies={name: {"measures": [UNCERTAIN]} for name in ("weak", "strong")},
        correlations=[{"between": list(pair), "rank": 0.3} for pair in pairs],
    )
    assert len(found) == bool(said)
    assert said in "".join(found)


def test_a_threshold_alone_is_no_measure():
    """A threshold is no lever: it says where another begins."""
    with pytest.raises(
        engine.ScenarioError, match="changes nothing; give `release_delay:` or `detection_probability:`"
    ):
        with_measures({"measure": "open_weights_limit", "threshold": 1e26})


# Texts and files.


def told(text, **how):
    """What is said of a text that cannot be read."""
    with pytest.raises(engine.ScenarioError) as stop:
        source.parsed(text, "f", **how)
    return str(stop.value)


@pytest.mark.known
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1, 2]\nb: 3", "more than 20000 values in all, after aliases are expanded; write fewer"),
        ("\nb: \x07", "f:2: the control character #x07 is not allowed; remove it"),
        (f"a: !{'x' * 70} 1", f"f:1: a: the tag !{'x' * 59} is not allowed; write plain values"),
        (r'a: "\ud800"', "f:1: a: half a character (a surrogate) is not text; write the whole character"),
        (r'a: "\udfff"', "f:1: a: half a character (a surrogate) is not text; write the whole character"),
        ("\n[]", "f:2: not a scenario; a scenario is keys with values, such as `start: 2025`"),
    ],
)
def test_what_is_wrong_with_a_text_and_where(text, said):
    assert said in told(text, most=3)


def test_characters_beside_the_surrogates_are_text():
    assert source.parsed(r'a: "\ud7ff\ue000\ue001"', "f").data == {"a": "\ud7ff\ue000\ue001"}


LAYOUT = source.Layout("register", frozenset({"forecasts", "sources"}), "forecasts: []")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n\ncolour: red\n", "f:3: not a register, because it has none of its keys; a register is keys with values"),
        (
            "\n\tcolour: red\n",
            "f:2: not a register and not YAML; a register is keys with values, such as `forecasts: []`",
        ),
        ("forecasts:\n\tcolour: red\n", "f:2: not valid YAML: indented by a tab; indent with spaces"),
        ("[]", "f:1: not a register; a register is keys with values"),
        ("", "f: the file is empty; a register is keys with values"),
    ],
)
def test_what_is_no_register_shows_nothing_of_itself(text, said):
    found = told(text, layout=LAYOUT)
    assert found.startswith(said)
    assert "red" not in found


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (source.YAMLError("first\nsecond"), "f: not valid YAML: first"),
        (ValueError("first\nsecond"), "f: not valid YAML: first"),
        (RecursionError(), "f: nested too deeply; at most 24 levels"),
    ],
)
def test_other_errors_of_the_parser_are_told_in_one_line(monkeypatch, error, said):
    def fails(*_):
        raise error

    monkeypatch.setattr(source.YAML, "compose", fails)
    assert told("a: 1") == said


def test_how_many_letters_there_may_be_with_aliases_expanded(monkeypatch):
    """Of keys and values, each as often as it is used."""
    monkeypatch.setattr(source, "MAX_BYTES", 12)
    assert source.parsed("ab: &x cdef\nij: *x", "f").data == {"ab": "cdef", "ij": "cdef"}
    monkeypatch.setattr(source, "MAX_BYTES", 11)
    assert told("ab: &x cdef\nij: *x") == "f:2: ij: more than 11 characters after aliases are expanded; write less"


@pytest.mark.parametrize(("size", "is_read"), [(1_000_000, True), (1_000_001, False)])
def test_how_large_a_file_may_be(tmp_path, size, is_read):
    path = tmp_path / "large.yaml"
    path.write_text(f"a: 1\n#{'x' * (size - 6)}")
    if is_read:
        assert source.read_source(path, "f").data == {"a": 1}
    else:
        with pytest.raises(engine.ScenarioError, match="f: larger than 1000000 bytes; a scenario is a short text"):
            source.read_source(path, "f")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\n\0", "f:2: not a text file; a scenario is text in YAML"),
        (b"\n\n\xff", "f:3: not text in UTF-8; save the file as UTF-8"),
    ],
)
def test_the_line_of_what_is_no_text(tmp_path, content, said):
    (tmp_path / "some.yaml").write_bytes(content)
    with pytest.raises(engine.ScenarioError) as stop:
        source.read_source(tmp_path / "some.yaml", "f")
    assert str(stop.value) == said


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(13, "Permission denied"), "cannot be read: Permission denied"),
        (OSError("odd"), "cannot be read: odd"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_why(tmp_path, monkeypatch, error, said):
    def fails(*_):
        raise error

    (tmp_path / "some.yaml").write_text("a: 1")
    monkeypatch.setattr(source, "_first_bytes", fails)
    with pytest.raises(engine.ScenarioError) as stop:
        source.read_source(tmp_path / "some.yaml", "f")
    assert str(stop.value) == f"f: {said}"


@pytest.mark.parametrize("name", ["a\nb", "a\rb", "a\ud800b"])
def test_names_of_files_are_one_line_of_text(tmp_path, name):
    (tmp_path / "some.yaml").write_text("a: 1")
    with pytest.raises(engine.ScenarioError, match="is not a possible file name; check the path"):
        source.read_source(tmp_path / "some.yaml", name)


def test_a_name_in_utf_8_is_read_as_such_whatever_the_locale():
    assert [source.as_text(name) for name in ("\udcc3\udca9", "\udcff", "\u00e9", "\ud7ff")] == [
        "\u00e9",
        "\udcff",
        "\u00e9",
        "\ud7ff",
    ]


def test_data_nested_beyond_what_python_can_follow_is_refused(monkeypatch):
    def fails(*_, **__):
        raise RecursionError

    monkeypatch.setattr(engine.Scenario, "model_validate", fails)
    assert refusals() == ["scenario: nested too deeply"]


#: What an error says that a number may be, by its quantity, in the default unit.
RANGES = {
    "MONEY": "1 to 1e+15 US$",
    "CEILING": "at least 1 US$",
    "AMOUNT": "0 to 1e+15 US$",
    "EARNINGS": "0 to 1e+15 US$/yr",
    "COMPUTE": "1e+10 to 1e+60 FLOP",
    "COMPUTE_LIMIT": "at least 1e+10 FLOP",
    "FLOOR": "1 to 1e+60 FLOP",
    "PRICE_PERFORMANCE": "100000 to 1e+30 FLOP/US$",
    "PRICE_CEILING": "at least 100000 FLOP/US$",
    "GROWTH": "0.499 to 1000 x/yr",
    "IMPROVEMENT": "1 to 1000 x/yr",
    "SIZE": "0 to 10 OOM",
    "SHIFT": "-10 to 10 OOM",
    "FACTOR": "1 to 1e+06 x",
    "MULTIPLE": "at least 1e-06 x",
    "DATE": "1950 to 2400 year",
    "END": "at least 1950 year",
    "YEARS": "0 to 100 years",
    "HEADROOM": "at least 0 OOM",
    "LONG": "at least 0 years",
    "GAP": "at least 0.05 years",
    "DURATION": "0.01 to 20 years",
    "RATE": "0 to 1000 per year",
    "FRACTION": "0 to 1",
    "UTILISATION": "0.0001 to 1",
    "TOKENS": "at least 1 tokens",
    "NO_TOKENS": "at least 0 tokens",
    "SPREAD": "0 to 3",
    "RATIO": "0 to 100",
    "POSITIVE_RATIO": "0.01 to 100",
    "SPEED": "1 to 1e+06",
    "SCORE": "above 0 points",
    "SLOPE": "above 0 points/OOM, at most 1e+06 points/OOM",
}


@pytest.mark.known
def test_what_numbers_may_be():
    known = {name: one for name, one in vars(quantities).items() if isinstance(one, Quantity)}
    assert {name: one.allowed(one.dimension.default_unit) for name, one in known.items()} == RANGES
