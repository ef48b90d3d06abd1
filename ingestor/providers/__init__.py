"""One module a provider, named by its key; found by looking, never listed."""
