"""A run's folder: what is to be played, and one file for each chunk that is finished.

    lock              held by the process that plays the run
    manifest.json     what the run is, and what it must be played by
    scenario.yaml     the scenario, merged into one file
    chunk-000017.npz  what came of the eighteenth chunk, after a checksum of it (`engine.execution.pieces`)

Every file appears whole or not at all, so that a run goes on after any end of its process.
"""

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

from engine.execution.pieces import DamagedPiece, from_bytes, most_bytes
from engine.execution.sources import cpu_type, versions
from engine.execution.whole_file import UNFINISHED, ResultsError, whole_file
from engine.montecarlo import Chunk, Job, Keep, Piece
from engine.scenario import (
    BASELINE,
    SAMPLINGS,
    Sampling,
    Scenario,
    ScenarioError,
    load_copy,
    load_scenario,
    scenario_hash,
)

try:
    import fcntl
except ImportError:  # not on Windows, where two processes in one folder are not told apart
    fcntl = None  # type: ignore[assignment]

MANIFEST = "manifest.json"
SCENARIO = "scenario.yaml"
LOCK = "lock"
#: The results, if they are not to be elsewhere.
RESULTS = "results.nc"
_FORMAT = 1
_MOST_BYTES = 4_000_000


class RunDirectoryError(ResultsError):
    """A run's folder that is not what it should be; one line that names it."""


@dataclass(frozen=True)
class Manifest:
    """What a run is: with these numbers and these versions every chunk has one possible content."""

    scenario_sha256: str
    scenario_name: str
    scenario_file: str
    scenario_path: str
    scenario_text: str
    seed: int
    worlds: int
    futures: int
    policies: tuple[str, ...]
    sampling: Sampling
    kept: Keep
    chunk: int
    versions: Mapping[str, str]
    cpu: str

    @property
    def label(self) -> str:
        """What chunks of this run are labelled with."""
        identity = {name: value for name, value in asdict(self).items() if name not in _DESCRIPTIVE}
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


#: What may differ between two starts of one run.
_DESCRIPTIVE = ("scenario_name", "scenario_file", "scenario_path", "scenario_text", "cpu")


