"""API keys: issued, re-tiered and revoked by operators; the key itself is shown once."""

from django.contrib import admin
from rest_framework_api_key.admin import APIKeyModelAdmin
from rest_framework_api_key.models import APIKey

from config.api.models import ApiKey

# The library registers a model of its own, which this service does not ask.
admin.site.unregister(APIKey)


@admin.register(ApiKey)
class ApiKeyAdmin(APIKeyModelAdmin):
    # The library types its own tuples by their length.
    list_display = ("name", "prefix", "tier", "may_operate", "created", "expiry_date", "revoked")  # type: ignore[assignment]
    list_filter = ("tier", "revoked")  # type: ignore[assignment]
