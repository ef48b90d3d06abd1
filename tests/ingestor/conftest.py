"""What the ingestor's tests share: a real HTTP server that plays the providers."""

from tests.ingestor.provider_server import provider_server

__all__ = ["provider_server"]
