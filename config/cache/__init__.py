"""Three tiers: process memory, the shared cache, and the database behind them."""
