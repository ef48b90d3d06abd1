"""Settings every environment shares. Nothing outside this folder reads the environment."""

import secrets
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import django_stubs_ext

from config.environment import Environment, refuse
from config.settings.events import *
from config.settings.operators import *

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = Environment()

ENVIRONMENT = "base"
VERSION = "0.1.0"
COMMIT = env.text("COMMIT", "unknown")
DEPLOYED_AT = env.instant("DEPLOYED_AT")

DEBUG = False
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS: list[str] = []

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # before the admin, whose templates it replaces
    "config.operators.apps.OperatorsAdminConfig",  # django.contrib.admin, with the operators' own site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework_api_key",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "axes",
    "config",
    "config.api",
    "currency",
    "history",
    "ingestor",
    "ranking",
]

# The API's own concerns (correlation, limits, keys, CORS, stored answers) live in the gate at the
# WSGI entry (config/api/gate.py); these are for the pages and the admin.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.pages.policy.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.pages.language.PageLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "config.operators.session.OperatorSession",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

# As an installed app, import-export would be imported at every start (0.1 s) for two pages of the
# admin. Its templates, its tags and its style are all that these need before they are asked for.
_IMPORT_EXPORT = Path(str(getattr(find_spec("import_export"), "origin", ""))).parent
_THEME = Path(str(getattr(find_spec("unfold"), "origin", ""))).parent

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [
            BASE_DIR / "config" / "templates",
            _THEME / "contrib" / "import_export" / "templates",
            _IMPORT_EXPORT / "templates",
        ],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "libraries": {"import_export_tags": "import_export.templatetags.import_export_tags"},
        },
    }
]

# --- time and language -----------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", "한국어"), ("en", "English")]
# What the API says; pages and the admin keep theirs beside them, in each app's own folder.
LOCALE_PATHS = [BASE_DIR / "locale"]

# --- database ---------------------------------------------------------------------------------
_SQLITE_OPTIONS = {
    # IMMEDIATE: a deferred transaction that reads and then writes fails at once with "locked".
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # FULL: what is acknowledged outlives a power failure, too.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}
_MYSQL_OPTIONS = {
    "charset": "utf8mb4",
    # The driver's own defaults wait for ever.
    "connect_timeout": 3,
    "read_timeout": 20,
    "write_timeout": 20,
}


# A token of IAM's instead of the password (config/mysql/token.py).
_iam_auth = env.flag("DATABASE_IAM_AUTH", False)


def _check_token_is_safe(name: str, options: dict[str, Any]) -> None:
    """The driver sends a token as it is. REQUIRED would do so without TLS, where the server has none."""
    if not options["USER"]:
        refuse(name, "expected mysql://user@host:port/name, with DATABASE_IAM_AUTH")
    if options["OPTIONS"].setdefault("ssl_mode", "VERIFY_IDENTITY") not in {"VERIFY_CA", "VERIFY_IDENTITY"}:
        refuse(name, "expected ssl_mode=VERIFY_IDENTITY or VERIFY_CA, with DATABASE_IAM_AUTH")


def database(name: str, default: str | None = None) -> dict[str, Any]:
    """One entry of DATABASES, with the options its engine needs."""
    options = env.database(name, default) if default else env.database(name)
    if options["ENGINE"].endswith("sqlite3"):
        options["OPTIONS"] = {**_SQLITE_OPTIONS, **options.get("OPTIONS", {})}
        options["CONN_MAX_AGE"] = None  # opening the file and its PRAGMAs cost more than a query
    else:
        # The address may add some: ?ssl_mode=VERIFY_IDENTITY&ssl_ca=/etc/…
        options["OPTIONS"] = {**_MYSQL_OPTIONS, **options.get("OPTIONS", {})}
        if authority := options["OPTIONS"].pop("ssl_ca", ""):
            options["OPTIONS"]["ssl"] = {"ca": authority}
        options["ENGINE"] = "config.mysql"
        # A request that asks one question takes six times as long over a new connection as over a kept
        # one, and at most 1.5 times where that is asked first whether it is still there (make bench), as it
        # has to be after a freeze. Well below the 30 minutes after which RDS Proxy hangs up.
        options["CONN_MAX_AGE"] = env.number("DATABASE_CONN_MAX_AGE", 600)
        options["CONN_HEALTH_CHECKS"] = True
        if _iam_auth:
            options["IAM_AUTH"] = True
            _check_token_is_safe(name, options)
        options["TEST"] = {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_unicode_ci"}
    return options


DATABASES = {"default": database("DATABASE_URL", f"sqlite:///{BASE_DIR / 'var' / 'currency.sqlite3'}")}
HAS_REPLICA = bool(env.text("DATABASE_REPLICA_URL", ""))
if HAS_REPLICA:
    DATABASES["replica"] = database("DATABASE_REPLICA_URL")
    DATABASES["replica"]["TEST"] = {"MIRROR": "default"}
DATABASE_ROUTERS = ["config.replica.ReplicaRouter"]

# --- cache ------------------------------------------------------------------------------------
CACHE_URL = env.cache("CACHE_URL", "locmem://")
CACHE_IS_SHARED = not CACHE_URL.startswith("locmem")
if CACHE_IS_SHARED:
    CACHES: dict[str, dict[str, Any]] = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": CACHE_URL,
            "KEY_PREFIX": "cts1",
            "OPTIONS": {
                # msgpack keeps bytes as they are and, unlike pickle, runs no code on reading.
                "SERIALIZER": "django_redis.serializers.msgpack.MSGPackSerializer",
                # redis-py waits 5 s and tries ten times by default; a cache may cost a blink.
                "SOCKET_CONNECT_TIMEOUT": 0.25,
                "SOCKET_TIMEOUT": 0.25,
                "CONNECTION_POOL_KWARGS": {"retry": None, "retry_on_error": []},
            },
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- AWS --------------------------------------------------------------------------------------
AWS_REGION = env.text("AWS_REGION", "ap-northeast-2")
AWS_ENDPOINT_URL = env.text("AWS_ENDPOINT_URL", "") or None

# --- selections and rankings ------------------------------------------------------------------
SELECTION_STORE = env.one_of("SELECTION_STORE", ("sql", "dynamodb"), "sql")
# Partitions that a day's selections and counters are spread over, so that a busy day or country
# waits on no single row. May be raised, at Seoul midnight; see docs/methods/ranking.en.md.
SELECTION_SHARDS = env.number("SELECTION_SHARDS", 8, minimum=1, maximum=1000)
SELECTION_RETENTION_DAYS = env.number("SELECTION_RETENTION_DAYS", 90, minimum=2)
# What ranks: `visitors` counts each once for a country and day, `selections` everything.
RANKING_SCORE = env.one_of("RANKING_SCORE", ("visitors", "selections"), "visitors")
# The first of these Fernet keys encrypts personal data, all of them decrypt.
ENCRYPTION_KEYS = env.encryption_keys("ENCRYPTION_KEYS", [])
# Keys the hashes of users, addresses and agents; every Seoul day has a key derived from it.
VISITOR_KEY = env.text("VISITOR_KEY", "")

# --- files ------------------------------------------------------------------------------------
_archive_scheme, _archive_place, _archive_prefix = env.archive(
    "ARCHIVE_URL", f"file://{BASE_DIR / 'var' / 'archive'}"
)
if _archive_scheme == "s3":
    _archive: dict[str, Any] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": _archive_place,
            "location": _archive_prefix,
            "region_name": AWS_REGION,
            "endpoint_url": AWS_ENDPOINT_URL,
            "signature_version": "s3v4",
            "file_overwrite": False,
            "default_acl": None,
            "querystring_auth": True,
            # What is kept is gzip, not something encoded for the way: some clients would unpack it.
            "object_parameters": {"ContentType": "application/gzip"},
        },
    }
