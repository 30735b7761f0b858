"""Broken scenarios: one line for each mistake, at its line, with its key and with what to write instead."""

from __future__ import annotations

import subprocess
import sys

import pytest
from broken_scenarios import EVERY, FILE, MINIMAL, NUMBERS, YAML
from helpers import scenario_data
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine import cli
from engine.scenario.errors import MAX_KEY, MAX_LENGTH, shown
from engine.scenario.measures import MEASURES


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
