"""The identity of a run, stored in its folder: enough to resume it anywhere, and to refuse any other run."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, get_args

from tqdm import tqdm

from engine.errors import ResultsError
from engine.execution.fingerprint import cpu_type, versions
from engine.montecarlo import Job, Keep
from engine.scenario import (
    BASELINE,
    Scenario,
    ScenarioError,
    load_copy,
    load_scenario,
    samplers,
    scenario_hash,
)
from engine.scenario.source import as_text

MANIFEST = "manifest.json"
SCENARIO = "scenario.yaml"
_FORMAT = 1
_MOST_BYTES = 4_000_000


class RunDirectoryError(ResultsError):
    """An invalid folder of a run; one line that names it."""


@dataclass(frozen=True)
class Manifest:
    """The identity of a run: with these numbers and versions, every chunk has exactly one possible content."""

    scenario_sha256: str
    scenario_name: str
    scenario_file: str
    scenario_path: str
    scenario_text: str
    seed: int
    worlds: int
    futures: int
    policies: tuple[str, ...]
    sampling: str
    kept: Keep
    chunk: int
    versions: Mapping[str, str]
    cpu: str

    @property
    def label(self) -> str:
        """The label of chunks of this run."""
        identity = {name: value for name, value in asdict(self).items() if name not in _DESCRIPTIVE}
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


#: Fields that may differ between two starts of one run.
_DESCRIPTIVE = ("scenario_name", "scenario_file", "scenario_path", "scenario_text", "cpu")


def manifest_of(job: Job, chunk: int) -> Manifest:
    """The manifest of `job`, in chunks of about `chunk` futures, by this engine on this machine."""
    scenario, sampler = job.sampler.scenario, job.sampler
    return Manifest(
        scenario_hash(scenario),
        scenario.name,
        scenario.file,
        as_text(os.path.abspath(scenario.file)),
        scenario.text,
        sampler.seed,
        sampler.total,
        job.futures,
        job.policies,
        sampler.sampling,
        job.kept,
        chunk,
        versions(),
        cpu_type(),
    )


def as_json(manifest: Manifest) -> bytes:
    """The content of the file `MANIFEST`."""
    return json.dumps({"format": _FORMAT, "label": manifest.label, **asdict(manifest)}, indent=1).encode()


def read_manifest(path: Path) -> Manifest:
    """The manifest in the folder `path`. Raises RunDirectoryError if there is none that can be read."""
    file = path / MANIFEST
    try:
        if file.exists() and not file.is_file():
            raise RunDirectoryError(f"{file}: is not a regular file; name the folder of a run")
        with file.open("rb") as stream:
            text = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise RunDirectoryError(
            f"{path}: not the folder of a run ({MANIFEST}: {error.strerror}); `engine run SCENARIO --run-dir {path}` "
            "begins one"
        ) from None
    try:
        content = json.loads(text) if len(text) <= _MOST_BYTES else {}
        known = {field.name: content[field.name] for field in fields(Manifest)}
        if content["format"] != _FORMAT:
            raise RunDirectoryError(f"{file}: written by another version of this engine; start the run again elsewhere")
        found = Manifest(**{**known, "policies": tuple(known["policies"])})
        if not _is_sound(found) or content["label"] != found.label:
            raise TypeError
    except RunDirectoryError:
        raise
    except (ValueError, KeyError, TypeError, RecursionError):
        raise RunDirectoryError(f"{file}: damaged or altered; start the run again in another folder") from None
    return found


def _is_sound(found: Manifest) -> bool:
    texts = (found.scenario_sha256, found.scenario_name, found.scenario_file, found.scenario_path, found.scenario_text)
    counts = (found.seed, found.worlds, found.futures, found.chunk)
    return (
        all(isinstance(text, str) and text.isprintable() for text in (*texts[:-1], found.cpu, *found.policies))
        and isinstance(found.scenario_text, str)
        and bool(found.scenario_text.encode())
        and all(type(count) is int and count >= 0 for count in counts)
        and found.chunk > 0
        and found.policies[:1] == (BASELINE,)
        and found.sampling in samplers()
        and found.kept in get_args(Keep)
        and isinstance(found.versions, dict)
    )


def scenario_of(path: Path, manifest: Manifest) -> Scenario:
    """The scenario of the run in the folder `path`. Raises ScenarioError or RunDirectoryError if it has changed."""
    scenario = load_copy(path / SCENARIO, manifest.scenario_name, manifest.scenario_file, manifest.scenario_text)
    if scenario_hash(scenario) != manifest.scenario_sha256:
        raise RunDirectoryError(f"{path / SCENARIO}: not the scenario with which the run started; restore it")
    return scenario


def check_unchanged(path: Path, manifest: Manifest) -> None:
    """Raise RunDirectoryError if the original scenario file of the run in `path` has changed."""
    file = Path(manifest.scenario_path)
    try:
        now = scenario_hash(load_scenario(file)) if file.is_file() else manifest.scenario_sha256
    except ScenarioError:
        now = ""
    if now != manifest.scenario_sha256:
        raise RunDirectoryError(
            f"{file}: changed since the run in {path} began; start a new run in another folder, or resume with "
            "the original: --as-begun"
        )


def same_run(path: Path, found: Manifest, asked: Manifest) -> Manifest:
    """The manifest `found` in `path`, if it belongs to the run that is `asked` for and this engine can resume it."""
    for name, now in asked.versions.items():
        if found.versions.get(name) != now:
            raise RunDirectoryError(
                f"{path}: started with {name} {found.versions.get(name)}, but this is {now}; resume with that version, "
                "or start again in another folder"
            )
    for name in (field.name for field in fields(Manifest) if field.name not in (*_DESCRIPTIVE, "versions", "chunk")):
        was, now = getattr(found, name), getattr(asked, name)
        if was != now:
            what = (
                "of another scenario" if name == "scenario_sha256" else f"with {name} {_short(was)}, not {_short(now)}"
            )
            raise RunDirectoryError(
                f"{path}: contains a run {what}; resume it with `engine resume {path}`, or name another folder"
            )
    if found.cpu != asked.cpu:
        tqdm.write(
            f"engine: {path}: started on another CPU ({found.cpu}) than this ({asked.cpu}): the last bits may differ",
            file=sys.stderr,
        )
    return found


def _short(value: Any) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)
