"""API keys: who may ask more often, and who may operate."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.models import AbstractAPIKey, APIKeyManager


class Tier(models.TextChoices):
    """How many requests an hour a key may make: see REQUEST_LIMITS."""

    KEYED = "keyed", _("Keyed")
    PREMIUM = "premium", _("Premium")


class ApiKey(AbstractAPIKey):
    """One key. Only its hash is stored; the key itself is shown once, when it is issued."""

    tier = models.CharField(max_length=16, choices=Tier.choices, default=Tier.KEYED)
    may_operate = models.BooleanField(
        default=False, help_text="May call the operators' endpoints, such as recalculating rankings."
    )

    objects: ClassVar[APIKeyManager] = APIKeyManager()

    class Meta(AbstractAPIKey.Meta):
        db_table = "api_keys"
        verbose_name = "API key"
        verbose_name_plural = "API keys"
        permissions = (("issue_operating_key", "Can issue keys that may operate"),)
