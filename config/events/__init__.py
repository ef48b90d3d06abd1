"""The stream of events: what changed, told to other systems through Kafka. docs/events.md describes it."""
