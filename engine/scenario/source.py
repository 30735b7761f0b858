"""Reading of a YAML file as plain data, with the line of every key.

The file is composed into nodes by ruamel.yaml (YAML 1.2) and turned into dicts, lists, numbers and
text here, so that nothing in it can be executed, a name given twice is an error, and an alias
bomb is refused before it grows. The cost of a hostile file is bounded: bytes, values, depth and
text are limited, with all aliases expanded, and only regular files are read.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode
from ruamel.yaml.reader import ReaderError

from engine.scenario.errors import Problem, ScenarioError, shown

MAX_BYTES = 1_000_000
MAX_NODES = 20_000
MAX_DEPTH = 24
#: Most characters of a tag in an error.
MOST_SHOWN = 60

KeyPath = tuple[str | int, ...]
_TAG = "tag:yaml.org,2002:"
#: YAML types of keys: all are read as text, and `merge` is recognised.
_OF_KEYS = ("str", "int", "float", "bool", "null", "timestamp", "merge")
_TOO_DEEP = f"nested too deeply; at most {MAX_DEPTH} levels"
_TOO_MANY = f"more than {MAX_NODES} values in all, after aliases are expanded; write fewer"

#: (part of ruamel's message, whether the fault is where the construct began, the remedy).
_MENDS = (
    ("maximum depth", False, _TOO_DEEP),
    (_TOO_MANY, False, _TOO_MANY),
    (r"found character '\t'", False, "indented by a tab; indent with spaces"),
    ("found character", False, "the text starts with a sign that has a meaning in YAML; put it in quotes"),
    ("could not find expected ':'", True, "a key has no value; write `key: value`, with a space after the colon"),
    ("are not allowed here", False, "check the indentation of this line, and put text that contains `: ` in quotes"),
    ("expected <block end>", False, "check the indentation of this line"),
    ("expected ',' or", True, "close the bracket that opens here, and put commas between its entries"),
    ("while scanning a quoted scalar", True, "close the quote that opens here"),
    ("found another document", False, "a file contains one scenario; remove the line `---`"),
    ("found undefined alias", False, "`*` refers to a missing anchor; write the value itself"),
)


@dataclass
class Source:
    """Plain data of one file or of several merged ones, with the place of each key."""

    data: dict[str, Any]
    lines: dict[KeyPath, tuple[str, int]]
    texts: dict[str, str]
    nodes: int = 0

    def place(self, path: KeyPath) -> tuple[str, int]:
        """(file, line) of the deepest known key of `path`."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return self.lines[()]

    def problem(self, path: KeyPath, message: str) -> Problem:
        """A `Problem` at `path`."""
        file, line = self.place(path)
        return Problem(file, line, ".".join(str(part) for part in path), message)


class Layout(NamedTuple):
    """The expected content of a file, as text, keys of which it has at least one, and an example of one."""

    what: str
    keys: frozenset[str]
    example: str


def as_text(path: str | Path) -> str:
    """The name of a file as text: in UTF-8 if the locale's encoding lacks its characters.

    A name that is not valid UTF-8 either is returned unchanged.
    """
    try:
        return os.fsencode(path).decode() if any(0xD800 <= ord(c) < 0xE000 for c in str(path)) else str(path)
    except ValueError:
        return str(path)


def read_source(path: Path, name: str, most: int = MAX_NODES, layout: Layout | None = None) -> Source:
    """Read the YAML file at `path`, called `name` in errors, up to a limit of values.

    Raises ScenarioError if the file cannot be read or is not of the `layout`. The error then shows no content, only the
    place of the fault: another person may have named any file that this process can read.
    """
    return parsed(_read_text(path, name), name, most, layout)


#: The layout of any text.
_SCENARIO = Layout("scenario", frozenset(), "start: 2025")


