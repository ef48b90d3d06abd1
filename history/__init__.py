"""How a rate moved: daily bars, and series read from them."""
