"""The base of every read: strict parameters in, plain data out, a life for the stored answer."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from config.api.language import preferred
from config.api.query import Query


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
        answer = self.answer(values, language)
        response = answer if isinstance(answer, Response) else Response(answer)
        response["Cache-Control"] = f"public, max-age={self.max_age}" if self.max_age else "no-store"
        response["Vary"] = "Accept-Language"
        return response

    def answer(self, query: dict[str, Any], language: str) -> Any:
        """`data` of the envelope for checked parameters."""
        raise AssertionError(f"{type(self).__name__} declares no answer")
