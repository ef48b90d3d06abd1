"""What a first visit costs: requests, compressed bytes, and when the largest part is painted."""

from dataclasses import dataclass

from playwright.sync_api import Browser

from tests.e2e.browser import PHONE, visitor

#: A slow phone on a mobile network, as Lighthouse's "slow 4G": bits a second, ms of latency, times slower.
_DOWN, _UP, _LATENCY, _SLOWER = 1_638_400, 750_000, 150, 4


@dataclass(frozen=True, slots=True)
class Weight:
    """`bytes` as they came over the wire, headers aside; times in ms since the navigation began."""

    requests: int
    bytes: int
    first_paint: float
    largest_paint: float
    shift: float


_PAINTS = """() => new Promise(done => {
  const told = {largest: 0, shift: 0};
  new PerformanceObserver(list => { for (const e of list.getEntries()) told.largest = e.startTime; })
    .observe({type: "largest-contentful-paint", buffered: true});
  new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) told.shift += e.value; })
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => done({...told, first: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0}), 300);
})"""


def first_visit(browser: Browser, address: str, path: str, *, slow: bool = False) -> Weight:
    """Open `path` on a phone that has never been here; `slow` throttles network and processor.

    Without its service worker, which fetches for later what this page does not need.
    """
    with visitor(browser, address, service_workers="block", **PHONE) as context:
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        if slow:
            session.send(
                "Network.emulateNetworkConditions",
                {
                    "offline": False,
                    "latency": _LATENCY,
                    "downloadThroughput": _DOWN / 8,
                    "uploadThroughput": _UP / 8,
                },
            )
            session.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
        sizes: dict[str, float] = {}
        session.on("Network.dataReceived", lambda told: _add(sizes, told))
        page.goto(path)
        page.wait_for_load_state("networkidle")
        paints = page.evaluate(_PAINTS)
        watch = context.watch  # type: ignore[attr-defined]
        watch.troubles[:] = [
            told for told in watch.troubles if "registration blocked by Playwright" not in told
        ]
    return Weight(len(sizes), int(sum(sizes.values())), paints["first"], paints["largest"], paints["shift"])


def _add(sizes: dict[str, float], told: dict[str, object]) -> None:
    request, came = str(told["requestId"]), float(str(told["encodedDataLength"]))
    sizes[request] = sizes.get(request, 0.0) + came
