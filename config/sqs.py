"""SQS for Celery's workers, where kombu 5.7 dies or goes deaf when SQS stumbles.

A poll that SQS answers with an error, or whose connection breaks, is an empty poll: the next one
follows. kombu takes the error's empty list for a dictionary, and the worker ends. A poll that is
never answered ends by a time-out; kombu sets none, and the worker waits for ever.
"""

from typing import Any

import structlog
from botocore.exceptions import BotoCoreError
from botocore.parsers import ResponseParserError
from kombu.asynchronous.aws.connection import AsyncHTTPSConnection
from kombu.asynchronous.aws.sqs.connection import AsyncSQSConnection
from kombu.transport import SQS

from config import pulse

#: Seconds beyond the long poll after which a silent connection is given up, and to connect in.
_PATIENCE, _CONNECT = 10, 5

log = structlog.get_logger(__name__)


class _Request(AsyncHTTPSConnection):
    """One poll over curl, with an end."""

    def __init__(self, wait_seconds: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._wait_seconds = wait_seconds

    def getrequest(self) -> Any:
        request = super().getrequest()
        request.on_prepare = self._prepare
        return request

    def _prepare(self, curl: Any) -> None:
        import pycurl  # who only sends, as the web tier does, has none

        curl.setopt(pycurl.CONNECTTIMEOUT, _CONNECT)
        curl.setopt(pycurl.TIMEOUT, self._wait_seconds + _PATIENCE)
        curl.setopt(pycurl.TCP_KEEPALIVE, 1)


class _Connection(AsyncSQSConnection):
    """Polls one queue, and tells of every answer."""

    def __init__(self, wait_seconds: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._wait_seconds = wait_seconds

    def get_http_connection(self) -> _Request:
        return _Request(self._wait_seconds, http_client=self._httpclient)

    def _on_list_ready(self, parent: Any, markers: Any, operation: str, response: Any) -> dict[str, Any]:
        if response.status == self.STATUS_CODE_OK:
            try:
                answer: dict[str, Any] = super()._on_list_ready(parent, markers, operation, response)
            except ResponseParserError as exc:
                log.warning("queue_answer_unreadable", error=str(exc))
                return {}
            pulse.expect_by(pulse.IDLE)
            return answer
        # Refusals, too: credentials heal like servers do. If they do not, the pulse tells, and the
        # worker is started again.
        told = response.read() or response.reason
        log.warning("queue_does_not_answer", status=response.status, reason=str(told)[:200])
        return {}


class Channel(SQS.Channel):
    """kombu's channel, over connections that live on."""

    def asynsqs(self, queue: str | None = None) -> _Connection:
        clients = self._predefined_queue_async_clients
        if queue not in clients:
            clients[queue] = _Connection(
                self.wait_time_seconds, sqs_connection=self.sqs(queue=queue), region=self.region
            )
        connection: _Connection = clients[queue]
        return connection

    def _schedule_queue(self, queue: str) -> None:
        try:
            super()._schedule_queue(queue)
        except BotoCoreError as exc:
            # Signing a request may mean fetching new credentials. From a timer this would be logged,
            # and the queue never polled again.
            log.warning("queue_not_asked", error=str(exc))
            self._loop1(queue)


class Transport(SQS.Transport):
    """Named in CELERY_BROKER_TRANSPORT."""

    Channel = Channel
