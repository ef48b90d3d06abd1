"""How data gets in: providers, pipeline, screening, quarantine, raw archive, collection log."""
