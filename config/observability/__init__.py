"""What the service tells of itself: structured logs and measurements."""