def parsed(text: str, name: str, most: int = MAX_NODES, layout: Layout | None = None) -> Source:
    """The plain data of a YAML `text`, called `name` in errors, up to a limit of values and of any `layout`.

    Raises ScenarioError if it is not a YAML mapping, or not of the `layout`.
    """
    what, keys, example = layout or _SCENARIO
    right = f"a {what} is keys with values, such as `{example}`"
    try:
        node = _composed(text, name, most)
    except ScenarioError as error:
        if layout is None or _mentions(text, keys):
            raise
        wrong = f"not a {what} and not YAML; {right}"
        raise ScenarioError([Problem(name, error.problems[0].line, "", wrong)]) from None
    if not isinstance(node, MappingNode):
        line, wrong = (0, "the file is empty") if node is None else (node.start_mark.line + 1, f"not a {what}")
        raise ScenarioError([Problem(name, line, "", f"{wrong}; {right}")])
    if layout and not any(isinstance(key, ScalarNode) and key.value in keys for key, _ in node.value):
        line = node.start_mark.line + 1
        raise ScenarioError([Problem(name, line, "", f"not a {what}, because it has none of its keys; {right}")])
    builder = _Builder(name, most)
    data = builder.build(node, ())
    return Source(data, builder.lines, {name: text}, builder.built)


def _mentions(text: str, keys: frozenset[str]) -> bool:
    """Whether a line of `text` begins with one of the `keys` and a colon, as in YAML or JSON."""
    return (
        re.search(rf"^[\s{{]*[\"']?({'|'.join(map(re.escape, sorted(keys)))})[\"']?\s*:", text, re.MULTILINE)
        is not None
    )


class _Composer(Composer):  # type: ignore[misc]
    """Stops at more nodes than a scenario can have, because a megabyte of them would take half a minute."""

    most = 2 * MAX_NODES

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.most -= 1
        if self.most < 0:
            raise MarkedYAMLError(None, None, _TOO_MANY, self.parser.peek_event().start_mark)
        return super().compose_node(parent, index)


def _composed(text: str, name: str, most: int) -> Node | None:
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _Composer
    # Every value may have a key.
    yaml.composer.most = 2 * most
    yaml.max_depth = MAX_DEPTH + 1
    yaml.composer.warn_double_anchors = False
    try:
        return yaml.compose(text)
    except MarkedYAMLError as error:
        raise ScenarioError([_syntax_problem(error, name)]) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        what = f"the control character #x{error.character:02x} is not allowed; remove it"
        raise ScenarioError([Problem(name, line, "", what)]) from None
    except RecursionError:
        raise ScenarioError([Problem(name, 0, "", _TOO_DEEP)]) from None
    except (YAMLError, ValueError) as error:
        raise ScenarioError([Problem(name, 0, "", f"not valid YAML: {str(error).splitlines()[0]}")]) from None


def _syntax_problem(error: MarkedYAMLError, name: str) -> Problem:
    """The remedy, for a reader who does not know how YAML is scanned."""
    said = f"{error.context or ''}; {error.problem or 'cannot be understood'}".lstrip("; ")
    mark, mend = error.problem_mark or error.context_mark, ""
    for part, at_context, what in _MENDS:
        if part in said:
            mark, mend = (error.context_mark if at_context and error.context_mark else mark), what
            break
    return Problem(name, mark.line + 1 if mark else 0, "", f"not valid YAML: {mend or said}")


