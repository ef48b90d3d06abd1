"""What the admin calls tables and columns, in the reader's language.

Django would take these names from the models, and every change of a word would be a migration there.
A table or column without a word here keeps the name that its model gives it.
"""

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: {table: (one, many)}
_TABLES = {
    "api.apikey": (_("API key"), _("API keys")),
    "platform.deadletter": (_("dead letter"), _("dead letters")),
    "currency.paymentchannel": (_("payment channel"), _("payment channels")),
    "currency.channelterms": (_("terms of a channel"), _("terms of channels")),
    "currency.currency": (_("currency"), _("currencies")),
    "currency.destination": (_("destination"), _("destinations")),
    "currency.provider": (_("provider"), _("providers")),
    "currency.exchangerate": (_("observation"), _("observations")),
    "currency.latestrate": (_("newest rate"), _("newest rates")),
    "currency.priceobservation": (_("price"), _("prices")),
    "history.dailyrate": (_("daily bar"), _("daily bars")),
    "history.forecastbacktest": (_("forecast backtest"), _("forecast backtests")),
    "ingestor.backfill": (_("backfill"), _("backfills")),
    "ingestor.providercircuit": (_("circuit breaker"), _("circuit breakers")),
    "ingestor.notice": (_("notice"), _("notices")),
    "ingestor.collectionlog": (_("collection run"), _("collection runs")),
    "ingestor.quarantinedrate": (_("rate held back"), _("rates held back")),
    "ingestor.lease": (_("collection lease"), _("collection leases")),
    "ranking.selection": (_("chosen destination"), _("chosen destinations")),
    "ranking.visit": (_("visit"), _("visits")),
    "ranking.dailycount": (_("daily count"), _("daily counts")),
    "ranking.rankingresult": (_("ranking"), _("rankings")),
    "axes.accessattempt": (_("failed login"), _("failed logins")),
    "otp_totp.totpdevice": (_("second factor"), _("second factors")),
    "django_celery_beat.periodictask": (_("scheduled task"), _("scheduled tasks")),
    "django_celery_beat.crontabschedule": (_("time table"), _("time tables")),
    "django_celery_beat.intervalschedule": (_("repetition"), _("repetitions")),
    "django_celery_beat.clockedschedule": (_("single moment"), _("single moments")),
    "admin.logentry": (_("noted action"), _("noted actions")),
    "auth.user": (_("person"), _("people")),
    "auth.group": (_("group of rights"), _("groups of rights")),
}

