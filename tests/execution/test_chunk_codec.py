"""Pieces as bytes: they come back to the bit, and nothing else is taken for them."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.execution.chunk_codec import DamagedPiece, _checksum, from_bytes, most_bytes, to_bytes
from engine.montecarlo import Chunk, Job, chunks, new_tally, play_chunk
from engine.montecarlo.tally import GROUPS
from engine.scenario import WorldSampler

NEVER = np.zeros(1, np.int64)


@pytest.fixture(scope="module")
def job(governed):
    return Job(WorldSampler(governed, 6, 3), 8, ("baseline", "caution"), "samples")


@pytest.fixture(scope="module", params=[Chunk(1, 3, 0, 8), Chunk(2, 1, 3, 4)], ids=["worlds", "part of a world"])
def played(job, request):
    return request.param, play_chunk(job, request.param, NEVER)


def same(one, other):
    for mine, theirs in ((one.tally, other.tally), (one.samples, other.samples)):
        for name, array in mine._asdict().items():
            found = getattr(theirs, name)
            assert (array.dtype, array.shape) == (found.dtype, found.shape), name
            np.testing.assert_array_equal(array, found)


def test_a_piece_comes_back_to_the_bit(job, played):
    chunk, piece = played
    same(piece, from_bytes(to_bytes(piece, "run/1"), "run/1", job, chunk))


@pytest.mark.parametrize("label", ["run/2", "other/1", ""])
def test_a_piece_of_another_run_or_number_is_not_taken(job, played, label):
    chunk, piece = played
    with pytest.raises(DamagedPiece, match="checksum"):
        from_bytes(to_bytes(piece, "run/1"), label, job, chunk)


@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_changed_bit_is_seen(job, played, where, bit):
    chunk, piece = played
    data = bytearray(to_bytes(piece, "run/1"))
    data[int(where * len(data))] ^= 1 << bit
    with pytest.raises(DamagedPiece, match="checksum"):
        from_bytes(bytes(data), "run/1", job, chunk)


@pytest.mark.parametrize("length", [0, 1, 31, 32, 1000, -1])
def test_a_truncated_piece_is_seen(job, played, length):
    chunk, piece = played
    with pytest.raises(DamagedPiece, match="checksum"):
        from_bytes(to_bytes(piece, "run/1")[:length], "run/1", job, chunk)


def forged(change):
    """A piece whose content is changed by who knows how to make a checksum."""

    def made(data):
        with zipfile.ZipFile(io.BytesIO(data[32:])) as members:
            arrays = {name: members.read(name) for name in members.namelist()}
        change(arrays)
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as members:
            for name, value in arrays.items():
                members.writestr(name, value)
        return _checksum(content.getvalue(), "run/1") + content.getvalue()

    return made


def npy(array, **how):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, **how)
    return file.getvalue()


def header_alone(shape):
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<i8", "fortran_order": False, "shape": shape})
    return file.getvalue()


def recompressed(method):
    """An archive whose members say that they are compressed by another method."""

    def made(data):
        content = bytearray(data[32:])
        for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
            place = content.find(signature)
            while place >= 0:
                content[place + offset] = method
                place = content.find(signature, place + 1)
        return _checksum(bytes(content), "run/1") + bytes(content)

    return made


@pytest.mark.parametrize("method", [0, 12, 14, 99])
def test_an_archive_of_another_kind_is_refused(job, played, method):
    chunk, piece = played
    with pytest.raises(DamagedPiece):
        from_bytes(recompressed(method)(to_bytes(piece, "run/1")), "run/1", job, chunk)


def test_a_piece_is_below_its_bound(job, played):
    chunk, piece = played
    assert len(to_bytes(piece, "run/1")) < most_bytes(job, chunk)


FUTURES = "Tally.futures.npy"
FORGERIES = {
    "a missing array": (lambda arrays: arrays.pop(FUTURES), "futures"),
    "another shape": (lambda arrays: arrays.update({FUTURES: npy(np.zeros(3, np.uint8))}), "another shape"),
    "numbers that are none": (lambda arrays: arrays.update({FUTURES: npy(np.zeros((2, GROUPS), complex))}), "cast"),
    "objects to be unpickled": (
        lambda arrays: arrays.update({FUTURES: npy(np.array([print] * 2 * GROUPS, object).reshape(2, GROUPS))}),
        "pickle",
    ),
    "a bomb": (lambda arrays: arrays.update({FUTURES: bytes(10**8)}), "larger than it can be"),
    "a lie of its size": (lambda arrays: arrays.update({FUTURES: header_alone((2**50,))}), None),
    "no array": (lambda arrays: arrays.update({FUTURES: b"no array"}), "magic"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_piece_is_refused(job, played, name):
    """With a right checksum: its sizes and kinds are not believed."""
    chunk, piece = played
    change, said = FORGERIES[name]
    with pytest.raises(DamagedPiece, match=said):
        from_bytes(forged(change)(to_bytes(piece, "run/1")), "run/1", job, chunk)


#: Counts of services, of which the scenario has none.
HOSTED = ("used", "used_step", "users_sum", "hosted_incidents", "hosted_loss_sum", "hosted_benefit_sum")


@pytest.mark.parametrize("size", [3, 8, 17])
def test_pieces_in_any_order_add_up_to_the_whole(job, size):
    """Chunks that are parts of worlds, worlds, and several worlds."""
    parts = list(chunks(6, 8, size))
    np.random.default_rng(size).shuffle(parts)
    added = new_tally(job.sampler.scenario, len(job.policies))
    for part in parts:
        added.add(play_chunk(job, part, NEVER).tally)
    for name, expected in play_chunk(job, Chunk(0, 6, 0, 8), NEVER).tally._asdict().items():
        np.testing.assert_array_equal(getattr(added, name), expected, name)
        assert expected.any() or name in HOSTED, name