def _read_text(path: Path, name: str) -> str:
    try:
        if not {*"\r\n"}.isdisjoint(name):
            raise ValueError
        name.encode()
        found = path.stat()
        # Opening a FIFO may block forever, and so may reading from /proc, where files seem empty.
        raw = _first_bytes(path) if stat.S_ISREG(found.st_mode) and found.st_size else b""
    except FileNotFoundError:
        raise ScenarioError([Problem(name, 0, "", "no such file; check the path")]) from None
    except OSError as error:
        raise ScenarioError([Problem(name, 0, "", f"cannot be read: {error.strerror or error}")]) from None
    except ValueError:
        raise ScenarioError([Problem(name, 0, "", "is not a possible file name; check the path")]) from None
    if stat.S_ISDIR(found.st_mode):
        raise ScenarioError([Problem(name, 0, "", "is a folder; name the scenario file in it")])
    if not stat.S_ISREG(found.st_mode):
        raise ScenarioError([Problem(name, 0, "", "is not a regular file; save the scenario as a file")])
    if len(raw) > MAX_BYTES:
        raise ScenarioError([Problem(name, 0, "", f"larger than {MAX_BYTES} bytes; a scenario is a short text")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ScenarioError([Problem(name, line, "", "not text in UTF-8; save the file as UTF-8")]) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ScenarioError([Problem(name, line, "", "not a text file; a scenario is text in YAML")])
    return text


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


class _Builder:
    """Converts nodes to plain data, up to a limit of values and of `MAX_BYTES` characters."""

    def __init__(self, name: str, most: int) -> None:
        self.name = name
        self.most = most
        self.lines: dict[KeyPath, tuple[str, int]] = {(): (name, 0)}
        self.built = 0
        self.letters = 0
        self.above: list[Node] = []

    def fail(self, node: Node, path: KeyPath, message: str) -> ScenarioError:
        key = ".".join(str(part) for part in path)
        return ScenarioError([Problem(self.name, node.start_mark.line + 1, key, message)])

    def too_much(self, path: KeyPath, message: str) -> ScenarioError:
        # The line of an alias is that of its anchor, so the error names the key of the whole.
        return ScenarioError([Problem(*self.lines[path[:1]], "".join(map(str, path[:1])), message)])

    def build(self, node: Node, path: KeyPath) -> Any:
        self.built += 1
        if self.built > self.most:
            raise self.too_much(path, _TOO_MANY)
        if len(path) > MAX_DEPTH:
            raise self.too_much(path, _TOO_DEEP)
        self.lines.setdefault(path, (self.name, node.start_mark.line + 1))
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        if any(node is holder for holder in self.above):
            raise self.fail(node, path, "an alias of its own parent is infinite; write the value itself")
        self.above.append(node)
        built = self._mapping(node, path) if isinstance(node, MappingNode) else self._sequence(node, path)
        self.above.pop()
        return built

    def _sequence(self, node: Node, path: KeyPath) -> list[Any]:
        self._plain_tag(node, path, "seq")
        return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]

    def _plain_tag(self, node: Node, path: KeyPath, *expected: str) -> str:
        tag = str(node.tag)
        if not tag.startswith(_TAG) or (expected and tag.removeprefix(_TAG) not in expected):
            written = tag.replace(_TAG, "!!")[:MOST_SHOWN]
            raise self.fail(node, path, f"the tag {written} is not allowed; write plain values")
        return tag.removeprefix(_TAG)

    def _mapping(self, node: MappingNode, path: KeyPath) -> dict[str, Any]:
        self._plain_tag(node, path, "map")
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                raise self.fail(
                    key_node, path, "a key must be a plain word; put text that starts with a bracket in quotes"
                )
            key = self._text(key_node, path)
            self._plain_tag(key_node, path, *_OF_KEYS)
            if str(key_node.tag).endswith(":merge"):
                raise self.fail(key_node, path, "merge keys (<<) are not allowed; use `extends:`")
            if key in data:
                first = self.lines[(*path, key)][1]
                raise self.fail(key_node, (*path, key), f"given twice (first at line {first}); rename or remove one")
            self.lines[(*path, key)] = (self.name, key_node.start_mark.line + 1)
            data[key] = self.build(value_node, (*path, key))
        return data

    def _text(self, node: ScalarNode, path: KeyPath) -> str:
        """The text of a node, which is counted: an alias may repeat a long text many times."""
        text = str(node.value)
        self.letters += len(text)
        if self.letters > MAX_BYTES:
            raise self.too_much(path, f"more than {MAX_BYTES} characters after aliases are expanded; write less")
        if any(0xD800 <= ord(letter) < 0xE000 for letter in text):
            raise self.fail(node, path, "half a character (a surrogate) is not text; write the whole character")
        return text

    def _scalar(self, node: ScalarNode, path: KeyPath) -> Any:
        kind = self._plain_tag(node, path)
        text = self._text(node, path)
        try:
            if kind == "int":
                digits = text.replace("_", "")
                return int(digits, 0) if digits.lower().lstrip("+-").startswith(("0x", "0o", "0b")) else int(digits)
            if kind == "float":
                return float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
        except ValueError:
            what = f"{shown(text)} is not a valid number; write one such as 2e7"
            raise self.fail(node, path, what) from None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "null":
            return None
        if kind in ("str", "timestamp"):
            return text
        raise self.fail(node, path, f"the tag !!{kind} is not allowed; write plain values")


def as_one_file(data: dict[str, Any]) -> str:
    """The YAML text of plain `data`; reading it gives the same data."""
    text = StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.sort_base_mapping_type_on_output = False
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.dump(data, text)
    return text.getvalue()
