"""Where people want to go: selections, their counts, and the rankings made of them."""
