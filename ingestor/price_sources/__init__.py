"""One module a source of prices, named by its key; found by looking, never listed."""
