"""Traffic from one version to another: step by step and watched, or back at once."""

import httpx

from deploy.release import journal, screen, traffic, versions, watch
from deploy.release.candidate import of_commit
from deploy.release.journal import Book, Release
from deploy.release.outcome import Refused, RolledBack
from deploy.release.place import Place
from deploy.release.traffic import Split


def switch(place: Place, *, commit: str, address: str, seconds: float, every: float) -> Release:
    """Give the candidate 10, 50 and all of 100 requests, each share for so many seconds of watching.

    Raises: RolledBack if it did not do well: everybody has the previous version again.
    """
    with place.book.held() as book:
        release = of_commit(book.release, commit)
        if release.state == journal.LIVE:
            screen.say(f"{commit[:12]} is live already")
            return release
        if release.state == journal.ROLLING_BACK:
            _back(place, book, release, release.reason)
        if release.state not in {journal.CHECKED, journal.SHIFTING}:
            raise Refused(f"{commit[:12]} is {release.state}: only what passed `check` is given traffic")
        _is_as_we_left_it(place.live.read(), release)
        for percent in traffic.steps_left(release.watched, first=not release.previous):
            release = _give(place, book, percent)
            reason, seen = _watched(place, book, release, percent, address, seconds, every)
            if reason:
                _back(place, book, release, reason)
            said = ", ".join(watch.by_commit(seen)) or "nobody said who"
            screen.say(f"{percent} %: {seen.asked} requests, {seen.failed} failed; answered by {said}")
            release = book.write_release(watched=percent)
        release = book.write_release(state=journal.LIVE)
    screen.say(f"version {release.version} is live: {commit}", style="bold green")
    return release


def rollback(place: Place, *, commit: str = "", to: str = "") -> Release | None:
    """Everybody has the previous version at once, or version `to`. Takes the lock from whoever has it.

    With `commit`, only if that is what is under way: a pipeline that failed early must not undo the
    release before it, nor one that was run again a release that is live. What moved no traffic is given up.
    """
    with place.book.held(at_once=True) as book:
        release = book.release
        if commit and (release is None or release.commit != commit):
            screen.say(f"{commit[:12]} has no traffic: nothing to go back from")
            return release
        if commit and release and release.state == journal.LIVE:
            screen.say(f"{commit[:12]} is live, watched to its end: it stays")
            return release
        if to:
            return _to(place, book, to)
        if release is None:
            raise Refused("nothing was released here yet")
        if release.state == journal.ROLLED_BACK:
            screen.say(f"everybody has version {release.previous} already ({release.reason})")
            return release
        if release.state in {journal.GREEN, journal.CHECKED}:
            screen.say(f"{release.commit[:12]} is given up; it had no traffic")
            return book.write_release(state=journal.ROLLED_BACK, reason="given up before it had traffic")
        try:
            _back(place, book, release, release.reason or "by hand")
        except RolledBack as done:
            screen.say(str(done))
        return book.release


def _is_as_we_left_it(live: Split | None, release: Release) -> None:
    """Somebody else's hand on the alias is found before traffic is moved by what we believe."""
    ours = {release.version, release.previous} - {""}
    there = live.versions if live else set()
    if not there <= ours or (release.previous and live is None):
        raise Refused(
            f"`live` has version {', '.join(sorted(there)) or 'none'}, expected {release.previous or 'none'}: "
            "somebody moved it. `green` again"
        )


def _give(place: Place, book: Book, percent: int) -> Release:
    # Read before the lock is seen to be ours: a rollback that takes it changes the alias after this, and a
    # change of what was read before that is refused.
    alias = place.live
    there = alias.read()
    # First what is meant, then the act: whoever goes on after a kill finds both or the first.
    release = book.write_release(state=journal.SHIFTING)
    split = traffic.between(release.previous, release.version, percent)
    if there != split:
        alias.point(split, why=f"{percent} % to {release.commit}")
    screen.say(f"{percent} % of `live` to version {release.version}, beside {release.previous or 'nothing'}")
    return release


def _watched(
    place: Place, book: Book, release: Release, percent: int, address: str, seconds: float, every: float
) -> tuple[str, watch.Seen]:
    figures = watch.Figures(
        place.figures, place.function, place.environment, release.version, release.previous
    )
    with httpx.Client(base_url=address, timeout=10) as client, screen.waiting() as tell:

        def turn(seen: watch.Seen) -> None:
            tell(f"{percent} %: {seen.asked} requests, {seen.failed} failed ({release.commit[:12]})")
            book.still_held()

        return watch.watch(client, figures, seconds=seconds, every=every, turn=turn)


def _back(place: Place, book: Book, release: Release, reason: str) -> None:
    """Raises: RolledBack, always, once it is done; Refused if there is no version to go back to."""
    if not release.previous:
        raise Refused(f"{reason}. This is the first version: there is none to go back to")
    book.write_release(state=journal.ROLLING_BACK, reason=reason)
    _point(place, release.previous, f"back from {release.commit}: {reason}")
    book.write_release(state=journal.ROLLED_BACK)
    raise RolledBack(
        f"version {release.version} was taken back: {reason}. Everybody has version {release.previous} again"
    )


def _to(place: Place, book: Book, version: str) -> Release | None:
    if not versions.is_published(place.functions, place.function, version):
        raise Refused(f"there is no version {version} any more")
    reason = f"by hand to version {version}"
    if book.release is not None:
        book.write_release(state=journal.ROLLING_BACK, reason=reason, previous=version)
    _point(place, version, reason)
    if book.release is not None:
        book.write_release(state=journal.ROLLED_BACK)
    screen.say(f"everybody has version {version}")
    return book.release


def _point(place: Place, version: str, why: str) -> None:
    alias = place.live
    alias.read()
    alias.point(Split(version), why=why)
