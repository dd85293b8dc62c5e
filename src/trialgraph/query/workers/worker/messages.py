"""Messages between server and workers: two lengths, a JSON header, a body, files beside."""

import array
import json
import socket
import struct
from typing import Any, Final

LENGTHS: Final = struct.Struct("!II")
INLINE_BYTES: Final = 256 * 1024
"""A result up to this size travels through the socket, a larger one through the spool file."""
_TWO_FILES: Final = socket.CMSG_SPACE(2 * array.array("i").itemsize)


def receive(channel: socket.socket, at_once: int = LENGTHS.size) -> tuple[bytes, list[int]]:
    """Return the next request and the files that came with it; no bytes when the other side is gone.

    The first reading takes `at_once` bytes: by itself only the lengths, since more could be of the next message; who
    gets none before it has answered may read all at once.
    """
    descriptors = array.array("i")
    message, ancillary, _, _ = channel.recvmsg(at_once, _TWO_FILES)
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(content)
    if len(message) < LENGTHS.size:
        return b"", []
    size = LENGTHS.size + sum(LENGTHS.unpack_from(message))
    if len(message) < size:
        message += channel.recv(size - len(message), socket.MSG_WAITALL)
    return (message[LENGTHS.size :] if len(message) == size else b""), list(descriptors)


def send(channel: socket.socket, header: dict[str, Any], body: bytes = b"") -> None:
    """Send one message."""
    head = json.dumps(header).encode()
    channel.sendall(LENGTHS.pack(len(head), len(body)) + head + body)
