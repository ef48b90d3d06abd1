"""What every way into the web tier has to answer."""

#: (path, query) of everything the contract lets anybody read, and what a page is made of.
READS = (
    ("/api/v1/currencies", ""),
    ("/api/v1/currencies/USD", ""),
    ("/api/v1/currencies/convert", "from=USD&to=JPY&amount=100"),
    ("/api/v1/currencies/latest", "symbols=USD%2CJPY&details=true"),
    ("/api/v1/currencies/price-index", "country=JP"),
    ("/api/v1/history", "period=1m&target=USD"),
    ("/api/v1/history/compare", "targets=USD%2CJPY&period=1m"),
    ("/api/v1/history/forecast/USD", "days=7"),
    ("/api/v1/history/stats", "target=USD&period=6m"),
    ("/api/v1/rankings", "period=daily"),
    ("/api/v1/rankings/stats/JP", "period=7d"),
    ("/api/docs", ""),
    ("/api/schema", ""),
    ("/health", ""),
    ("/health/live", ""),
    ("/health/ready", ""),
    ("/version", ""),
    ("/", ""),
    ("/en/", ""),
    ("/manifest.webmanifest", ""),
    ("/service-worker.js", ""),
)
