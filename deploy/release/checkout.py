"""The checkout that a release is made from: images, manifests and migrations are read from its files."""

import subprocess

from deploy.release.outcome import Refused


def head() -> str:
    return _git("rev-parse", "HEAD")


def require(commit: str, *, clean: bool = False) -> None:
    """Raises: Refused if the files here are another commit's; with `clean`, if any of them differs from it."""
    if (here := head()) != commit:
        raise Refused(f"this checkout is {here[:12]}, not {commit[:12]}: check that out first")
    if clean and (changed := _git("status", "--porcelain")):
        raise Refused(
            f"{len(changed.splitlines())} files here differ from {commit[:12]}: an image would hold them"
        )


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], check=True, capture_output=True, text=True).stdout.strip()
