from __future__ import annotations

import struct
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernelserve.exceptions import ProtocolError
from kernelserve.transport.base import HEADER_SIZE, MAX_FRAME, FrameKind
from kernelserve.transport.frames import LARGE, FrameParser, encode_header, join_parts, split_parts

KINDS = [int(kind) for kind in FrameKind]
frames_strategy = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(0, 2**32 - 1),
        st.integers(0, 255),
        st.integers(0, 65535),
        st.integers(0, 2**32 - 1),
        st.binary(max_size=200),
    ),
    max_size=8,
)


def encode(frame: tuple[int, int, int, int, int, bytes]) -> bytes:
    kind, stream, flags, load, revision, payload = frame
    return encode_header(kind, stream, len(payload), flags, load, revision) + payload


def test_header_is_the_one_of_the_contract() -> None:
    header = encode_header(FrameKind.RESULT, 7, 300, flags=1, load=5, revision=9)
    assert header == struct.pack("<IIBBHI", 300, 7, 3, 1, 5, 9)
    assert len(header) == HEADER_SIZE


def test_load_saturates() -> None:
    (frame,) = FrameParser().feed(encode_header(FrameKind.RESULT, 1, 0, load=70_000))
    assert frame[3] == 65_535


def test_a_payload_over_the_limit_is_refused_by_the_sender() -> None:
    with pytest.raises(ProtocolError, match="2,147,483,648 bytes"):
        encode_header(FrameKind.CALL, 1, MAX_FRAME + 1)


@given(frames_strategy, st.lists(st.integers(1, 60), min_size=1))
def test_frames_come_out_as_they_went_in_however_they_are_cut(
    frames: list[tuple[int, int, int, int, int, bytes]], cuts: list[int]
) -> None:
    data = b"".join(map(encode, frames))
    parser = FrameParser()
    seen = []
    position = turn = 0
    while position < len(data):
        step = cuts[turn % len(cuts)]
        seen += list(parser.feed(data[position : position + step]))
        position += step
        turn += 1
    assert seen == frames
    assert not parser.inside_frame


@given(frames_strategy, st.data())
def test_a_truncated_stream_yields_whole_frames_only(
    frames: list[tuple[int, int, int, int, int, bytes]], data: st.DataObject
) -> None:
    whole = b"".join(map(encode, frames))
    cut = data.draw(st.integers(0, len(whole)))
    seen = list(FrameParser().feed(whole[:cut]))
    assert seen == frames[: len(seen)]
    assert len(b"".join(map(encode, frames[: len(seen) + 1]))) > cut or len(seen) == len(frames)


@given(st.lists(st.binary(max_size=100), max_size=20))
def test_random_bytes_give_frames_or_a_protocol_error(chunks: list[bytes]) -> None:
    parser = FrameParser(limit=1000)
    try:
        for chunk in chunks:
            for frame in parser.feed(chunk):
                assert frame[0] in KINDS and len(frame[5]) <= 1000
    except ProtocolError as error:
        assert "peer" in str(error)


@pytest.mark.parametrize("kind", [0, 15, 255])
def test_an_unknown_kind_is_refused(kind: int) -> None:
    with pytest.raises(ProtocolError, match=f"unknown kind: {kind}"):
        list(FrameParser().feed(struct.pack("<IIBBHI", 0, 1, kind, 0, 0, 0)))


def test_a_length_over_the_limit_is_refused_before_its_bytes_come() -> None:
    with pytest.raises(ProtocolError, match="101 bytes, at most 100"):
        list(FrameParser(limit=100).feed(encode_header(FrameKind.CALL, 1, 101)))
    with pytest.raises(ProtocolError, match="over the limit"):
        list(FrameParser().feed(struct.pack("<IIBBHI", 2**32 - 1, 1, 1, 0, 0, 0)))


def test_frames_before_a_bad_one_are_still_delivered() -> None:
    good = (int(FrameKind.CALL), 1, 0, 0, 0, b"x")
    parsing = FrameParser().feed(encode(good) + b"\xff" * HEADER_SIZE)
    assert next(parsing) == good
    with pytest.raises(ProtocolError):
        next(parsing)


def test_an_announced_length_costs_nothing_until_bytes_come() -> None:
    parser = FrameParser()
    tracemalloc.start()
    try:
        assert list(parser.feed(encode_header(FrameKind.CALL, 1, MAX_FRAME) + b"abc")) == []
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100_000
    assert parser.inside_frame


def test_a_large_payload_is_whole_and_small_ones_are_bytes() -> None:
    large = bytes(range(256)) * 4096
    data = encode_header(FrameKind.CALL, 1, len(large)) + large + encode_header(FrameKind.CALL, 2, 2) + b"ok"
    parser = FrameParser()
    seen = [frame for start in range(0, len(data), 10_007) for frame in parser.feed(data[start : start + 10_007])]
    assert [bytes(frame[5]) for frame in seen] == [large, b"ok"]
    assert type(seen[1][5]) is bytes


@given(st.lists(st.binary(max_size=50), max_size=10))
def test_parts_come_out_as_they_went_in(parts: list[bytes]) -> None:
    assert list(map(bytes, split_parts(b"".join(join_parts(parts))))) == parts


def test_large_parts_are_not_copied_and_small_mutable_ones_are() -> None:
    large, small = bytearray(LARGE), bytearray(b"small")
    joined = join_parts([large, small])
    large[0] = small[0] = 1
    assert joined[-2][0] == 1
    assert joined[-1] == b"small"


def test_views_of_other_formats_count_in_bytes() -> None:
    view = memoryview(bytes(range(12))).cast("I")
    (part,) = split_parts(b"".join(join_parts([view])))
    assert bytes(part) == bytes(range(12))


@given(st.binary(max_size=60))
def test_malformed_parts_are_a_protocol_error(data: bytes) -> None:
    try:
        parts = split_parts(data)
    except ProtocolError as error:
        assert "malformed" in str(error)
    else:
        assert 4 + 4 * len(parts) + sum(map(len, parts)) == len(data)


@pytest.mark.parametrize(
    "data", [b"", b"\x01", b"\xff\xff\xff\xff", b"\x01\0\0\0\x05\0\0\0abc", b"\x01\0\0\0\x01\0\0\0abc"]
)
def test_each_way_to_break_parts_is_named(data: bytes) -> None:
    with pytest.raises(ProtocolError, match="malformed"):
        split_parts(data)
