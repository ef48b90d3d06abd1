"""What the ingestor's tests share: a real HTTP server that plays the providers, and a machine for processes."""

from tests.ingestor.provider_server import provider_server
from tests.ingestor.scratch import migrated, scratch

__all__ = ["migrated", "provider_server", "scratch"]
