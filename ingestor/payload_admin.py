"""What a run has fetched, byte for byte as it came: the evidence behind every figure, to be saved and read."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from ingestor import archive
from ingestor.models import CollectionLog


def payload(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The `number`-th answer of a run, from 0, as a file. Raises: Http404; PermissionDenied.

    Never shown in place: it is a stranger's text, and the admin is no place to run it.
    """
    if not request.user.has_perm("ingestor.view_collectionlog"):
        raise PermissionDenied
    payloads = get_object_or_404(CollectionLog, pk=pk).payloads
    if number >= len(payloads):
        raise Http404
    key = payloads[number].get("archive_key", "")
    try:
        body = archive.read(key)
    except FileNotFoundError as exc:
        raise Http404 from exc
    name = key.rpartition("/")[2].removesuffix(".gz")
    return HttpResponse(
        body,
        content_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
