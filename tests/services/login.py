"""The first words between a MySQL client and RDS: TLS, and then the demand for the password as it is.

MariaDB cannot be made to ask for it so (its way is PAM's, with files in /etc), and RDS is not here.
What is said: MySQL's client/server protocol, "connection phase".
"""

import contextlib
import socket
import ssl
import threading

_GREETING = (
    b"\x0a8.0.36\x00"
    b"\x01\x00\x00\x00"  # the connection's number
    b"12345678\x00"  # the first part of a salt that nobody will use
    b"\x0b\xaa"  # capabilities: TLS (0x0800), protocol 4.1 and its passwords (0xa20b)
    b"\x2d\x02\x00"  # utf8mb4, autocommit
    b"\x38\x00"  # capabilities: plugins for passwords (0x0008), of any length (0x0020)
    b"\x15" + bytes(10) + b"123456789012\x00mysql_native_password\x00"
)
_AS_IT_IS = b"\xfemysql_clear_password\x00"
_DENIED = b"\xff\x15\x04#28000Access denied"


class Login:
    """A server at `port` that takes the passwords of whoever comes, and lets nobody in."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self.passwords: list[str] = []
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            # Who does not trust us hangs up.
            with connection, contextlib.suppress(OSError, EOFError):
                connection.settimeout(5)
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        _say(connection, 0, _GREETING)
        _hear(connection)  # "TLS, please": no name yet
        with self._tls.wrap_socket(connection, server_side=True) as secret:
            _hear(secret)  # the user's name, and a password hashed with the salt
            _say(secret, 3, _AS_IT_IS)
            self.passwords.append(_hear(secret).rstrip(b"\x00").decode())
            _say(secret, 5, _DENIED)


def _say(connection: socket.socket, number: int, words: bytes) -> None:
    connection.sendall(len(words).to_bytes(3, "little") + bytes([number]) + words)


def _hear(connection: socket.socket) -> bytes:
    length = int.from_bytes(_exactly(connection, 4)[:3], "little")
    return _exactly(connection, length)


def _exactly(connection: socket.socket, length: int) -> bytes:
    heard = b""
    while len(heard) < length:
        if not (more := connection.recv(length - len(heard))):
            raise EOFError
        heard += more
    return heard
