"""Addresses, and what happens when a connection does not come to be."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from transport_helpers import SECRET, Recorder, Server, closed_by_peer, hang_up, open_raw, until

from kernelserve.exceptions import AuthenticationError, FeatureNotBuiltError, TransportError
from kernelserve.transport.connect import connect, listen, split_address
from kernelserve.transport.handshake import Handshake

# --- handshake over real links


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
async def test_another_secret_is_refused(address: str) -> None:
    server = await Server(Recorder).start(address)
    with pytest.raises(AuthenticationError, match="secret"):
        await connect(server.listener.address, Recorder(), role="client", secret=b"another")
    await asyncio.sleep(0.02)
    assert server.channels == []
    await server.stop()


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
async def test_an_unknown_role_is_refused_on_both_sides(address: str) -> None:
    with pytest.raises(ValueError, match=r"'boss'.*controller"):
        await listen(address, lambda channel: Recorder(), role="boss", secret=SECRET)
    server = await Server(Recorder).start(address)
    with pytest.raises(ValueError, match="'boss'"):
        await server.connect(Recorder(), role="boss")
    await server.stop()


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
async def test_a_silent_peer_is_dropped_at_the_time_limit(socket_address: str) -> None:
    server = await Server(Recorder).start(socket_address, handshake_timeout_s=0.05)
    reader, writer = await open_raw(server.listener.address)
    assert await closed_by_peer(reader) == b""
    await hang_up(writer)
    await server.stop()


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
async def test_a_listener_that_says_nothing_is_given_up(folder: Path) -> None:
    writers: list[asyncio.StreamWriter] = []
    path = f"{folder}/silent"
    silent = await asyncio.start_unix_server(lambda reader, writer: writers.append(writer), path)
    with pytest.raises(AuthenticationError, match=r"within 0.05 s"):
        await connect(f"unix://{path}", Recorder(), role="client", secret=SECRET, handshake_timeout_s=0.05)
    with pytest.raises(TransportError, match=r"within 0.05 s"):
        await connect(f"unix://{path}", Recorder(), role="client", secret=SECRET, timeout_s=0.05)
    silent.close()
    for writer in writers:
        await hang_up(writer)


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
async def test_a_listener_that_hangs_up_is_an_authentication_error(folder: Path) -> None:
    path = f"{folder}/rude"
    rude = await asyncio.start_unix_server(lambda reader, writer: writer.close(), path)
    with pytest.raises(AuthenticationError, match="closed the connection during the handshake"):
        await connect(f"unix://{path}", Recorder(), role="client", secret=SECRET)
    rude.close()


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
@pytest.mark.parametrize("garbage", [b"\x80" * 65, b"KS\x01\x04" + b"n" * 61, b"GET / HTTP/1.1\r\n\r\n", b"K" * 2])
async def test_garbage_is_refused_at_once(socket_address: str, garbage: bytes) -> None:
    server = await Server(Recorder).start(socket_address, handshake_timeout_s=60)
    reader, writer = await open_raw(server.listener.address)
    writer.write(garbage)
    assert await closed_by_peer(reader) == b""
    await hang_up(writer)
    assert server.channels == []
    await server.stop()


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
async def test_another_version_is_refused_at_once(socket_address: str) -> None:
    server = await Server(Recorder).start(socket_address, handshake_timeout_s=60)
    reader, writer = await open_raw(server.listener.address)
    hello = bytearray(Handshake("client", SECRET, connector=True).start())
    hello[2] += 1
    writer.write(hello)
    assert await closed_by_peer(reader) == b""
    await hang_up(writer)
    await server.stop()


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
async def test_a_reflected_handshake_is_refused(socket_address: str) -> None:
    """An attacker opens two connections and answers each challenge with what the other one got."""
    server = await Server(Recorder).start(socket_address, handshake_timeout_s=60)
    hello = Handshake("replica", b"unknown", connector=True).start()
    first_reader, first = await open_raw(server.listener.address)
    second_reader, second = await open_raw(server.listener.address)
    first.write(hello)
    challenge = await first_reader.readexactly(52)
    second.write(challenge[:20])
    proof = (await second_reader.readexactly(52))[20:]
    first.write(proof)
    second.write(challenge[20:])
    assert await closed_by_peer(first_reader) == b""
    assert await closed_by_peer(second_reader) == b""
    await hang_up(first)
    await hang_up(second)
    assert server.channels == []
    await server.stop()


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
async def test_unproven_connections_end_with_their_listener(socket_address: str) -> None:
    server = await Server(Recorder).start(socket_address, handshake_timeout_s=60)
    reader, writer = await open_raw(server.listener.address)
    writer.write(b"K")
    await asyncio.sleep(0.02)
    await server.stop()
    assert await closed_by_peer(reader) == b""
    await hang_up(writer)


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
async def test_a_cancelled_connect_leaves_nothing(folder: Path) -> None:
    writers: list[asyncio.StreamWriter] = []
    path = f"{folder}/silent"
    silent = await asyncio.start_unix_server(lambda reader, writer: writers.append(writer), path)
    task = asyncio.create_task(connect(f"unix://{path}", Recorder(), role="client", secret=SECRET))
    await until(lambda: writers, "the connection")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    silent.close()
    for writer in writers:
        await hang_up(writer)


# --- addresses


@pytest.mark.parametrize("address", ["http://x", "unix", "", "udp://127.0.0.1:1"])
def test_an_unknown_scheme_lists_the_known_ones(address: str) -> None:
    with pytest.raises(TransportError, match=r"inproc://, unix://, tcp://"):
        split_address(address)


@pytest.mark.parametrize(
    "address", ["unix://", "unix://relative/path", "tcp://127.0.0.1", "tcp://127.0.0.1:no", "inproc://"]
)
def test_an_incomplete_address_says_what_is_missing(address: str) -> None:
    with pytest.raises(TransportError, match=r"Add a name|Write"):
        split_address(address)


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "example.org", "[::]"])
async def test_tcp_beyond_loopback_is_not_built(host: str) -> None:
    with pytest.raises(FeatureNotBuiltError, match="TLS"):
        await listen(f"tcp://{host}:0", lambda channel: Recorder(), role="replica", secret=SECRET)
    with pytest.raises(FeatureNotBuiltError, match="TLS"):
        await connect(f"tcp://{host}:1", Recorder(), role="client", secret=SECRET)


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
async def test_a_path_that_is_too_long_is_refused(folder: Path) -> None:
    path = f"{folder}/{'x' * 107}"
    with pytest.raises(TransportError, match="107"):
        await listen(f"unix://{path}", lambda channel: Recorder(), role="replica", secret=SECRET)
    with pytest.raises(TransportError, match="shorter folder"):
        await connect(f"unix://{path}", Recorder(), role="client", secret=SECRET)


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
async def test_the_longest_path_works(folder: Path) -> None:
    server = await Server(Recorder).start(f"unix://{folder}/{'x' * (107 - len(str(folder)) - 1)}")
    (await server.connect(Recorder())).close()
    await server.stop()


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
async def test_a_folder_open_to_others_is_refused(folder: Path) -> None:
    shared = folder / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    with pytest.raises(TransportError, match=r"mode 0755.*0700"):
        await listen(f"unix://{shared}/s", lambda channel: Recorder(), role="replica", secret=SECRET)


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
async def test_a_stale_socket_file_is_replaced_and_removed_at_close(folder: Path) -> None:
    path = folder / "socket"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    assert path.exists()
    server = await Server(Recorder).start(f"unix://{path}")
    (await server.connect(Recorder())).close()
    await server.stop()
    assert not path.exists()


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
async def test_close_leaves_a_file_that_another_listener_made(folder: Path) -> None:
    path = folder / "socket"
    server = await Server(Recorder).start(f"unix://{path}")
    path.unlink()
    other = await Server(Recorder).start(f"unix://{path}")
    await server.stop()
    assert path.exists()
    await other.stop()


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
async def test_a_taken_address_is_refused(address: str) -> None:
    server = await Server(Recorder).start(address)
    with pytest.raises(TransportError):
        await listen(server.listener.address, lambda channel: Recorder(), role="replica", secret=SECRET)
    client = Recorder()
    (await server.connect(client)).close()
    await until(lambda: client.losses, "the first listener still accepts")
    await server.stop()


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
async def test_a_file_in_the_way_is_not_removed(folder: Path) -> None:
    path = folder / "notes"
    path.write_text("keep me")
    with pytest.raises(TransportError, match="taken by a file"):
        await listen(f"unix://{path}", lambda channel: Recorder(), role="replica", secret=SECRET)
    assert path.read_text() == "keep me"


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
async def test_nobody_there_is_a_transport_error(address: str) -> None:
    server = await Server(Recorder).start(address)
    await server.stop()
    with pytest.raises(TransportError, match=server.listener.address):
        await connect(server.listener.address, Recorder(), role="client", secret=SECRET)


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
async def test_a_missing_folder_is_a_transport_error(folder: Path) -> None:
    with pytest.raises(TransportError, match="No such file"):
        await listen(f"unix://{folder}/none/s", lambda channel: Recorder(), role="replica", secret=SECRET)


@pytest.mark.asyncio
@pytest.mark.usefixtures("no_leaks")
async def test_port_zero_becomes_a_real_port() -> None:
    for host in ("127.0.0.1", "localhost"):
        server = await Server(Recorder).start(f"tcp://{host}:0")
        assert server.listener.address.startswith("tcp://127.0.0.1:")
        assert int(server.listener.address.rpartition(":")[2]) > 0
        await server.stop()
