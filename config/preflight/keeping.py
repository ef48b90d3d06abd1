"""What only time spoils: who may still come in, and whether a restore has been tried lately."""

import json
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.storage import storages
from django.db.models import Q

from config.preflight.finding import Finding, failed, ok, watch

#: Where `python -m deploy.restore drill` leaves its reports in the archive, a file each.
DRILLS = "restore-drills"
_UNSEEN = timedelta(days=90)


def operators(now: datetime) -> Finding:
    """Accounts that may enter the admin and have not for three months; those without a second factor."""
    active = User.objects.filter(is_staff=True, is_active=True)
    gone = active.filter(Q(last_login__lt=now - _UNSEEN) | Q(last_login=None, date_joined__lt=now - _UNSEEN))
    names = list(gone.order_by("username").values_list("username", flat=True))
    if names:
        return watch(
            f"not seen for {_UNSEEN.days} days: {', '.join(names)}", "end their accounts in the admin"
        )
    alone = active.exclude(totpdevice__confirmed=True).count()
    if alone and settings.SECOND_FACTOR == "optional":
        return watch(f"{alone} of {active.count()} operators have no second factor", "SECOND_FACTOR=everyone")
    return ok(f"{active.count()} operators, each seen within {_UNSEEN.days} days")


def restore_drill(now: datetime, *, within: timedelta) -> Finding:
    archive = storages["archive"]
    try:
        _, names = archive.listdir(DRILLS)
    except FileNotFoundError:
        names = []
    if not names:
        return failed("no drill has been recorded", "python -m deploy.restore drill")
    with archive.open(f"{DRILLS}/{max(names)}") as file:
        report = json.load(file)
    at = datetime.fromisoformat(report["at"])
    if not report["passed"]:
        return failed(
            f"the drill of {at:%Y-%m-%d} did not pass", "python -m deploy.restore drill, and read it"
        )
    if now - at > within:
        return failed(f"the last drill was on {at:%Y-%m-%d}", "python -m deploy.restore drill")
    return ok(f"passed on {at:%Y-%m-%d}, in {report['seconds']:.0f} s")
