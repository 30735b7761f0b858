"""The house: what may import what, how large a file may be, and what a room of an analysis holds."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import engine

ENGINE = Path(engine.__file__).parent
#: The floors from the ground up, with the rooms on each. A room imports from lower floors only.
FLOORS = (
    ("errors", "_version", "data", "callable_package"),
    ("extras", "registry", "rules", "text"),
    ("scenario",),
    ("replay", "montecarlo"),
    ("execution",),
    ("results",),
    ("simulation",),
    ("statistics",),
    ("record",),
    ("plotting",),
    ("document", "shell"),
    ("analyses",),
    ("report",),
    ("explorer",),
    ("cli",),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
#: What an analysis may import of another: its datasets, not its text, figures or commands.
BETWEEN_ANALYSES = "analysis"
MOST_LINES = 400
MOST_PARAMETERS = 9


def modules() -> dict[str, Path]:
    """All modules of the engine, by their dotted names."""
    found = {}
    for path in sorted(ENGINE.rglob("*.py")):
        parts = path.relative_to(ENGINE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imported(path: Path) -> set[str]:
    """The modules of the engine that a file imports anywhere, in functions too; type checks alone are no imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in whole}
    return {name for name in found if name in MODULES}


IMPORTS = {name: imported(path) for name, path in MODULES.items()}


def room(module: str) -> str:
    """The room that a module is in: the first name below `engine`."""
    return [*module.split("."), ""][1]


def analysis(module: str) -> str:
    """The room of an analysis that a module is in; "" for any other."""
    parts = module.split(".")
    return (
        parts[2] if parts[1:2] == ["analyses"] and len(parts) > 2 and (ENGINE / "analyses" / parts[2]).is_dir() else ""
    )


def test_every_room_has_a_floor():
    assert {room(name) for name in MODULES} - {"", "__main__"} == set(FLOOR)


def test_imports_run_downwards_only():
    upwards = [
        f"{name} imports {other}"
        for name, others in IMPORTS.items()
        for other in others
        if room(name) in FLOOR and room(other) != room(name) and FLOOR.get(room(other), -1) >= FLOOR[room(name)]
    ]
    assert not upwards


def test_no_import_runs_in_a_circle():
    done: set[str] = set()

    def follow(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join([*way[way.index(name) :], name])
        if name not in done:
            for other in IMPORTS[name] - {name}:
                # A package that hands on the names of its own modules is no circle.
                if not (MODULES[other].name == "__init__.py" and name.startswith(f"{other}.")):
                    follow(other, (*way, name))
            done.add(name)

    for name in IMPORTS:
        follow(name, ())


def test_an_analysis_uses_another_through_its_datasets_only():
    across = [
        f"{name} imports {other}"
        for name, others in IMPORTS.items()
        for other in others
        if analysis(name) and analysis(other) not in ("", analysis(name)) and not other.endswith(f".{BETWEEN_ANALYSES}")
    ]
    assert not across


def test_hosts_know_no_analysis_by_name():
    hosts = ("report", "explorer", "cli")
    known = [
        f"{name} imports {other}"
        for name, others in IMPORTS.items()
        for other in others
        if room(name) in hosts and analysis(other)
    ]
    assert not known


def test_the_clocks_do_not_import_each_other():
    for name, others in IMPORTS.items():
        if room(name) in ("replay", "montecarlo"):
            assert {room(other) for other in others} & {"replay", "montecarlo"} <= {room(name)}


@pytest.mark.parametrize("name", sorted(MODULES))
def test_no_file_is_too_long(name):
    assert len(MODULES[name].read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def compiled(tree: ast.Module) -> list[ast.FunctionDef]:
    """Functions that Numba compiles, by their decorators."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(one).split("(")[0] in ("rule", "kernel", "standalone") for one in node.decorator_list)
    ]


def test_kernels_have_fewer_than_ten_parameters():
    found = [
        f"{name}.{function.name}: {len(function.args.args)}"
        for name, path in MODULES.items()
        for function in compiled(ast.parse(path.read_text(encoding="utf-8")))
        if len(function.args.args) > MOST_PARAMETERS
    ]
    assert not found
