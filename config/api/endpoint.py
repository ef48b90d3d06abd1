"""The base of every endpoint: strict parameters in, plain data out, a life for the stored answer."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from config.api.body import Body
from config.api.language import preferred
from config.api.query import Query
from config.cache import lifetime


class NoParameters(Query):
    """For endpoints that take none: even then an unknown one is an error."""


class ReadEndpoint(APIView):
    """GET and HEAD. A subclass declares what it takes and gives, and answers in `answer`."""

    http_method_names = ["get", "head", "options"]
    query: ClassVar[type[Query]] = NoParameters
    answer_schema: ClassVar[type[Serializer[Any]]]
    #: Error codes this endpoint can give besides those every endpoint has; for the schema.
    error_codes: ClassVar[tuple[str, ...]] = ()
    #: Seconds an answer may be told again; ingestion ends it earlier inside the service.
    max_age: ClassVar[int] = 60
    enveloped: ClassVar[bool] = True

    def get(self, request: Request, **path: str) -> Response:
        language = preferred(request.headers.get("Accept-Language", ""))
        values = self.query.read(request.query_params, path)
        life = self.life()  # first: what ends at midnight was asked before midnight
        with lifetime.watched() as limit:
            answer = self.answer(values, language)
        life = limit.within(life)
        response = answer if isinstance(answer, Response) else Response(answer)
        late = ", must-revalidate" if self.query.insists(values) else ""
        response["Cache-Control"] = f"public, max-age={life}{late}" if life else "no-store"
        response["Vary"] = "Accept-Language"
        return response

    def life(self) -> int:
        """Seconds for which the answer that is about to be given may be told again."""
        return self.max_age

    def answer(self, query: dict[str, Any], language: str) -> Any:
        """`data` of the envelope for checked parameters."""
        raise AssertionError(f"{type(self).__name__} declares no answer")


class WriteEndpoint(APIView):
    """POST. A subclass declares what it takes and gives, and does its work in `perform`.

    Answers are never kept, neither by us nor by anybody on the way.
    """

    http_method_names = ["post", "options"]
    query: ClassVar[type[Query]] = NoParameters
    #: None where the body does not matter.
    body: ClassVar[type[Body] | None] = None
    answer_schema: ClassVar[type[Serializer[Any]]]
    success_status: ClassVar[int] = 200
    #: Whether an Idempotency-Key makes a second request the first one's retry.
    is_idempotent: ClassVar[bool] = False
    #: Error codes this endpoint can give besides those every endpoint has; for the schema.
    error_codes: ClassVar[tuple[str, ...]] = ()

    def post(self, request: Request, **path: str) -> Response:
        query = self.query.read(request.query_params, path)
        body: dict[str, Any] = {}
        if self.body is not None:
            given: Any = request.data  # of JsonObject, which gives nothing else
            body = self.body.read(given)
        response = Response(self.perform(request, query, body), status=self.success_status)
        response["Cache-Control"] = "no-store"
        return response

    def perform(self, request: Request, query: dict[str, Any], body: dict[str, Any]) -> Any:
        """`data` of the envelope for checked parameters, once the work is done."""
        raise AssertionError(f"{type(self).__name__} performs nothing")
