"""The operators' side: who logs in and how, what the admin looks like, what its first page shows."""

from datetime import timedelta

from django.utils.translation import gettext_lazy

from config.environment import Environment

_env = Environment()

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL, LOGIN_REDIRECT_URL = "admin:login", "admin:index"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# Not on the public function: operators come through the cluster (docs/decisions/0022).
SERVES_ADMIN = _env.flag("SERVES_ADMIN", True)
# A session ends after so long without a click, and in any case half a day after its login
# (config/operators/session.py); the cookie ends with the browser.
OPERATOR_IDLE_SECONDS = _env.number("OPERATOR_IDLE_MINUTES", 60, minimum=1) * 60
OPERATOR_SESSION_SECONDS = SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# Of whom a second factor is required; everybody may have one.
SECOND_FACTOR = _env.one_of("SECOND_FACTOR", ("optional", "administrators", "everyone"), "optional")
OTP_TOTP_ISSUER = "Currency Travel"
# Five failures of one name from one address lock the two for a quarter of an hour. Counted in the
# database: a count in the cache would be gone with it.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "config.operators.lockout.address"
AXES_LOCKOUT_CALLABLE = "config.operators.lockout.locked"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
# The admin's theme asks for these at every page; strings name functions of the request.
UNFOLD = {
    "SITE_TITLE": gettext_lazy("Currency Travel operations"),
    "SITE_HEADER": gettext_lazy("Currency Travel operations"),
    "SITE_ICON": "config.operators.look.icon",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "config.operators.look.icon"}],
    "ENVIRONMENT": "config.operators.look.environment",
    "STYLES": ["config.operators.look.styles"],
    "SCRIPTS": ["config.operators.look.scripts"],
    "SHOW_LANGUAGES": True,
    "LOGIN": {"form": "config.operators.login.OperatorLogin"},
    "ACCOUNT": {"navigation": "config.operators.look.account"},
    "SIDEBAR": {"navigation": "config.operators.look.navigation"},
}

# What operators see first, in this order: panels by name (config/operators/control_room.py).
CONTROL_ROOM_PANELS = (
    "ingestor.control_panel.collection",
    "ingestor.control_panel.quarantine",
    "currency.control_panel.currencies",
    "currency.control_panel.overrides",
    "config.operators.panels.queues",
    "config.operators.panels.keys",
    "ranking.control_panel.rankings",
    "history.control_panel.forecasts",
    "config.operators.panels.activity",
)
