"""The folder of a run: its job, and one file for each finished chunk.

    lock              held by the process that simulates the run
    manifest.json     the identity of the run, and the versions that it needs
    scenario.yaml     the scenario, merged into one file
    chunk-000017.npz  the result of the eighteenth chunk, after its checksum (`engine.execution.chunk_codec`)

Every file appears complete or not at all, so that a run can resume after any end of its process.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from tqdm import tqdm

from engine.execution.atomic_write import UNFINISHED, atomic_write
from engine.execution.chunk_codec import DamagedPiece, from_bytes, most_bytes
from engine.execution.manifest import (
    MANIFEST,
    SCENARIO,
    RunDirectoryError,
    as_json,
    manifest_of,
    read_manifest,
    same_run,
)
from engine.montecarlo import Chunk, Job, Piece
from engine.text.printable import printable

try:
    import fcntl
except ImportError:  # Windows, where two processes in one folder are not detected
    fcntl = None  # type: ignore[assignment]

LOCK = "lock"
#: The default name of the results file.
RESULTS = "results.nc"
#: Ending of the name of a chunk's file.
CHUNK = ".npz"


class RunDirectory:
    """The folder of one run, open for the only process that simulates it.

    Raises RunDirectoryError if the folder belongs to another run, to a run of another engine, or is in use.
    """

    def __init__(self, path: Path, job: Job, chunk: int) -> None:
        self.path = path
        self.job = job
        self.manifest = manifest_of(job, chunk)
        if job.sampler.is_designed or job.sampler.is_changed:
            raise RunDirectoryError(f"{path}: worlds of a design, or changed by a function, cannot be stored here")
        if not job.sampler.scenario.yaml:
            raise RunDirectoryError(f"{path}: only a scenario read from a file can be stored here; load it from a file")
        try:
            path.mkdir(parents=True, exist_ok=True)
            _check_files(path)
            self._check_begun()
            self._lock = _locked(path)
        except OSError as error:
            raise RunDirectoryError(
                f"{path}: cannot be used: {error.strerror or error}; name a writable folder"
            ) from None
        try:
            if (path / MANIFEST).exists():
                self.manifest = same_run(path, read_manifest(path), self.manifest)
            else:
                self._begin()
            # Files of a process that was killed while it wrote.
            for left in filter(_is_unfinished, list(path.iterdir())):
                left.unlink(missing_ok=True)
        except BaseException:
            self.close()
            raise

    def _check_begun(self) -> None:
        """Raise RunDirectoryError, before any change, if the folder contains files of anything but this run."""
        if (self.path / MANIFEST).exists():
            return
        for file in self.path.iterdir():
            is_copy = file.name == SCENARIO and file.read_bytes() == self._scenario
            if not (is_copy or file.name == LOCK or _is_unfinished(file)):
                raise RunDirectoryError(f"{self.path}: is neither empty nor the folder of a run; name another folder")

    @property
    def _scenario(self) -> bytes:
        return self.job.sampler.scenario.yaml.encode()

    def _begin(self) -> None:
        _write(self.path / SCENARIO, self._scenario)
        # The manifest comes last: a folder without it is not a run.
        _write(self.path / MANIFEST, as_json(self.manifest))

    @property
    def tag(self) -> str:
        """A name for files that only this run writes."""
        return self.manifest.label[:12]

    def file(self, number: int) -> Path:
        """The file of chunk `number`."""
        return self.path / f"chunk-{number:06d}{CHUNK}"

    def label(self, number: int) -> str:
        """The label of chunk `number`, which distinguishes its content from all others."""
        return f"{self.manifest.label}/{number}"

    def finished(self, number: int, chunk: Chunk) -> Piece | None:
        """The result of `chunk` with this `number`; None if it is missing, truncated or altered."""
        file = self.file(number)
        try:
            if file.is_symlink() or not file.is_file():
                return None
            if file.stat().st_size > most_bytes(self.job, chunk):
                raise DamagedPiece("it is larger than it can be")
            return from_bytes(file.read_bytes(), self.label(number), self.job, chunk)
        except DamagedPiece:
            tqdm.write(printable(f"engine: {file}: damaged; its futures are simulated again"), file=sys.stderr)
            return None
        except OSError as error:
            raise RunDirectoryError(f"{file}: cannot be read: {error.strerror or error}") from None

    def save(self, number: int, data: bytes) -> None:
        """Store the result of chunk `number`. Raises ResultsError if it cannot be written; stored chunks stay."""
        _write(self.file(number), data)

    def close(self) -> None:
        """Release the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def finished_chunks(path: Path) -> list[Path]:
    """The files of finished chunks in the folder `path`, which may not exist yet."""
    return sorted(path.glob(f"chunk-*{CHUNK}"))


def check_apart(path: Path, target: Path) -> None:
    """Raise RunDirectoryError if the results file `target` would overwrite a file of the run in `path`."""
    if target.resolve().parent == path.resolve() and target.suffix != ".nc":
        raise RunDirectoryError(f"{target}: is a file of the run itself; name a results file such as {path / RESULTS}")


def _check_files(path: Path) -> None:
    """Raise RunDirectoryError if a file of a run in the folder `path` is a device, a pipe or a socket.

    Opening one may block forever. A link is also refused, because it may point anywhere; that of a chunk is replaced.
    """
    for file in [path / LOCK, path / MANIFEST, path / SCENARIO, path / RESULTS, *finished_chunks(path)]:
        if not os.path.lexists(file):
            continue
        mode = file.lstat().st_mode
        if not stat.S_ISREG(mode) and not (stat.S_ISLNK(mode) and file.suffix == CHUNK):
            raise RunDirectoryError(f"{file}: is not a regular file; remove it, or name another folder")


def _is_unfinished(file: Path) -> bool:
    """Whether `file` of a run is unfinished, left by a crash."""
    ours = (MANIFEST, SCENARIO, RESULTS, "chunk-")
    return file.name.endswith(UNFINISHED) and file.name.startswith(tuple(f".{name}" for name in ours))


def _write(path: Path, content: bytes) -> None:
    # The folder may belong to somebody else, so links in it are not followed: they could point anywhere.
    if path.is_symlink():
        path.unlink()
    with atomic_write(path) as unfinished:
        unfinished.write_bytes(content)


def _locked(path: Path) -> int | None:
    """A lock on the folder until the process ends; None where files cannot be locked."""
    if fcntl is None:
        return None
    handle = os.open(path / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise RunDirectoryError(f"{path}: another process is simulating this run; wait for it or stop it") from None
    except OSError:
        os.close(handle)
        return None
    return handle
