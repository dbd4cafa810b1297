"""Parts of a request as people look at them and copy them: bodies, a line for curl, a line for a handle. Pure.

What is shown is data of strangers: nothing is unpickled, run or rendered to make it.
"""

from __future__ import annotations

import ast
import base64
import json
import re
import shlex

import msgspec

from kernelserve.observe.compare import headers_of, target_of, why_not
from kernelserve.observe.record import PICKLE, Preview, RequestRecord

IMAGE_TYPES = frozenset(
    ("image/avif", "image/bmp", "image/gif", "image/jpeg", "image/png", "image/vnd.microsoft.icon", "image/webp")
)
"""What a browser draws and nothing more: an SVG may hold scripts and links, so it is shown as text."""
_NPY = b"\x93NUMPY"
_NPY_HEADER_BYTES = 10_000
_SPECIAL_IN_URLS = re.compile(r"[\[\]{}]")
_DOTS_IN_URLS = re.compile(r"/\.\.?(?:[/?]|$)")
_OF_CURL = ((b"accept", b"*/*"), (b"host", None), (b"user-agent", None))


class BodyView(msgspec.Struct, frozen=True, kw_only=True):
    """A body as it is shown.

    Attributes:
        form: ``json`` (`text` is the JSON), ``text``, ``image`` (`data` is base64, `content_type` its type), ``array``
            (`text` is dtype and shape) or ``binary`` (`text` says what is known).
        size: of the whole, in bytes; `cut`: there is more than is shown.
    """

    form: str
    content_type: str
    size: int
    text: str = ""
    data: str = ""
    cut: bool = False


def body_view(body: Preview) -> BodyView:
    """How a body can be shown; of a pickle only its size, as reading one may run anything.

    Example:
        >>> body_view(Preview("application/json", b'{"a": 1}', 8)).form
        'json'
        >>> body_view(Preview("application/x-pickle", b"...", 3)).text
        'pickle, 3 bytes'
    """
    kind = media_type(body)
    if kind == PICKLE:
        return _view(body, "binary", f"pickle, {_bytes(body.size)}")
    if body.body.startswith(_NPY):
        described = _npy(body.body)
        if described:
            return _view(body, "array", described)
    if kind in IMAGE_TYPES and body.size and not body.cut:
        return _view(body, "image", data=base64.b64encode(body.body).decode("ascii"))
    text = text_of(body)
    if text is None:
        return _view(body, "binary", f"{kind or 'binary'}, {_bytes(body.size)}")
    return _view(body, "json" if not body.cut and _is_json(kind, text) else "text", text)


def media_type(body: Preview) -> str:
    """The content type without its parameters, in lower case.

    Example:
        >>> media_type(Preview("Text/Plain; charset=utf-8", b"", 0))
        'text/plain'
    """
    return body.content_type.partition(";")[0].strip().lower()


def text_of(body: Preview) -> str | None:
    """What is there of a body as text, or None if it is none."""
    try:
        # A cut body may end within a character.
        text = body.body.decode("utf-8", "ignore" if body.cut else "strict")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def curl_line(record: RequestRecord, base_url: str) -> str:
    """A line for a shell that sends an HTTP request again with curl; "" if it is not on record whole.

    Its headers are those that it came with, `Authorization` and `Cookie` among them, but for those that curl makes.

    Args:
        base_url: of the gateway, such as ``http://127.0.0.1:8000``.
    """
    if why_not(record, record.route) or record.request is None:
        return ""
    url = base_url.rstrip("/") + target_of(record)
    words = ["curl"]
    if record.method == "HEAD":
        words.append("--head")
    elif record.method != "GET" or record.request.body:
        words += ["-X", shlex.quote(record.method)]
    if _SPECIAL_IN_URLS.search(url):
        words.append("--globoff")
    if _DOTS_IN_URLS.search(url):
        words.append("--path-as-is")
    words.append(shlex.quote(url))
    for name, value in headers_of(record):
        if not any(name == theirs and known in (None, value) for theirs, known in _OF_CURL):
            words += ["-H", _header(name.decode("latin-1"), value)]
    return " ".join([*words, *_curl_body(record, record.request)])


