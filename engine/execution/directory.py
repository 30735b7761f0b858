"""A run's folder: what is to be played, and one file for each chunk that is finished.

    lock              held by the process that plays the run
    manifest.json     what the run is, and what it must be played by
    scenario.yaml     the scenario, merged into one file
    chunk-000017.npz  what came of the eighteenth chunk, after a checksum of it (`engine.execution.chunk_codec`)

Every file appears whole or not at all, so that a run goes on after any end of its process.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from tqdm import tqdm

from engine.execution.atomic_write import UNFINISHED, whole_file
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
except ImportError:  # not on Windows, where two processes in one folder are not told apart
    fcntl = None  # type: ignore[assignment]

LOCK = "lock"
#: The results, if they are not to be elsewhere.
RESULTS = "results.nc"
#: How the name of a chunk's file ends.
CHUNK = ".npz"


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
            _check_files(path)
            self._check_begun()
            self._lock = _locked(path)
        except OSError as error:
            raise RunDirectoryError(
                f"{path}: cannot be used: {error.strerror or error}; name a folder that can be written"
            ) from None
        try:
            if (path / MANIFEST).exists():
                self.manifest = same_run(path, read_manifest(path), self.manifest)
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
        _write(self.path / MANIFEST, as_json(self.manifest))

    @property
    def tag(self) -> str:
        """A name for what only this run writes."""
        return self.manifest.label[:12]

    def file(self, number: int) -> Path:
        """Where chunk `number` is kept."""
        return self.path / f"chunk-{number:06d}{CHUNK}"

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
            tqdm.write(printable(f"engine: {file}: damaged; its futures are played again"), file=sys.stderr)
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
    return sorted(path.glob(f"chunk-*{CHUNK}"))


def check_apart(path: Path, target: Path) -> None:
    """Raise RunDirectoryError if the results file `target` would take the place of a file of the run in `path`."""
    if target.resolve().parent == path.resolve() and target.suffix != ".nc":
        raise RunDirectoryError(f"{target}: is a place of the run itself; name a results file such as {path / RESULTS}")


def _check_files(path: Path) -> None:
    """Raise RunDirectoryError if what a run reads or writes in the folder `path` is a device, a pipe or a socket.

    Opening one may wait for ever. A link is as bad, which may lead anywhere; but the link of a chunk is replaced.
    """
    for file in [path / LOCK, path / MANIFEST, path / SCENARIO, path / RESULTS, *finished_chunks(path)]:
        if not os.path.lexists(file):
            continue
        mode = file.lstat().st_mode
        if not stat.S_ISREG(mode) and not (stat.S_ISLNK(mode) and file.suffix == CHUNK):
            raise RunDirectoryError(f"{file}: is no regular file; remove it, or name another folder")


def _is_unfinished(file: Path) -> bool:
    """Whether a crash left `file` of a run half written."""
    ours = (MANIFEST, SCENARIO, RESULTS, "chunk-")
    return file.name.endswith(UNFINISHED) and file.name.startswith(tuple(f".{name}" for name in ours))


def _write(path: Path, content: bytes) -> None:
    # A link in the folder, which may be a stranger's, is not written through: it could lead anywhere.
    if path.is_symlink():
        path.unlink()
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
