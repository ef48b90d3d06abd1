"""A cable that can be pulled: a small TCP proxy between our server and a database or cache."""

import contextlib
import selectors
import socket
import ssl
import threading
from typing import cast


class Cable:
    """Forwards connections to `host:port` from a port of its own, until it is pulled.

    `pull()` drops every connection and refuses new ones, as a server that has died;
    `silence()` keeps connections open and passes nothing on, as a black hole;
    `answer(words)` says the same to whatever is asked, or to what has `to` in it, and hangs up, always
    or so many `times`; `plug()` heals all of it. `swallowed` counts what was not passed on, `taken`
    the connections that were made. With `tls` its near end speaks TLS, whatever the far end does.
    """

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._target = (host, port)
        self._tls = tls
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._silent = False
        self._answer: bytes | None = None
        self._to = b""
        self._times = 0
        self.swallowed = 0
        self.taken = 0
        self._listener: socket.socket | None = None
        self.port = 0
        self.plug()

    def plug(self) -> None:
        self._silent = False
        self._answer = None
        if self._listener is not None:
            return
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(64)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def silence(self) -> None:
        self._silent = True

    def answer(self, words: bytes, *, to: bytes = b"", times: int = 1_000_000) -> None:
        self._to, self._times = to, times
        self._answer = words

    def pull(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            # accept() in the other thread only wakes for a shutdown, not for a close.
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._lock:
            ends, self._open = self._open, set()
        for end in ends:
            _close(end)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            self.taken += 1
            try:
                if self._tls is not None:
                    near = self._tls.wrap_socket(near, server_side=True)
                far = socket.create_connection(self._target, timeout=5)
            except OSError:  # who does not trust us; or nobody is there
                _close(near)
                continue
            with self._lock:
                self._open |= {near, far}
            threading.Thread(target=self._forward, args=(near, far), daemon=True).start()

    def _forward(self, near: socket.socket, far: socket.socket) -> None:
        other = {near: far, far: near}
        with selectors.DefaultSelector() as ready:
            try:
                for end in (near, far):
                    ready.register(end, selectors.EVENT_READ)
                while True:
                    for key, _ in ready.select():
                        end = cast(socket.socket, key.fileobj)
                        data = end.recv(65536)
                        if not data:
                            return
                        if (words := self._answer) is not None and end is near and self._to in data:
                            self.swallowed += 1
                            self._times -= 1
                            if not self._times:
                                self._answer = None
                            near.sendall(words)
                            _hang_up(near)
                            return
                        if self._silent:
                            self.swallowed += 1
                        else:
                            other[end].sendall(data)
            except (OSError, ValueError):
                return
            finally:
                for end in other:
                    _close(end)


def _hang_up(end: socket.socket) -> None:
    """Not before the rest of the question is in: a reset would take the answer with it."""
    end.shutdown(socket.SHUT_WR)
    end.settimeout(0.2)
    with contextlib.suppress(TimeoutError):
        while end.recv(65536):
            pass


def _close(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