#: {column: its name}; a name means the same in every table.
_COLUMNS = {
    "archive_key": _("archive key"),
    "as_of": _("as of"),
    "asked_at": _("asked at"),
    "asked_by": _("asked by"),
    "attribution": _("attribution"),
    "again_at": _("tried again at"),
    "average": _("average"),
    "base_code": _("base currency"),
    "begins_at": _("begins at"),
    "body": _("body"),
    "buy_spread_percent": _("buying spread, %"),
    "calendar": _("calendar"),
    "channel": _("channel"),
    "close": _("close"),
    "code": _("code"),
    "computed_at": _("computed at"),
    "correlation_id": _("correlation ID"),
    "country_code": _("country code"),
    "coverage": _("coverage"),
    "coverage_start": _("data since"),
    "created": _("issued at"),
    "currency_code": _("currency code"),
    "day": _("day"),
    "deal_base_rate": _("base rate, won"),
    "decided_at": _("decided at"),
    "decided_by": _("decided by"),
    "discount_percent": _("discount, %"),
    "display_order": _("display order"),
    "duration_ms": _("duration, ms"),
    "ended_at": _("ended at"),
    "ends_at": _("ends at"),
    "error": _("error"),
    "expires_at": _("expires at"),
    "expiry_date": _("expires at"),
    "facts": _("facts"),
    "failure_count": _("failures"),
    "failures": _("failures"),
    "fee_currency": _("fee's currency"),
    "fee_fixed": _("fixed fee"),
    "fee_percent": _("fee, %"),
    "fetched_at": _("fetched at"),
    "first_date": _("first day"),
    "first_origin": _("first forecast"),
    "fixing_time": _("fixing time"),
    "grace_minutes": _("grace, minutes"),
    "held_at": _("held back at"),
    "high": _("high"),
    "holder": _("holder"),
    "horizon": _("horizon, days"),
    "is_active": _("in use"),
    "is_enabled": _("enabled"),
    "item": _("item"),
    "key": _("key"),
    "kind": _("kind"),
    "last_date": _("last day"),
    "last_origin": _("last forecast"),
    "low": _("low"),
    "may_operate": _("may operate"),
    "mean_absolute_error": _("mean absolute error"),
    "mean_absolute_error_percent": _("mean absolute error, %"),
    "method": _("method"),
    "moved_at": _("last moved at"),
    "naive_mean_absolute_error": _("error of no change"),
    "name": _("name"),
    "name_en": _("name in English"),
    "name_ko": _("name in Korean"),
    "neighbours": _("neighbours"),
    "new_count": _("new rows"),
    "newest_date": _("newest day"),
    "next_date": _("next day"),
    "note": _("note"),
    "observation_count": _("observations"),
    "observations": _("forecasts"),
    "observed_on": _("observed on"),
    "open": _("open"),
    "opened_at": _("opened at"),
    "outcome": _("outcome"),
    "payloads": _("payloads"),
    "period": _("period"),
    "prefix": _("prefix"),
    "price": _("price"),
    "priority": _("priority"),
    "provider": _("provider"),
    "publication_time": _("publication time"),
    "publication_weekday": _("publication weekday"),
    "published_base": _("published base"),
    "published_quote": _("published quote"),
    "published_rate": _("published rate"),
    "published_unit": _("published unit"),
    "quarantined_count": _("held back"),
    "rate": _("rate"),
    "rate_date": _("rate date"),
    "reason": _("reason"),
    "recorded_at": _("fixed at"),
    "rejected_count": _("rejected"),
    "rejected_reasons": _("reasons of rejections"),
    "revised_count": _("revised"),
    "revision": _("revision"),
    "revoked": _("revoked"),
    "same_count": _("same as before"),
    "selected_at": _("selected at"),
    "selection_date": _("selection day"),
    "selections": _("selections"),
    "sell_spread_percent": _("selling spread, %"),
    "shard": _("shard"),
    "source": _("source"),
    "source_name": _("source's name"),
    "source_url": _("source's address"),
    "started_at": _("started at"),
    "state": _("state"),
    "subject": _("subject"),
    "success_count": _("successes"),
    "takes_discount": _("takes a discount"),
    "terms_url": _("terms"),
    "tier": _("tier"),
    "time_zone": _("time zone"),
    "trial_at": _("tried again at"),
    "trigger": _("asked by"),
    "ttb": _("selling by wire (TTB)"),
    "tts": _("buying by wire (TTS)"),
    "updated_at": _("updated at"),
    "usd_rate": _("units for one dollar"),
    "user": _("user"),
    "version": _("version"),
    "visitors": _("visitors"),
    "volatility": _("volatility, %"),
    "why": _("why"),
    "username": _("user name"),
    "ip_address": _("address"),
    "user_agent": _("browser"),
    "attempt_time": _("last attempt"),
    "failures_since_start": _("failures"),
    "created_at": _("since"),
    "last_used_at": _("last used"),
    "action_time": _("when"),
    "content_type": _("table"),
    "object_repr": _("object"),
    "enabled": _("enabled"),
    "last_run_at": _("last run"),
    "one_off": _("once only"),
    "task": _("task"),
    "interval": _("repetition"),
    "crontab": _("time table"),
    "description": _("description"),
}


#: {app: its name}
_APPS = {
    "currency": _("Currencies"),
    "history": _("History"),
    "ingestor": _("Collection"),
    "ranking": _("Rankings"),
    "platform": _("Platform"),
    "axes": _("Failed logins"),
    "otp_totp": _("Second factor"),
    "django_celery_beat": _("Schedules"),
}

