"""What the service tells of itself: structured logs now, metrics with the production stack."""
