"""Old versions go; whoever has traffic, or may be gone back to, stays. Old images go by the registry's rule."""

from deploy.release import screen, versions
from deploy.release.journal import Release
from deploy.release.place import Place
from deploy.release.traffic import Split


def cleanup(place: Place) -> list[str]:
    """Delete all but the newest three versions and those in use; the numbers of those that went."""
    with place.book.held() as book:
        aliases = [place.live.read(), place.green.read()]
        numbers = [version.number for version in versions.listed(place.functions, place.function)]
        gone = versions.to_delete(numbers, used=in_use(aliases, book.release))
        for number in gone:
            book.still_held()
            versions.delete(place.functions, place.function, number)
    kept = ", ".join(number for number in numbers if number not in gone)
    screen.say(f"versions {', '.join(gone) or 'none'} deleted; kept: {kept or 'none'}")
    return gone


def in_use(aliases: list[Split | None], release: Release | None) -> set[str]:
    """What an alias names, and what a release would go back to or on with."""
    named = {version for split in aliases if split for version in split.versions}
    return named | ({release.version, release.previous} - {""} if release else set())
