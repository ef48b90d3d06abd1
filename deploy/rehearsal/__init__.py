"""The web tier as AWS would run it, here: events of its gateways, and a process that is asked as Lambda asks."""
