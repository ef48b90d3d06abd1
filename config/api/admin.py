"""API keys: issued, re-tiered and revoked by operators; the key itself is shown once."""

from django.contrib import admin
from rest_framework_api_key.admin import APIKeyModelAdmin
from rest_framework_api_key.models import APIKey

from config.api.models import ApiKey

# The library registers a model of its own, which this service does not ask.
admin.site.unregister(APIKey)


@admin.register(ApiKey)
class ApiKeyAdmin(APIKeyModelAdmin):
    list_display: tuple[str, ...] = ("name", "prefix", "tier", "may_operate", "created", "expiry_date", "revoked")
    list_filter: tuple[str, ...] = ("tier", "revoked")