else:
    _archive = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": _archive_place},
    }
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    "archive": _archive,
}
STATIC_URL = "/static/"
STATICFILES_DIRS = [("import_export", _IMPORT_EXPORT / "static" / "import_export")]
STATIC_ROOT = BASE_DIR / "var" / "static"

# --- requests ---------------------------------------------------------------------------------
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0)
# Requests an hour, by tier (api-contract: "Authentication and limits").
REQUEST_LIMITS = {
    "anonymous": env.number("LIMIT_ANONYMOUS", 1000, minimum=1),
    "keyed": env.number("LIMIT_KEYED", 5000, minimum=1),
    "premium": env.number("LIMIT_PREMIUM", 10000, minimum=1),
    # Of selections, for each address without a key.
    "selections": env.number("LIMIT_SELECTIONS", 100, minimum=1),
}
ACCESS_LOG = env.flag("ACCESS_LOG", True)

# What probes are asked as: they come with a pod's own address for a Host. New in every process, so
# that nobody else can name it.
PROBE_HOST = f"{secrets.token_hex(8)}.invalid"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["config.api.envelope.EnvelopeRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.api.body.JsonObject"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "config.api.schema.EnvelopeSchema",
    "EXCEPTION_HANDLER": "config.api.errors.answer_exception",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Currency Travel Service",
    "VERSION": "v1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# What /health asks of the apps: functions of the present instant (UTC), named, not imported.
HEALTH_SUMMARIES = {
    "currency_service": "currency.health.summary",
    "history_service": "history.health.summary",
    "ranking_service": "ranking.health.summary",
    "data_ingestor": "ingestor.health.summary",
    "schedule": "config.heartbeat.summary",
    "event_stream": "config.events.health.summary",
}
# What /health asks of dependencies that are not the platform's own: functions that raise.
HEALTH_CHECKS = {"selections_store": "ranking.health.ping"}

# --- what the ingestor collects from ----------------------------------------------------------
PROVIDERS = env.providers()
# As a CronJob `manage.py ingest` asks who is due, does what else the schedule has due, and ends in time.
EXECUTION_MODE = env.one_of("EXECUTION_MODE", ("interactive", "cronjob"), "interactive")

# --- tasks ------------------------------------------------------------------------------------
# Without a broker a task runs where it is asked for, at once (config/celery.py).
CELERY_BROKER_URL = env.broker("CELERY_BROKER_URL", "")
CELERY_TASK_ALWAYS_EAGER = not CELERY_BROKER_URL
CELERY_TASK_EAGER_PROPAGATES = True

# The queue of an app's tasks, by the first word of their names; on every broker the same.
CELERY_TASK_ROUTES = {
    "ranking.*": {"queue": "ranking-calculation-queue"},
    "ingestor.*": {"queue": "data-processing-queue"},
    "history.*": {"queue": "data-processing-queue"},
    "currency.*": {"queue": "data-processing-queue"},
    "config.*": {"queue": "data-processing-queue"},
}
CELERY_TASK_QUEUES: dict[str, dict[str, Any]] = {"ranking-calculation-queue": {}, "data-processing-queue": {}}
CELERY_TASK_DEFAULT_QUEUE = "data-processing-queue"
CELERY_TASK_CREATE_MISSING_QUEUES = False
DEAD_LETTER_QUEUE = "data-processing-dlq"

# Acknowledged when done: a task whose worker died comes again after the visibility time-out. Over SQS
# so does one that failed, and after the queue's receive count it goes to the dead letters. Redis counts
# no receives and keeps no dead letters: there a task that failed, or took too long, is dropped.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_ACKS_ON_FAILURE = False
CELERY_TASK_ACKS_ON_TIMEOUT = CELERY_BROKER_URL.startswith("redis")
# Seconds. The visibility time-out is an attribute of the SQS queues (Terraform), and has to be above
# the longest time limit and above a lease (ingestor/lease.py); 360 for both. Redis takes it from here.
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 270, 300
_VISIBILITY_TIMEOUT = 360
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_EXPIRES = None  # else beat would sweep up results that nobody keeps
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = "Asia/Seoul"
CELERY_BEAT_SCHEDULER = "config.beat:Scheduler"

# Who sends a task waits for the broker for a few seconds at most, and tries once.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_POOL_ACQUIRE_TIMEOUT = 2
SQS_WAIT_SECONDS = env.number("SQS_WAIT_SECONDS", 10, minimum=1, maximum=20)
if CELERY_BROKER_URL == "sqs://":
    _queues = env.address("SQS_QUEUE_BASE_URL")
    SQS_QUEUE_URLS = {name: f"{_queues}/{name}" for name in (*CELERY_TASK_QUEUES, DEAD_LETTER_QUEUE)}
    CELERY_BROKER_TRANSPORT = "config.sqs:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "region": AWS_REGION,
        "predefined_queues": {name: {"url": SQS_QUEUE_URLS[name]} for name in CELERY_TASK_QUEUES},
        "wait_time_seconds": SQS_WAIT_SECONDS,
        "polling_interval": 1,
        "sqs_base64_encoding": False,
        "client-config": {
            "connect_timeout": 1,
            "read_timeout": 2,
            "retries": {"mode": "standard", "total_max_attempts": 2},
        },
    }
