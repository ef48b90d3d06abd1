"""What stands, what the commit would bring, and what comes next. Changes nothing."""

from collections.abc import Iterable

from deploy.release import images, journal, migrations, screen, traffic, versions
from deploy.release.journal import Journal
from deploy.release.migrations import Finding
from deploy.release.outcome import Refused
from deploy.release.place import Place

_NEXT = {
    journal.GREEN: "check",
    journal.CHECKED: "switch",
    journal.SHIFTING: "switch (goes on), or rollback",
    journal.ROLLING_BACK: "rollback (goes on)",
    journal.LIVE: "cleanup: it is live",
    journal.ROLLED_BACK: "green, once the reason is gone",
}


def next_step(book: Journal, *, commit: str, is_built: bool, pending: Iterable[str]) -> str:
    """The step that comes next for a commit, with a word of why where it is not plain."""
    if book.release is not None:
        if book.release.commit == commit:
            return _NEXT[book.release.state]
        if book.release.state in {journal.SHIFTING, journal.ROLLING_BACK}:
            return f"none: {book.release.commit[:12]} is {book.release.state}"
    if not is_built:
        return "build"
    return "migrate" if list(pending) else "green"


def not_accepted(findings: Iterable[Finding], accepted: Iterable[str]) -> list[Finding]:
    """Those that nobody has said yes to by the migration's name."""
    said = set(accepted)
    return [finding for finding in findings if finding.migration not in said]


def refuse_destructive(pending: Iterable[str], accepted: Iterable[str]) -> None:
    """Raises: Refused if one of them breaks the running release and was not accepted by name."""
    left = not_accepted(migrations.destructive(pending), accepted)
    if not left:
        return
    screen.table(
        "What the running release would not survive",
        ("migration", "why"),
        [(finding.migration, finding.reason) for finding in left],
    )
    names = " ".join(sorted({finding.migration for finding in left}))
    raise Refused(f"release first what does without it; or, if nothing uses it any more: --accept {names}")


def plan(place: Place, *, commit: str, accepted: Iterable[str]) -> None:
    """Print it. Raises: Refused as `migrate` would."""
    book = place.book.read()
    published = {each.number: each for each in versions.listed(place.functions, place.function)}
    rows = []
    for name, split in ((traffic.LIVE, place.live.read()), (traffic.GREEN, place.green.read())):
        for number in sorted(split.versions) if split else ():
            version, share = published[number], f"{split.share(number)} %" if split else ""
            rows.append((name, number, share, version.commit, version.published_at[:16]))
    screen.table(f"{place.function} now", ("alias", "version", "share", "commit", "published"), rows)

    pending = migrations.pending(book.migrations)
    digests = {part: images.digest(place.images, part, commit) for part in images.PARTS}
    screen.table(
        f"to be released: {commit}",
        ("what", "how it stands"),
        [
            *((f"{part} image", digest or "not built yet") for part, digest in digests.items()),
            ("migrations", f"{len(pending)} pending: {', '.join(pending)}" if pending else "none pending"),
            ("next", next_step(book, commit=commit, is_built=all(digests.values()), pending=pending)),
        ],
    )
    refuse_destructive(pending, accepted)
