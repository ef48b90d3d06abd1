"""What a currency and a destination are, and what one costs now."""
