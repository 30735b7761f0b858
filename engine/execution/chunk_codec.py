"""Pieces as bytes, for disks and networks: narrow, compressed, and with a checksum that includes a label."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.montecarlo import Chunk, Job, Piece, Samples, Tally, new_tally

_NARROW = (np.uint8, np.uint16, np.uint32)
_HASH = hashlib.sha256
#: Most bytes of the header of an array in the archive.
_HEADER = 4096


class DamagedPiece(ValueError):
    """Bytes that are not the expected piece."""


def to_bytes(piece: Piece, label: str) -> bytes:
    """`piece` as an npz archive, preceded by a checksum of it and of `label`, which identifies it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as members:
        for name, array in _arrays(piece).items():
            with members.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, _narrow(array), allow_pickle=False)
    content = archive.getvalue()
    return _checksum(content, label) + content


def from_bytes(data: bytes, label: str, job: Job, chunk: Chunk) -> Piece:
    """The piece of `job` that `to_bytes` wrote with this `label`. Raises DamagedPiece if it is another, or changed."""
    size = _HASH().digest_size
    content = memoryview(data)[size:]
    if data[:size] != _checksum(content, label):
        raise DamagedPiece("the checksum does not match the content")
    expected = _expected(job, chunk)
    # A forged file can have a valid checksum, so sizes are checked.
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as members:
            for name, array in _arrays(expected).items():
                info = members.getinfo(f"{name}.npy")
                if info.file_size > array.nbytes + _HEADER:
                    raise DamagedPiece(f"{name} is larger than it can be")
                with members.open(info) as member:
                    found = np.lib.format.read_array(member, allow_pickle=False)
                if found.shape != array.shape:
                    raise DamagedPiece(f"{name} has another shape")
                np.copyto(array, found, casting="same_kind")
    except Exception as error:  # a malicious archive can fail in any way
        raise DamagedPiece(str(error)) from None
    return expected


def most_bytes(job: Job, chunk: Chunk) -> int:
    """An upper bound of the bytes of a piece of `chunk`."""
    return sum(array.nbytes + array.nbytes // 1000 + _HEADER for array in _arrays(_expected(job, chunk)).values())


def _expected(job: Job, chunk: Chunk) -> Piece:
    """An empty piece with the shapes of one of `chunk`."""
    return Piece(new_tally(job.sampler.scenario, len(job.policies)), job.room(chunk.worlds, chunk.futures))


def _arrays(piece: Piece) -> dict[str, NDArray[Any]]:
    parts: tuple[Tally | Samples, ...] = (piece.tally, piece.samples)
    return {f"{type(part).__name__}.{name}": array for part in parts for name, array in part._asdict().items()}


def _narrow(array: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers in the narrowest type that holds them."""
    if array.dtype.kind == "i" and array.size and array.min() >= 0:
        for kind in _NARROW:
            if array.max() <= np.iinfo(kind).max:
                return array.astype(kind)
    return array


def _checksum(content: bytes | memoryview, label: str) -> bytes:
    digest = _HASH(f"{label}\0".encode())
    digest.update(content)
    return digest.digest()
