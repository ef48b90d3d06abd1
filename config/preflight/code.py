"""The code that is about to run: its settings, its dependencies, its secrets, its migrations.

Scanners live in a virtual environment of their own (`make infra-check`); in an image there is neither
that nor a checkout, and CI has looked at both before the image was built.
"""

import json
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.checks import messages, run_checks
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from config.preflight.finding import Finding, failed, ok, skipped, watch

_LOOKED_AT = ".secrets.baseline"


def deployment_settings() -> Finding:
    complaints = [
        told for told in run_checks(include_deployment_checks=True) if told.level >= messages.WARNING
    ]
    if complaints:
        names = ", ".join(sorted({told.id or str(told.obj) for told in complaints}))
        return failed(f"{len(complaints)} complaints: {names}", "manage.py check --deploy tells each in full")
    return ok("check --deploy has no complaint")


def pending_migrations() -> Finding:
    """What `migrate` would do on this database. What the running release would not survive, its release tells."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    plan = [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if not plan:
        return ok("none pending")
    names = ", ".join(f"{migration.app_label}.{migration.name}" for migration in plan)
    return watch(f"pending: {names}", "python -m deploy.release plan, then migrate, before the new code")


def tests() -> Finding:
    """Not run here: a suite of ten minutes belongs to CI. What a checkout can say is whether CI saw this code."""
    if (changed := _git("status", "--porcelain")) is None:
        return skipped(
            f"no checkout here; this is commit {settings.COMMIT}", "CI ran on it before it was built"
        )
    if changed:
        return failed(f"{len(changed.splitlines())} files differ from the commit", "commit, and let CI run")
    ahead = _git("rev-list", "--count", "@{upstream}..HEAD")
    if ahead is None:
        return skipped("this branch follows none that CI knows of", "make test")
    if ahead != "0":
        return failed(f"{ahead} commits have not been pushed", "push, and let CI run")
    return watch("everything is pushed", "see that CI is green for this commit; a machine here cannot")


def dependencies() -> Finding:
    """Known weaknesses of what is locked, by the Python Packaging Advisory Database."""
    scanner = _scanner("pip-audit")
    if scanner is None:
        return skipped("pip-audit is not installed here", "make infra-check installs it, then again")
    locks = [
        f"--requirement={settings.BASE_DIR}/requirements/{name}.txt" for name in ("lambda", "production")
    ]
    ended = subprocess.run(  # noqa: S603
        [scanner, "--disable-pip", "--require-hashes", "--format=json", "--progress-spinner=off", *locks],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    try:
        listed = json.loads(ended.stdout)["dependencies"]
    except (ValueError, KeyError):
        reason = (ended.stderr.strip().splitlines() or ["no answer"])[-1]
        return skipped(
            f"the advisory database was not reached: {reason[:160]}", "again where the network allows"
        )
    unknown = sum("skip_reason" in each for each in listed)
    weak = {
        f"{one['name']} {one['version']} ({each['id']})" for one in listed for each in one.get("vulns", [])
    }
    if weak:
        return failed(", ".join(sorted(weak)), "raise them in pyproject.toml, make lock, make test")
    if unknown == len(listed):
        return skipped(
            f"the database knows none of {len(listed)} packages", "again where PyPI itself answers"
        )
    return ok(f"{len(listed) - unknown} packages without a known weakness, {unknown} not looked up")


def secrets() -> Finding:
    """Keys and passwords in tracked files that are not among those somebody has looked at (.secrets.baseline).

    What only looks like one (a test's password, a parameter's name) is taken in by
    `.venv-policy/bin/detect-secrets scan --baseline .secrets.baseline`, and read by whoever reviews that.
    """
    scanner, listed = _scanner("detect-secrets-hook"), _git("ls-files")
    if scanner is None or listed is None:
        return skipped("no scanner or no checkout here", "make infra-check installs it, then again")
    files = [file for file in listed.splitlines() if file != _LOOKED_AT]
    with TemporaryDirectory() as folder:
        # A copy: the scanner writes line numbers that have moved into what it is given.
        known = shutil.copy(Path(settings.BASE_DIR) / _LOOKED_AT, folder)
        ended = subprocess.run(  # noqa: S603
            [scanner, "--json", "--no-verify", "--baseline", known, *files],
            check=False,
            capture_output=True,
            text=True,
            cwd=settings.BASE_DIR,
            timeout=300,
        )
    if ended.returncode not in {0, 1, 3}:  # 3: line numbers have moved
        return failed((ended.stderr.strip().splitlines() or ["the scanner broke"])[-1], "run it by hand")
    found = json.loads(ended.stdout)["results"] if ended.returncode == 1 else {}
    places = sorted(f"{file}:{one['line_number']}" for file, several in found.items() for one in several)
    if places:
        return failed(", ".join(places), "take it out, and change the secret: it has been seen")
    return ok(f"{len(files)} tracked files, nothing new that looks like one")


def _scanner(name: str) -> str | None:
    program = Path(settings.BASE_DIR) / ".venv-policy" / "bin" / name
    return str(program) if program.is_file() else None


def _git(*words: str) -> str | None:
    """What git says; None where it, or the checkout, is not there."""
    try:
        return subprocess.check_output(  # noqa: S603
            ["git", *words],  # noqa: S607
            cwd=settings.BASE_DIR,
            stderr=subprocess.DEVNULL,
            text=True,
        ).strip()
    except (OSError, subprocess.CalledProcessError):
        return None
