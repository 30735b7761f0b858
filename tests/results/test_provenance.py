"""What a results file says of where it came from."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import xarray as xr
from helpers import CAPABILITY, CLASS, oom, scenario_data
from ruamel.yaml import YAML

import engine
from engine.results import provenance
from engine.results.provenance import content_id, derived
from engine.scenario.fingerprint import scenario_hash

#: One number of every kind of place a scenario has numbers in.
EVERYWHERE: dict[str, Any] = scenario_data(
    horizon=2031,
    hardware={
        "price_decline": {"lognormal": {"p5": 1.2, "p95": 1.4}, "min": 1.05, "max": 2.0},
        "release_gap_mean": 2.0,
        "formats": [{"name": "FP4", "format_gain": 1.5, "format_adoption_lag": 0.5}],
    },
    algorithms={"efficiency_trend": {"normal": {"mean": 0.3, "sd": 0.05}, "min": 0.01, "unit": "OOM/yr"}},
    investment={"common_shock_share": 0.3},
    parallelisation={"utilisation": 0.4},
    data={"token_stock": 1e14},
    performance={"score_slope": 5.0},
    actor_classes={
        "lab": {"count": 3, "represents": 2, "budget": {"triangular": {"low": 1e7, "mode": 2e7, "high": 4e7}}},
        "user": {"security": {"beta": {"alpha": 2.0, "beta": 3.0}}, "attempt_rate": 0.5},
    },
    capabilities={
        "skill": {
            "requirement": oom(27.0, "log10 FLOP"),
            "requirement_spread": 0.2,
            "success_probability": 0.1,
            "loss_median": {"lognormal": {"p5": 1e6, "p95": 1e8}},
            "defence_duration": 2.0,
        },
        "tool": {"requirement": 1e27},
        "cure": {"kind": "valuable", "requirement": oom(28.0, "log10 FLOP"), "benefit_rate": 1e6},
    },
    harm={"loss_ceiling": 1e12},
    policies={
        "caution": {
            "measures": [
                {
                    "measure": "licensing",
                    "start": {"uniform": {"low": 2022.0, "high": 2024.0}},
                    "delay": 0.5,
                    "end": 2030,
                    "duration": 5.0,
                    "classes": ["lab"],
                    "compliance": 0.9,
                    "threshold": 1e26,
                    "licence_delay": {"lognormal": {"p5": 0.1, "p95": 0.8}, "min": 0.05},
                },
                {"measure": "security_standard", "trigger": "theft", "least_security": 0.8},
            ]
        },
        "brake": {
            "measures": [
                {"measure": "compute_cap", "trigger": "run", "trigger_compute": 1e27, "relative_cap": 2.0},
                {
                    "measure": "defence_programme",
                    "trigger": "emergence",
                    "trigger_capability": "skill",
                    "defence_speed": 2.0,
                },
            ]
        },
    },
    correlations=[{"between": ["hardware.price_decline", "algorithms.efficiency_trend"], "rank": 0.4}],
    output={
        "time_step": 0.5,
        "flop_thresholds": [1e24, 1e26],
        "investments": [1e6, 1e8],
        "quantiles": [0.25, 0.5],
        "risk_levels": [0.9, 0.95],
    },
)
_CAUTION = ("policies", "caution", "measures")
_BRAKE = ("policies", "brake", "measures")


def hash_of(data):
    return scenario_hash(engine.parse_scenario(data))


def numbers(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all numbers in plain data."""
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from numbers(value, (*path, key))
    elif isinstance(data, int | float):
        yield path


def at(data, path):
    for key in path:
        data = data[key]
    return data