def handle_call(record: RequestRecord) -> str:
    """A line of Python that makes the call of a handle again; "" if it cannot be told: see `why_no_handle_call`.

    The arguments are on record as a pickle, which is not read: the line has ``...`` in their place.
    """
    if why_no_handle_call(record):
        return ""
    handle = f"serve.get_deployment_handle({record.path!r}, {record.app!r})"
    method = "" if record.method == "__call__" else f".{record.method}"
    size = record.request.size if record.request is not None else 0
    return f"{handle}{method}.remote(...)  # its arguments: a pickle of {_bytes(size)}"


def why_no_handle_call(record: RequestRecord) -> str:
    """Why there is no line for a handle, for people; "" if there is one."""
    if not isinstance(record.status, str):
        return (
            f"It came by HTTP ({record.method}): its code gets the request itself, and a handle passes arguments. "
            "Copy it as curl."
        )
    if record.path.startswith("/"):
        return f"It came by gRPC ({record.path}). Send it with the client of its service."
    return ""


def _view(body: Preview, form: str, text: str = "", data: str = "") -> BodyView:
    return BodyView(
        form=form, content_type=body.content_type, size=body.size, text=text, data=data, cut=body.cut
    )  # fmt: skip


def _bytes(count: int) -> str:
    return f"{count:,} byte{'' if count == 1 else 's'}"


def _is_json(kind: str, text: str) -> bool:
    if not (kind == "application/json" or kind.endswith("+json")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _npy(data: bytes) -> str:
    """Type and shape in the header of a ``.npy`` file, as text; "" if it has none."""
    wide = data[6:7] in (b"\x02", b"\x03")
    begin = 12 if wide else 10
    length = int.from_bytes(data[8:begin], "little")
    if length > _NPY_HEADER_BYTES or len(data) < begin + length:
        return ""
    try:
        header = ast.literal_eval(data[begin : begin + length].decode("latin-1").strip())
        dtype, shape = header["descr"], header["shape"]
    except (ValueError, SyntaxError, KeyError, TypeError, MemoryError, RecursionError):
        return ""
    order = ", Fortran order" if header.get("fortran_order") is True else ""
    return f"{_dtype_name(dtype)} {shape}{order}"


_DTYPE_KINDS = {"f": "float", "i": "int", "u": "uint", "c": "complex", "b": "bool"}


def _dtype_name(descr: object) -> str:
    """``<f4`` → ``float32``; what is no plain number stays as it is."""
    found = re.fullmatch(r"[<>|=]?([fiucb])(\d+)", descr) if isinstance(descr, str) else None
    if found is None:
        return str(descr)
    kind, size = _DTYPE_KINDS[found[1]], int(found[2])
    return kind if kind == "bool" else f"{kind}{8 * size}"


def _header(name: str, value: bytes) -> str:
    text = value.decode("utf-8", "surrogateescape")
    # With a colon and nothing behind it curl would leave the header out.
    return _quoted(f"{name}: {text}" if text else f"{name};")


def _curl_body(record: RequestRecord, body: Preview) -> list[str]:
    if not body.body:
        return []
    # Else curl would say that it is a form.
    untyped = [] if any(name == b"content-type" for name, _ in record.headers) else ["-H", "'content-type:'"]
    text = text_of(body)
    if text is None:
        what = f"{media_type(body) or 'binary'}, {_bytes(body.size)}"
        return [*untyped, "--data-binary", "@body.bin", f" # put the body into body.bin: {what}"]
    return [*untyped, "--data-raw", _quoted(text)]


def _quoted(text: str) -> str:
    """As one word of a shell; no control character is in the line itself, where a terminal would obey it."""
    if all(char.isprintable() for char in text):
        return shlex.quote(text)
    return f"$'{''.join(map(_escaped, text))}'"


def _escaped(char: str) -> str:
    if char in "\\'":
        return "\\" + char
    if char == "\n":
        return "\\n"
    if char.isprintable():
        return char
    # What follows may be a hexadecimal digit, so the escapes have their full length.
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogateescape"))