#: {what a model says under a field: the same, translated}
_HELP = {
    "The channel's own 환율우대, off the spread": _("The channel's own 환율우대, off the spread"),
    "Weekly publication, 0 = Monday: a week's days appear on the next such day": _(
        "Weekly publication, 0 = Monday: a week's days appear on the next such day"
    ),
    "The day the source puts on the price": _("The day the source puts on the price"),
    "Local time at which a day's rate is set": _("Local time at which a day's rate is set"),
    "The bank buys by wire: KRW for one unit": _("The bank buys by wire: KRW for one unit"),
    "Days with a rate: KR, XECB, XFED or weekdays": _("Days with a rate: KR, XECB, XFED or weekdays"),
    "Where the raw payload is kept": _("Where the raw payload is kept"),
    "A free-form name for the API key. Need not be unique. 50 characters max.": _(
        "A free-form name for the API key. Need not be unique. 50 characters max."
    ),
    "What the figure is: base rate, reference rate, …": _("What the figure is: base rate, reference rate, …"),
    "1 is believed first": _("1 is believed first"),
    "Units of the currency for one US dollar, where the source published it beside the price": _(
        "Units of the currency for one US dollar, where the source published it beside the price"
    ),
    "Under the base rate, sold for won; empty: it cannot be": _(
        "Under the base rate, sold for won; empty: it cannot be"
    ),
    "As printed, digit for digit": _("As printed, digit for digit"),
    "If the API key is revoked, clients cannot use it anymore. (This cannot be undone.)": _(
        "If the API key is revoked, clients cannot use it anymore. (This cannot be undone.)"
    ),
    "The bank sells by wire: KRW for one unit": _("The bank sells by wire: KRW for one unit"),
    "Rate date of the oldest observation": _("Rate date of the oldest observation"),
    "When the provider fixed the rate, UTC": _("When the provider fixed the rate, UTC"),
    "May call the operators' endpoints, such as recalculating rankings.": _(
        "May call the operators' endpoints, such as recalculating rankings."
    ),
    "Provider key": _("Provider key"),
    "환율우대 lowers the spread": _("환율우대 lowers the spread"),
    "Of one, in `currency_code`": _("Of one, in `currency_code`"),
    "Over the base rate, buying with won": _("Over the base rate, buying with won"),
    "Local time by which it can be read": _("Local time by which it can be read"),
    "ISO 3166-1 alpha-2, or EU": _("ISO 3166-1 alpha-2, or EU"),
    "KRW for one unit": _("KRW for one unit"),
    "Empty: every other currency": _("Empty: every other currency"),
    "Of the amount": _("Of the amount"),
    "How late a publication may be before it is missed": _(
        "How late a publication may be before it is missed"
    ),
    "The day on the figure, in the provider's zone": _("The day on the figure, in the provider's zone"),
    "Empty: won": _("Empty: won"),
    "Once API key expires, clients cannot use it anymore.": _(
        "Once API key expires, clients cannot use it anymore."
    ),
    "ISO 4217": _("ISO 4217"),
}

#: What the theme says and has no Korean for: named here, so that our catalogue keeps it.
THEME = (
    _("Date"),
    _("Select action"),
    _("Select action to run"),
    _("Time"),
    _("Import"),
    _("Submit"),
    _("This importer will import the following fields: "),
    _("File to import"),
    _("Format"),
    _("Confirm import"),
    _(
        "Below is a preview of data to be imported. If you are satisfied with the results, click 'Confirm import'"
    ),
    _("New"),
    _("Skipped"),
    _("Row"),
    _("Non field specific"),
    _("Line number"),
    _("Some rows failed to validate"),
    _("Please correct these errors in your data where possible, then reupload it using the form above."),
    _("All applications"),
    _("Apply Filters"),
    _("Choose file to upload"),
    _("Click to cancel"),
    _("Click to download"),
    _("Dark"),
    _("Expand row"),
    _("False"),
    _("General"),
    _("Go back"),
    _("Image preview"),
    _("Light"),
    _("Loading more results..."),
    _("More actions"),
    _("Next"),
    _("No data"),
    _("No results found"),
    _("No results matching your query"),
    _("Previous"),
    _("Record picture"),
    _("Reset filters"),
    _("Return to site"),
    _("Run"),
    _("Select all rows"),
    _("Select record"),
    _("Select value"),
    _("Submit"),
    _("System"),
    _("This item will be deleted."),
    _("This page yielded into no results. Create a new item or reset your filters."),
    _("Toggle password visibility"),
    _("True"),
    _("Type to search"),
    _("Welcome back to"),
)


def name_tables() -> None:
    """Give tables and columns their words; called once, when all models are there.

    What one of our models says in the reader's language itself stays; migrations see nothing of this.
    """
    for label, name in _APPS.items():
        apps.get_app_config(label).verbose_name = name
    for model in apps.get_models():
        options = model._meta
        if options.label_lower not in _TABLES:
            continue
        is_ours = model.__module__.startswith(("currency.", "history.", "ingestor.", "ranking."))
        if not (isinstance(options.verbose_name, Promise) and is_ours):
            options.verbose_name, options.verbose_name_plural = _TABLES[options.label_lower]
        for field in options.concrete_fields:
            if field.name in _COLUMNS and not (isinstance(field.verbose_name, Promise) and is_ours):
                field.verbose_name = _COLUMNS[field.name]
            if str(field.help_text) in _HELP:
                field.help_text = _HELP[str(field.help_text)]