@pytest.mark.parametrize("path", list(numbers(EVERYWHERE)), ids=lambda path: ".".join(map(str, path)))
def test_every_number_of_a_scenario_changes_its_hash(path):
    changed = copy.deepcopy(EVERYWHERE)
    value = at(changed, path)
    at(changed, path[:-1])[path[-1]] = value + 1 if isinstance(value, int) else value * (1.0 + 1e-9)
    assert hash_of(changed) != hash_of(EVERYWHERE)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("capabilities", "tool", "kind"), "valuable"),
        (("hardware", "formats", 0, "name"), "FP3"),
        ((*_CAUTION, 0, "classes"), ["user"]),
        ((*_CAUTION, 0, "classes"), ["lab", "user"]),
        ((*_CAUTION, 1, "trigger"), "release"),
        ((*_CAUTION, 1, "trigger_capability"), "cure"),
        ((*_CAUTION, 1, "classes"), ["lab", "user"]),
        ((*_CAUTION, 1, "start"), 2020),
        ((*_BRAKE, 1, "trigger"), "incident"),
        ((*_BRAKE, 1, "trigger_capability"), "cure"),
        ((*_BRAKE, 1), {"measure": "capability_reporting", "learning_speed": 2.0}),
        (("algorithms", "efficiency_trend", "unit"), "x/yr"),
    ],
)
def test_names_kinds_and_units_change_the_hash(path, value):
    changed = copy.deepcopy(EVERYWHERE)
    at(changed, path[:-1])[path[-1]] = value
    if value == "x/yr":
        at(changed, path[:-1])["normal"] = {"mean": 2.0, "sd": 0.05}
        at(changed, path[:-1])["min"] = 1.1
    assert hash_of(changed) != hash_of(EVERYWHERE)


@pytest.mark.parametrize(
    "policies",
    [
        {},
        {"caution": EVERYWHERE["policies"]["caution"]},
        dict(reversed(EVERYWHERE["policies"].items())),
        {"prudence": EVERYWHERE["policies"]["caution"], "brake": EVERYWHERE["policies"]["brake"]},
        {
            "caution": {"measures": EVERYWHERE["policies"]["caution"]["measures"][::-1]},
            "brake": EVERYWHERE["policies"]["brake"],
        },
    ],
    ids=["none", "one less", "another order", "another name", "another order of measures"],
)
def test_the_list_of_policies_changes_the_hash(policies):
    assert hash_of({**EVERYWHERE, "policies": policies}) != hash_of(EVERYWHERE)


def turned(data: Any) -> Any:
    """`data` with the keys of sections and of numbers in the reverse order; named members stay."""
    if not isinstance(data, dict):
        return [turned(item) for item in data] if isinstance(data, list) else data
    named = all(isinstance(value, dict) and {*CLASS, *CAPABILITY, "measures"} & value.keys() for value in data.values())
    items = list(data.items()) if named else reversed(data.items())
    return {key: turned(value) for key, value in items}


def test_the_order_of_keys_does_not_change_the_hash():
    """Sections and keys reversed, so that p95 comes before p5."""
    assert hash_of(turned(EVERYWHERE)) == hash_of(EVERYWHERE)


def test_layout_and_comments_do_not_change_the_hash(tmp_path):
    """Block style, flow style with comments and other notations of the same numbers, and plain data."""
    block, flow = YAML(), YAML()
    block.default_flow_style, flow.default_flow_style = False, True
    for name, yaml in (("block", block), ("flow", flow)):
        with (tmp_path / f"{name}.yaml").open("w") as file:
            file.write(f"# laid out as {name}\n")
            yaml.dump(EVERYWHERE, file)
    hashes = {scenario_hash(engine.load_scenario(tmp_path / f"{name}.yaml")) for name in ("block", "flow")}
    assert hashes == {hash_of(EVERYWHERE)}


@pytest.mark.parametrize(
    "path",
    [
        (),
        ("hardware",),
        ("algorithms", "efficiency_trend"),
        ("capabilities", "skill"),
        ("harm",),
        ("policies", "caution"),
        (*_CAUTION, 0),
        (*_CAUTION, 0, "licence_delay"),
        ("output",),
    ],
)
def test_sources_do_not_change_the_hash(path):
    """A better citation leaves the numbers as they are."""
    cited = copy.deepcopy(EVERYWHERE)
    at(cited, path)["source"] = "a better source"
    assert hash_of(cited) == hash_of(EVERYWHERE)


def test_a_number_means_the_same_alone_and_with_its_default_unit():
    written = copy.deepcopy(EVERYWHERE)
    written["hardware"]["release_gap_mean"] = {"value": 2, "unit": "years"}
    assert hash_of(written) == hash_of(EVERYWHERE)


def test_the_same_seed_gives_the_same_id_and_another_seed_another(kept, rich):
    shape = (int(kept.attrs["worlds"]), int(kept.attrs["futures"]))
    again = engine.simulate(
        rich, *shape, int(kept.attrs["seed"]), keep="samples", execution=engine.Execution(threads=1)
    )
    assert again.attrs["id"] == kept.attrs["id"]
    assert engine.simulate(rich, *shape, 1, keep="samples").attrs["id"] != kept.attrs["id"]