else:
    SQS_QUEUE_URLS = {}
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": _VISIBILITY_TIMEOUT,
        "socket_connect_timeout": 1,
        "socket_timeout": 3,
        "socket_keepalive": True,
        # Without these whoever sends a task would try to connect for ever.
        "max_retries": 0,
        "interval_start": 0,
    }
if CELERY_BROKER_URL.startswith("rediss://"):
    CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": "required"}

# Shows until when a worker is believed to be alive (config/pulse.py).
WORKER_PULSE_FILE = env.text("WORKER_PULSE_FILE", "") or str(BASE_DIR / "var" / "worker.pulse")

# --- logs -------------------------------------------------------------------------------------
LOG_LEVEL = env.one_of("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
LOG_FORMAT = env.one_of("LOG_FORMAT", ("json", "console"), "json")
LOGGING_CONFIG = "config.observability.logs.configure"
LOGGING = {"level": LOG_LEVEL, "format": LOG_FORMAT}

# --- measurements (config/observability/metrics.py) ---------------------------------------------
# As lines of CloudWatch's embedded metric format among the logs; they need LOG_FORMAT=json.
METRICS = env.one_of("METRICS", ("off", "emf"), "off")
# Where Prometheus asks a worker; 0: nowhere.
METRICS_PORT = env.number("METRICS_PORT", 0, maximum=65535)
if METRICS_PORT and not env.text("PROMETHEUS_MULTIPROC_DIR", ""):
    refuse("PROMETHEUS_MULTIPROC_DIR", "is missing; with METRICS_PORT, expected an empty folder")
# Who is asked once a minute for what only asking tells: functions of the present instant (UTC).
METRIC_SOURCES = [
    "config.measures.measures",
    "ingestor.measures.measures",
    "ranking.measures.measures",
]