def manifest_of(job: Job, chunk: int) -> Manifest:
    """The manifest of `job`, played in chunks of about `chunk` futures by this engine on this machine."""
    scenario, sampler = job.sampler.scenario, job.sampler
    return Manifest(
        scenario_hash(scenario),
        scenario.name,
        scenario.file,
        str(Path(scenario.file).resolve()),
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


class RunDirectory:
    """The folder of one run, open for the one process that plays it.

    Raises RunDirectoryError if the folder belongs to another run, to a run of another engine, or is in use.
    """

    def __init__(self, path: Path, job: Job, chunk: int) -> None:
        self.path = path
        self.job = job
        self.manifest = manifest_of(job, chunk)
        if job.sampler.is_designed or job.sampler.is_changed:
            raise RunDirectoryError(f"{path}: worlds of a design, or changed by a function, cannot be kept here")
        if not job.sampler.scenario.yaml:
            raise RunDirectoryError(f"{path}: only a scenario read from a file can be kept here; load it from a file")
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._check_begun()
            self._lock = _locked(path)
        except OSError as error:
            raise RunDirectoryError(
                f"{path}: cannot be used: {error.strerror or error}; name a folder that can be written"
            ) from None
        try:
            if (path / MANIFEST).exists():
                self.manifest = _same_run(path, read_manifest(path), self.manifest)
            else:
                self._begin()
            # What a process left that was killed while it wrote.
            for left in filter(_is_unfinished, list(path.iterdir())):
                left.unlink(missing_ok=True)
        except BaseException:
            self.close()
            raise

    def _check_begun(self) -> None:
        """Raise RunDirectoryError if the folder holds what is not of this run, so that nothing of it is touched."""
        if (self.path / MANIFEST).exists():
            return
        for file in self.path.iterdir():
            is_copy = file.name == SCENARIO and file.read_bytes() == self._scenario
            if not (is_copy or file.name == LOCK or _is_unfinished(file)):
                raise RunDirectoryError(f"{self.path}: is neither empty nor the folder of a run; name another")

    @property
    def _scenario(self) -> bytes:
        return self.job.sampler.scenario.yaml.encode()

    def _begin(self) -> None:
        _write(self.path / SCENARIO, self._scenario)
        # The manifest comes last: without it the folder is no run.
        content = {"format": _FORMAT, "label": self.manifest.label, **asdict(self.manifest)}
        _write(self.path / MANIFEST, json.dumps(content, indent=1).encode())

    @property
    def tag(self) -> str:
        """A name for what only this run writes."""
        return self.manifest.label[:12]

    def file(self, number: int) -> Path:
        """Where chunk `number` is kept."""
        return self.path / f"chunk-{number:06d}.npz"

    def label(self, number: int) -> str:
        """What the content of chunk `number` is labelled with, so that no other is taken for it."""
        return f"{self.manifest.label}/{number}"

    def finished(self, number: int, chunk: Chunk) -> Piece | None:
        """What came of `chunk`, the one of this `number`; None if it is not there, or truncated or altered."""
        file = self.file(number)
        try:
            if file.is_symlink() or not file.is_file():
                return None
            if file.stat().st_size > most_bytes(self.job, chunk):
                raise DamagedPiece("it is larger than it can be")
            return from_bytes(file.read_bytes(), self.label(number), self.job, chunk)
        except DamagedPiece:
            tqdm.write(f"engine: {file}: damaged; its futures are played again", file=sys.stderr)
            return None
        except OSError as error:
            raise RunDirectoryError(f"{file}: cannot be read: {error.strerror or error}") from None

    def save(self, number: int, data: bytes) -> None:
        """Keep what came of chunk `number`. Raises ResultsError if it cannot be written; nothing kept is lost."""
        _write(self.file(number), data)

    def close(self) -> None:
        """Leave the folder to others."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def finished_chunks(path: Path) -> list[Path]:
    """The files of finished chunks in the folder `path`, which may be still to be made."""
    return sorted(path.glob("chunk-*.npz"))


def read_manifest(path: Path) -> Manifest:
    """The manifest in the folder `path`. Raises RunDirectoryError if there is none that can be read."""
    file = path / MANIFEST
    try:
        if file.exists() and not file.is_file():
            raise RunDirectoryError(f"{file}: is no regular file; name the folder of a run")
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
            raise RunDirectoryError(f"{file}: written by another version of this engine; begin the run again elsewhere")
        found = Manifest(**{**known, "policies": tuple(known["policies"])})
        if not _is_sound(found) or content["label"] != found.label:
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        if isinstance(error, RunDirectoryError):
            raise
        raise RunDirectoryError(f"{file}: damaged or altered; begin the run again in another folder") from None
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
        and found.sampling in SAMPLINGS
        and found.kept in get_args(Keep)
        and isinstance(found.versions, dict)
    )


def check_apart(path: Path, target: Path) -> None:
    """Raise RunDirectoryError if the results file `target` would take the place of a file of the run in `path`."""
    if target.resolve().parent == path.resolve() and target.suffix != ".nc":
        raise RunDirectoryError(f"{target}: is a place of the run itself; name a results file such as {path / RESULTS}")


def scenario_of(path: Path, manifest: Manifest) -> Scenario:
    """The scenario of the run in the folder `path`. Raises ScenarioError or RunDirectoryError if it is another now."""
    scenario = load_copy(path / SCENARIO, manifest.scenario_name, manifest.scenario_file, manifest.scenario_text)
    if scenario_hash(scenario) != manifest.scenario_sha256:
        raise RunDirectoryError(f"{path / SCENARIO}: not the scenario that the run began with; put it back")
    return scenario


def check_unchanged(path: Path, manifest: Manifest) -> None:
    """Raise RunDirectoryError if the file that the scenario of the run in `path` was read from says another now."""
    file = Path(manifest.scenario_path)
    try:
        now = scenario_hash(load_scenario(file)) if file.is_file() else manifest.scenario_sha256
    except ScenarioError:
        now = ""
    if now != manifest.scenario_sha256:
        raise RunDirectoryError(
            f"{file}: changed since the run in {path} began; begin a new run in another folder, or go on with the "
            "scenario as it was: --as-begun"
        )


def _same_run(path: Path, found: Manifest, asked: Manifest) -> Manifest:
    """The manifest `found` in `path`, if it is of the run that is `asked` for and this engine can go on with it."""
    for name, now in asked.versions.items():
        if found.versions.get(name) != now:
            raise RunDirectoryError(
                f"{path}: begun with {name} {found.versions.get(name)}, and this is {now}; go on with that version, or "
                "begin again in another folder"
            )
    for name in (field.name for field in fields(Manifest) if field.name not in (*_DESCRIPTIVE, "versions", "chunk")):
        was, now = getattr(found, name), getattr(asked, name)
        if was != now:
            what = "another scenario" if name == "scenario_sha256" else f"{name} {_told(was)}, not {_told(now)}"
            raise RunDirectoryError(
                f"{path}: holds a run of {what}; `engine resume {path}` goes on with it; name another folder"
            )
    if found.cpu != asked.cpu:
        tqdm.write(
            f"engine: {path}: begun on another CPU ({found.cpu}) than this ({asked.cpu}): the last bits may differ",
            file=sys.stderr,
        )
    return found


def _is_unfinished(file: Path) -> bool:
    """Whether a crash left `file` of a run half written."""
    ours = (MANIFEST, SCENARIO, RESULTS, "chunk-")
    return file.name.endswith(UNFINISHED) and file.name.startswith(tuple(f".{name}" for name in ours))


def _told(value: Any) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _write(path: Path, content: bytes) -> None:
    with whole_file(path) as beside:
        beside.write_bytes(content)


def _locked(path: Path) -> int | None:
    """A lock on the folder, which ends with the process; None where files cannot be locked."""
    if fcntl is None:
        return None
    handle = os.open(path / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise RunDirectoryError(f"{path}: another process is playing this run; wait for it or stop it") from None
    except OSError:
        os.close(handle)
        return None
    return handle
