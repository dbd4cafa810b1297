from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernelserve.exceptions import AuthenticationError
from kernelserve.transport.handshake import MAX_UNAUTHENTICATED, ROLES, VERSION, Handshake

SECRET = b"secret"


def pair(near_secret: bytes = SECRET, far_secret: bytes = SECRET) -> tuple[Handshake, Handshake]:
    return (
        Handshake("client", near_secret, connector=True),
        Handshake("controller", far_secret, connector=False),
    )


@pytest.mark.parametrize("near_role", ROLES)
@pytest.mark.parametrize("far_role", ROLES)
def test_both_sides_learn_the_peers_role(near_role: str, far_role: str) -> None:
    near = Handshake(near_role, SECRET, connector=True)
    far = Handshake(far_role, SECRET, connector=False)
    assert far.start() == b""
    assert far.feed(near.feed(far.feed(near.start()))) == b""
    assert near.done and far.done
    assert (near.peer_role, far.peer_role) == (far_role, near_role)


@given(st.integers(1, 30))
def test_messages_may_come_in_pieces(step: int) -> None:
    near, far = pair()

    def pass_on(data: bytes, side: Handshake) -> bytes:
        return b"".join(side.feed(data[i : i + step]) for i in range(0, len(data), step))

    assert pass_on(pass_on(pass_on(near.start(), far), near), far) == b""
    assert near.done and far.done


def test_frames_may_follow_the_last_message_at_once() -> None:
    near, far = pair()
    last = near.feed(far.feed(near.start()))
    far.feed(last + b"frame")
    assert far.leftover == b"frame"


def test_no_message_is_over_the_limit_before_authentication() -> None:
    near, far = pair()
    hello = near.start()
    reply = far.feed(hello)
    assert len(reply) <= MAX_UNAUTHENTICATED
    assert len(hello) + len(near.feed(reply)) <= MAX_UNAUTHENTICATED


def test_another_secret_fails_at_the_connector() -> None:
    near, far = pair(far_secret=b"other")
    with pytest.raises(AuthenticationError, match="does not know this cluster's secret"):
        near.feed(far.feed(near.start()))


def test_another_secret_fails_at_the_acceptor() -> None:
    near, far = pair()
    far.feed(near.start())
    with pytest.raises(AuthenticationError, match="secret"):
        far.feed(bytes(32))
    assert not far.done


def test_another_version_is_named() -> None:
    near, far = pair()
    hello = bytearray(near.start())
    hello[2] = VERSION + 1
    with pytest.raises(AuthenticationError, match=f"version {VERSION + 1}.*version {VERSION}"):
        far.feed(bytes(hello))


def test_an_unknown_role_is_refused() -> None:
    near, far = pair()
    hello = bytearray(near.start())
    hello[3] = 99
    with pytest.raises(AuthenticationError, match="unknown role: 99"):
        far.feed(bytes(hello))
    with pytest.raises(ValueError, match="'intruder'"):
        Handshake("intruder", SECRET, connector=True)


def test_a_changed_role_breaks_the_proof() -> None:
    near, far = pair()
    hello = bytearray(near.start())
    hello[3] = ROLES["controller"]
    with pytest.raises(AuthenticationError, match="secret"):
        near.feed(far.feed(bytes(hello)))


def test_a_reflected_proof_is_refused() -> None:
    """An attacker without the secret sends an acceptor's own messages back to it."""
    far = Handshake("controller", SECRET, connector=False)
    hello = Handshake("client", b"unknown", connector=True).start()
    proof = far.feed(hello)[len(hello) :]
    with pytest.raises(AuthenticationError, match="secret"):
        far.feed(proof)


def test_an_acceptors_proof_is_no_connectors_proof_on_a_second_connection() -> None:
    """The acceptor's nonce and proof of one connection, replayed into another to the same acceptor."""
    first = Handshake("controller", SECRET, connector=False)
    second = Handshake("controller", SECRET, connector=False)
    hello = Handshake("controller", b"unknown", connector=True).start()
    challenge = first.feed(hello)
    proof = second.feed(challenge[: len(hello)])[len(hello) :]
    with pytest.raises(AuthenticationError, match="secret"):
        first.feed(proof)


def test_a_connector_that_gets_its_own_messages_back_refuses_them() -> None:
    near = Handshake("client", SECRET, connector=True)
    hello = near.start()
    assert near.feed(hello) == b""
    with pytest.raises(AuthenticationError):
        near.feed(bytes(32))


def test_a_recorded_exchange_is_worth_nothing_later() -> None:
    near, far = pair()
    hello = near.start()
    last = near.feed(far.feed(hello))
    later = Handshake("controller", SECRET, connector=False)
    later.feed(hello)
    with pytest.raises(AuthenticationError, match="secret"):
        later.feed(last)


def test_more_than_the_first_message_is_refused_before_the_answer() -> None:
    near, far = pair()
    with pytest.raises(AuthenticationError, match="does not wait"):
        far.feed(near.start() + b"x")


@given(st.booleans(), st.lists(st.binary(min_size=1, max_size=80), min_size=1))
def test_random_bytes_never_authenticate(connector: bool, chunks: list[bytes]) -> None:
    side = Handshake("replica", SECRET, connector=connector)
    taken = 0
    try:
        for chunk in chunks:
            side.feed(chunk)
            taken += len(chunk)
    except AuthenticationError:
        pass
    assert not side.done
    assert taken <= MAX_UNAUTHENTICATED


def test_the_secret_is_not_shown() -> None:
    assert "secret" not in repr(Handshake("client", b"secret", connector=True))
