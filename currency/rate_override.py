"""Rates that operators set for a while, ahead of every provider's: rows that end by themselves."""

from datetime import timedelta
from typing import Literal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

#: The longest an operator's rate may stand: a fault that lasts longer is mended where it is.
LONGEST = timedelta(days=7)

State = Literal["in_force", "expired", "ended"]


class RateOverride(models.Model):
    """KRW for one unit of a currency, as an operator says, until `expires_at` or until it is ended.

    Rows stay: they are the record of who set what, when and why. Whether one is in force is told by
    the clock, so nothing has to run when it expires.
    """

    currency_code = models.CharField(max_length=3)
    #: The currency while nobody has ended it, else NULL, of which a unique column takes any number:
    #: one rate a currency on databases without partial indexes. One that has expired leaves its
    #: place to the next.
    place = models.CharField(  # noqa: DJ001 - NULLs do not collide
        max_length=3, unique=True, null=True, editable=False
    )
    rate = models.DecimalField(max_digits=20, decimal_places=10, help_text="KRW for one unit")
    reason = models.CharField(_("reason"), max_length=500)
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=150, help_text="User name")
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=150, blank=True)
    ended_why = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "rate_overrides"
        ordering = ("-set_at", "-pk")
        verbose_name = _("rate set by hand")
        verbose_name_plural = _("rates set by hand")
        constraints = (
            models.CheckConstraint(condition=Q(rate__gt=0), name="override_rate_is_positive"),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(set_by=""), name="override_has_a_reason"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("set_at")) & Q(expires_at__lte=F("set_at") + LONGEST),
                name="override_expires_within_a_week",
            ),
            models.CheckConstraint(
                condition=Q(place__isnull=True) | Q(place=F("currency_code"), ended_at__isnull=True),
                name="override_holds_its_own_place",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | (~Q(ended_by="") & ~Q(ended_why="")),
                name="override_end_has_a_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.currency_code} {self.rate.normalize():f}"
