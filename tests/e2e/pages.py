"""Every page a traveller can open, by the name of its address, as the checks of all pages visit it."""

#: {name of the picture: address in Korean}; English is the same behind /en.
PAGES = {
    "home": "/",
    "search": "/search?q=엔",
    "compare": "/compare?countries=JP,US,TH",
    "compare-empty": "/compare",
    "currency": "/currencies/USD?period=1y",
    "convert": "/convert?from=KRW&to=JPY&amount=1000000",
    "rankings": "/rankings",
    "about": "/about",
    "method": "/about/methods/forecast",
    "trip": "/trip?countries=JP,US,EU",
    "refused": "/compare?countries=XX",
    "not-found": "/nowhere",
}


def addressed(path: str, language: str) -> str:
    """The page in `language`."""
    return path if language == "ko" else f"/en{path}"
