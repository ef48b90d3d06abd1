"""The backend: passwords that IAM makes, and a farewell to a writer that is one no longer."""

import contextlib
import os
import socket
from types import TracebackType
from typing import Any

from django.db.backends.mysql.base import DatabaseWrapper as MySql
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property

from config.commit import READ_ONLY
from config.mysql import token

#: Milliseconds until a server that does not even acknowledge is given up. Its silence otherwise takes as
#: long as the slowest query may: read_timeout. A server that is busy acknowledges.
_VANISHED = 3000


class _Errors(DatabaseErrorWrapper):
    """Notes on its way out what the server will say again, however often it is asked."""

    wrapper: "DatabaseWrapper"

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_value is not None and exc_value.args and exc_value.args[0] in READ_ONLY:
            self.wrapper.is_of_former_writer = True
        super().__exit__(exc_type, exc_value, traceback)


class DatabaseWrapper(MySql):
    """Named in DATABASES as `config.mysql`. `IAM_AUTH` there: the password is a token."""

    #: Whether the server has refused a write as read-only. It goes on answering pings.
    is_of_former_writer = False

    @cached_property
    def wrap_database_errors(self) -> DatabaseErrorWrapper:
        return _Errors(self)

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        if self.settings_dict.get("IAM_AUTH"):
            params["password"] = token.current(
                host=params["host"], port=params.get("port", 3306), user=params["user"]
            )
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        # Linux has the option; over a local socket there is nothing to set.
        with (
            contextlib.suppress(OSError, AttributeError),
            socket.socket(fileno=os.dup(connection.fileno())) as line,
        ):
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _VANISHED)
        return connection

    def connect(self) -> None:
        self.is_of_former_writer = False
        super().connect()

    def is_usable(self) -> bool:
        """What a kept connection is asked before its first query of a request."""
        return not self.is_of_former_writer and bool(super().is_usable())
