# Workers, beat, migrations and the operators' web tier on EKS: one image, what runs is the pod's command.
# Built from the root of the repository; nothing but what COPY names gets in.

# The digest moves when somebody moves it. 3.12 on bookworm: all but mysqlclient have wheels for it.
FROM python:3.12-slim-bookworm@sha256:782412e85d0f0984994c290652577d4018aff08145c85b262bb63dc0c7522254 AS base

FROM base AS build

RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev libmariadb-dev pkg-config

COPY requirements/production.txt /requirements.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes --requirement /requirements.txt

WORKDIR /service
COPY manage.py ./
COPY config config
COPY currency currency
COPY history history
COPY ingestor ingestor
COPY ranking ranking
COPY locale locale
COPY docs/methods docs/methods
COPY deploy/__init__.py deploy/package.py deploy/
# Where it runs nothing can be written: translations, names of static files and byte code are made here.
RUN /venv/bin/python -m deploy.package

FROM base

RUN apt-get update \
    && apt-get install --yes --no-install-recommends libmariadb3 \
    && rm -rf /var/lib/apt/lists/*

COPY --from=build /venv /venv
COPY --from=build /service /service

ARG COMMIT=unknown
ARG DEPLOYED_AT=
ENV COMMIT=${COMMIT} \
    DEPLOYED_AT=${DEPLOYED_AT} \
    DJANGO_SETTINGS_MODULE=config.settings.production \
    PATH=/venv/bin:${PATH} \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    WORKER_PULSE_FILE=/pulse/worker.pulse

WORKDIR /service
# A number, so that Kubernetes can see that it is not root.
USER 10001:10001

# For who runs it without Kubernetes, which has probes of its own (deploy/k8s).
HEALTHCHECK --interval=15s --start-period=60s \
    CMD ["sh", "-c", "test -n \"$(find /pulse -name '*.pulse' -newermt now)\""]

# No shell in between: SIGTERM has to reach Celery, which then finishes what it has begun.
ENTRYPOINT ["celery", "--app", "config.celery"]
CMD ["worker"]
