"""Reading a request's bytes: JSON bodies and multipart forms, and what is wrong with those that cannot be read.

A vendor refuses a request that is none before any script is asked; the refusal carries what its error body needs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from email.parser import BytesParser
from email.policy import HTTP
from typing import TypeAlias, cast

JSONMapping: TypeAlias = Mapping[str, object]


class RefusedRequestError(Exception):
    """The vendor would refuse this request as it stands.

    Attributes:
        status: the HTTP status.
        message: the vendor's words.
        parameter: the parameter that is wrong, None where it is the whole request.
        code: the vendor's code for it, None where it has none.
    """

    def __init__(self, status: int, message: str, *, parameter: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.parameter = parameter
        self.code = code


def read_object(body: bytes, complaint: str) -> JSONMapping:
    """Parse a body that has to be a JSON object.

    Raises:
        RefusedRequestError: it is none; `complaint` are the vendor's words.
    """
    try:
        parsed: object = json.loads(body)
    except ValueError as error:
        raise RefusedRequestError(400, complaint) from error
    if not isinstance(parsed, dict):
        raise RefusedRequestError(400, complaint)
    return cast("JSONMapping", parsed)


def read_form(body: bytes, content_type: str) -> dict[str, object]:
    """Parse a multipart form; a file is its bytes, under its field's name, its name under "<field>_name"."""
    head = f"content-type: {content_type}\r\nmime-version: 1.0\r\n\r\n".encode()
    form = BytesParser(policy=HTTP).parsebytes(head + body)
    fields: dict[str, object] = {}
    for part in form.iter_parts():
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(data, bytes):
            continue
        filename = part.get_filename()
        if filename is None:
            fields[name] = data.decode("utf-8", "replace")
        else:
            fields[name] = data
            fields[f"{name}_name"] = filename
    return fields


_BOUNDARY = "llmclient-form"


def write_form(fields: object, files: object) -> tuple[bytes, str]:
    """A multipart form and its content type, as `read_form` reads them (RFC 7578).

    Args:
        fields: a mapping of names to values, sent as text.
        files: `(field, (name, content, media type))` of each file.
    """
    parts: list[bytes] = []
    for name, value in mapping(fields).items():
        head = f'content-disposition: form-data; name="{name}"\r\n\r\n'
        parts += [f"{head}{item}".encode() for item in sequence(value) or (value,)]
    for field, (name, content, media_type) in cast("Sequence[tuple[str, tuple[str, bytes, str]]]", files):
        head = f'content-disposition: form-data; name="{field}"; filename="{name}"\r\ncontent-type: {media_type}'
        parts.append(f"{head}\r\ncontent-transfer-encoding: binary\r\n\r\n".encode() + content)
    cut = f"--{_BOUNDARY}".encode()
    body = b"".join(cut + b"\r\n" + part + b"\r\n" for part in parts) + cut + b"--\r\n"
    return body, f"multipart/form-data; boundary={_BOUNDARY}"


def mapping(value: object) -> JSONMapping:
    """`value` where it is a JSON object, else an empty one."""
    return cast("JSONMapping", value) if isinstance(value, Mapping) else {}


def sequence(value: object) -> Sequence[object]:
    """`value` where it is a JSON array, else an empty one."""
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return cast("Sequence[object]", value)
    return ()


def mappings(value: object) -> list[JSONMapping]:
    """The objects in a JSON array."""
    return [cast("JSONMapping", item) for item in sequence(value) if isinstance(item, Mapping)]


def text_or_parts(parts: Sequence[JSONMapping]) -> str | list[JSONMapping]:
    """Content as people write it: one plain text part is a string."""
    if len(parts) == 1 and set(parts[0]) == {"type", "text"} and parts[0]["type"] == "text":
        return str(parts[0]["text"])
    return list(parts)
