"""What people see of a body, and the lines that they copy."""

from __future__ import annotations

import io
import pickle
import subprocess
from typing import Any

import numpy
import pytest

from kernelserve.observe.record import PICKLE, Preview, RequestRecord, preview
from kernelserve.observe.trace_views import body_view, curl_line, handle_call, why_no_handle_call

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


class Trap:
    """Unpickling it fails the test."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("raise AssertionError('a view has unpickled something')",))


def npy(array: Any) -> bytes:
    file = io.BytesIO()
    numpy.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content_type", "body", "form", "text"),
    [
        pytest.param("application/json; charset=utf-8", b'{"a": 1}', "json", '{"a": 1}', id="json"),
        pytest.param("application/problem+json", b"[]", "json", "[]", id="plus-json"),
        pytest.param("application/json", b"{broken", "text", "{broken", id="no-json"),
        pytest.param("application/json", b"[" * 50_000, "text", "[" * 50_000, id="deep-json"),
        pytest.param("text/html", "<b>é".encode(), "text", "<b>é", id="text"),
        pytest.param("image/svg+xml", b"<svg/>", "text", "<svg/>", id="svg"),
        pytest.param("image/png", PNG, "image", "", id="image"),
        pytest.param("application/octet-stream", b"\0\xff", "binary", "application/octet-stream, 2 bytes", id="bytes"),
        pytest.param("", b"\xff", "binary", "binary, 1 byte", id="untyped"),
        pytest.param("application/octet-stream", npy(numpy.zeros((2, 3), "f4")), "array", "float32 (2, 3)", id="array"),
        pytest.param("", npy(numpy.zeros(1, "M8[s]")), "array", "<M8[s] (1,)", id="odd-array"),
        pytest.param("", b"\x93NUMPY\x01\x00\x04\x00(((((", "binary", "binary, 15 bytes", id="broken-array"),
        pytest.param(PICKLE, pickle.dumps(Trap()), "binary", f"pickle, {len(pickle.dumps(Trap()))} bytes", id="pickle"),
        pytest.param("application/json", b"", "text", "", id="empty"),
    ],
)
def test_a_body_is_shown_as_what_it_is(content_type: str, body: bytes, form: str, text: str) -> None:
    view = body_view(preview(content_type, body))
    assert (view.form, view.text, view.size, view.cut) == (form, text, len(body), False)
    assert bool(view.data) == (form == "image")


def test_a_cut_body_says_so_and_is_no_image() -> None:
    assert body_view(Preview("application/json", b'{"a', 90)).form == "text"
    cut = body_view(Preview("image/png", PNG, 100_000))
    assert (cut.form, cut.text, cut.cut) == ("binary", "image/png, 100,000 bytes", True)
    assert body_view(Preview("text/plain", "é".encode()[:1], 2)).text == ""


def http(**fields: Any) -> RequestRecord:
    base = {"id": "a", "time": 1.0, "app": "shop", "status": 200, "duration_s": 0.1, "route": "/s", "method": "POST",
            "path": "/s", "request": preview("", b"")}  # fmt: skip
    return RequestRecord(**{**base, **fields})  # type: ignore[arg-type]


def words(line: str) -> list[str]:
    """What a shell makes of a line."""
    printed = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True, timeout=60
    ).stdout
    return printed.decode().split("\0")[:-1]


def test_a_line_for_curl_survives_the_shell() -> None:
    body = '{"it\'s": "$HOME `id` \\\\ é"}\n\x1b[201~'
    headers = ((b"host", b"h"), (b"content-type", b"application/json"), (b"x-a", b"it's; \"q\" $X"), (b"x-empty", b""),
               (b"accept", b"*/*"), (b"content-length", b"9"), (b"x-request-id", b"a"))  # fmt: skip
    record = http(path="/s/a b?q=[1]&r='", headers=headers, request=preview("application/json", body.encode()))
    line = curl_line(record, "http://127.0.0.1:8000/")
    assert line.isprintable()
    assert words(line) == [
        "curl", "-X", "POST", "--globoff", "http://127.0.0.1:8000/s/a%20b?q=[1]&r='", "-H",
        "content-type: application/json", "-H", "x-a: it's; \"q\" $X", "-H", "x-empty;", "--data-raw", body,
    ]  # fmt: skip


def test_a_line_for_curl_says_where_a_binary_body_belongs() -> None:
    line = curl_line(http(request=preview("", b"\xff\0"), path="/s/../x"), "http://h")
    assert words(line) == [
        "curl", "-X", "POST", "--path-as-is", "http://h/s/../x", "-H", "content-type:", "--data-binary", "@body.bin",
    ]  # fmt: skip
    assert line.endswith("# put the body into body.bin: binary, 2 bytes")
    assert curl_line(http(method="GET"), "http://h") == "curl http://h/s"
    assert curl_line(http(method="HEAD"), "http://h") == "curl --head http://h/s"


def test_what_is_not_on_record_whole_has_no_line() -> None:
    for fields in ({"status": "ok"}, {"redacted": True}, {"request": Preview("", b"a", 5)}):
        assert curl_line(http(**fields), "http://h") == ""


def test_a_line_for_a_handle_leaves_the_pickled_arguments_open() -> None:
    call = http(status="ok", route="", path="Index", method="search", request=preview(PICKLE, pickle.dumps(Trap())))
    line = handle_call(call)
    assert line.startswith("serve.get_deployment_handle('Index', 'shop').search.remote(...)  # its arguments: a pickle")
    assert handle_call(http(status="error", route="", path="Index", method="__call__")).startswith(
        "serve.get_deployment_handle('Index', 'shop').remote(...)"
    )
    assert why_no_handle_call(call) == ""


def test_requests_by_http_and_grpc_have_no_line_for_a_handle() -> None:
    for record, word in ((http(), "curl"), (http(status="ok", path="/pkg.Shop/Buy"), "gRPC")):
        assert handle_call(record) == ""
        assert word in why_no_handle_call(record)
