"""The platform the four domains stand on. It imports none of them."""