def test_the_id_is_of_the_values_and_changes_with_the_least_of_them(kept):
    assert content_id(kept) == kept.attrs["id"]
    changed = kept.copy(deep=True)
    changed.runs_above_mean[0, 0, 0] += 1e-12
    assert content_id(changed) != content_id(kept)
    assert content_id(kept.assign_attrs(title="another")) == content_id(kept)


def test_a_dataset_says_where_it_came_from(kept, rich):
    """CF-1.11 and ACDD-1.3 global attributes, and what is needed to run again."""
    attrs = kept.attrs
    assert attrs["Conventions"] == "CF-1.11, ACDD-1.3"
    for key in ("title", "summary", "keywords", "source", "references", "license", "id"):
        assert attrs[key]
    assert (attrs["worlds"], attrs["futures"], attrs["seed"]) == (40, 25, 20_231_115)
    assert attrs["sampling"] == "qmc"
    assert attrs["scenario_sha256"] == scenario_hash(rich)
    assert attrs["engine_version"] == engine.__version__
    assert "numba" in attrs["package_versions"]


def test_the_scenario_inside_a_dataset_can_be_run_again(tmp_path):
    """Its text, written to a file, is the same scenario and gives the same results."""
    first = tmp_path / "first.yaml"
    with first.open("w") as file:
        YAML().dump(EVERYWHERE, file)
    results = engine.simulate(engine.load_scenario(first), 2, 3, 7)
    second = tmp_path / "second.yaml"
    second.write_text(results.attrs["scenario_text"])
    again = engine.simulate(engine.load_scenario(second), 2, 3, int(results.attrs["seed"]))
    assert again.attrs["scenario_sha256"] == results.attrs["scenario_sha256"]
    assert again.attrs["id"] == results.attrs["id"]


def test_the_id_is_a_digest_of_names_dimensions_shapes_and_values():
    """In the order of names; a single value counts as one of shape (1,)."""
    dataset = xr.Dataset({"number": 1.5, "axis": ("x", np.array([1, 2])), "word": "text"})
    parts = [b"axis('x',)(2,)", np.array([1, 2]).tobytes(), b"number()(1,)", np.array(1.5).tobytes()]
    parts.append(b"word()(1,)['text']")
    assert content_id(dataset) == hashlib.sha256(b"".join(parts)).hexdigest()


@pytest.mark.parametrize(("slab", "chunk", "rows"), [(960, 5, [12]), (959, 5, [10, 2]), (240, None, [3, 3, 3, 3])])
def test_the_rows_that_are_read_at_once(monkeypatch, slab, chunk, rows):
    """Of twelve of 80 bytes: all that fit, in whole chunks where there are any."""
    encoding = {} if chunk is None else {"preferred_chunks": {"row": chunk}}
    variable = xr.Variable(("row", "column"), np.zeros((12, 10)), encoding=encoding)
    monkeypatch.setattr(provenance, "_SLAB", slab)
    assert [len(part) for part in provenance._slabs(variable)] == rows


def test_an_analysis_says_of_which_results_it_is(kept):
    """Names and units of coordinates are those of results, unless it has its own; attributes that fit are kept."""
    made = xr.Dataset(
        coords={"time": [2025.0], "route": ["stolen"], "period": ("period", ["x"], {"long_name": "mine"})}
    )
    found = derived(made, kept, "Stress", more="added")
    assert {name: one.attrs for name, one in found.coords.items()} == {
        "time": {"long_name": "time", "units": "year"},
        "route": {"long_name": kept.route.attrs["long_name"]},
        "period": {"long_name": "mine"},
    }
    assert (found.attrs["title"], found.attrs["more"]) == ("Stress: rich", "added")
    inherited = set(found.attrs) - {"title", "more"}
    assert {"seed", "worlds", "futures", "scenario_sha256", "license"} <= inherited < set(kept.attrs)
    assert {name: found.attrs[name] for name in inherited} == {name: kept.attrs[name] for name in inherited}
    assert not {"id", "date_created", "processing_level", "summary"} & inherited
    assert derived(xr.Dataset(), xr.Dataset(), "Stress").attrs == {"title": "Stress: "}


@pytest.mark.parametrize(("said", "summary"), [("Mine.", "Mine."), ("", "Monte Carlo results of the scenario rich.")])
def test_the_summary_is_the_description_of_the_scenario_if_it_has_one(rich, said, summary):
    described = rich.model_copy(update={"description": said})
    assert provenance.provenance(described, 1, 1, 0, "random")["summary"] == summary
