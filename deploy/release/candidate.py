"""The candidate: made, put where it can be asked, and asked."""

from collections.abc import Iterable
from datetime import UTC, datetime

import httpx

from deploy.release import images, journal, screen, smoke, traffic, versions
from deploy.release.journal import Release
from deploy.release.outcome import Refused
from deploy.release.place import Place
from deploy.release.signed import Signed


def green(place: Place, *, commit: str) -> Release:
    """Publish the commit's image as a version and point `green` at it. Nobody receives it yet."""
    with place.book.held() as book:
        going_on = book.release
        if going_on and (going_on.state, going_on.commit) == (journal.SHIFTING, commit):
            screen.say(f"version {going_on.version} has traffic already: `switch` goes on")
            return going_on
        if going_on and going_on.state in {journal.SHIFTING, journal.ROLLING_BACK}:
            raise Refused(
                f"{going_on.commit[:12]} is {going_on.state} (version {going_on.version}): "
                "first `switch` it to its end, or `rollback`"
            )
        live = place.live.read()
        if live and live.other:
            raise Refused(f"`live` is divided between {live.version} and {live.other}: `rollback` first")
        digest = images.digest(place.images, "web", commit)
        if not digest:
            raise Refused(f"there is no image of {commit[:12]}: `build` it first")
        image = f"{images.address(place.images, 'web')}@{digest}"
        number = versions.publish(place.functions, place.function, image=image, commit=commit)
        book.still_held()
        alias = place.green
        if alias.read() != traffic.Split(number):
            alias.point(traffic.Split(number), why=f"the candidate: {commit}")
        if live is None or live.version != number:
            release = Release(commit, number, live.version if live else "", journal.GREEN)
        elif going_on and (going_on.version, going_on.state) == (number, journal.LIVE):
            release = going_on  # the same code and settings as everybody has: there is nothing to move
        else:
            release = Release(commit, number, "", journal.LIVE)
        book.write(release=release)
    screen.say(f"version {number} of {place.function} is on `green`: {digest}")
    return release


def check(place: Place, *, commit: str, address: str = "") -> Release:
    """Ask the candidate everything. Only what passed may be given traffic.

    Raises: Refused if anything was not as it has to be.
    """
    with place.book.held() as book:
        release = of_commit(book.release, commit)
        if release.state == journal.LIVE:
            screen.say(f"{commit[:12]} is live already")
            return release
        if release.state == journal.SHIFTING:
            screen.say(f"version {release.version} passed, and has traffic: `switch` goes on")
            return release
        if release.state not in {journal.GREEN, journal.CHECKED}:
            raise Refused(f"{commit[:12]} is {release.state}: `green` makes it a candidate")
        book.write_release(state=journal.GREEN)
        found = list(
            _examined(place, commit, address or versions.url_of(place.functions, place.function, "green"))
        )
        if failed := [finding for finding in found if not finding.ok]:
            names = ", ".join(finding.name for finding in failed)
            raise Refused(f"version {release.version} is not well: {names}")
        return book.write_release(state=journal.CHECKED)


def _examined(place: Place, commit: str, address: str) -> Iterable[smoke.Finding]:
    found = []
    with (
        httpx.Client(base_url=address, auth=Signed(place.session), timeout=30) as client,
        screen.waiting() as tell,
    ):
        for finding in smoke.examine(client, commit=commit, now=datetime.now(UTC)):
            tell(f"asking {address}: {finding.name}")
            found.append(finding)
            place.book.still_held()
    screen.table(
        f"{place.function} on `green`, {address}",
        ("what", "", "seconds", "said"),
        [
            (
                each.name,
                "ok" if each.ok else "FAILED",
                f"{each.seconds:.2f}" if each.seconds else "",
                each.detail,
            )
            for each in found
        ],
    )
    return found


def of_commit(release: Release | None, commit: str) -> Release:
    """The release under way, which has to be this commit's."""
    if release is None:
        raise Refused("nothing was released here yet: begin with `green`")
    if release.commit != commit:
        raise Refused(f"what is under way is {release.commit[:12]}, not {commit[:12]}")
    return release
