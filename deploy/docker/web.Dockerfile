# The web tier as a Lambda function, for every stage alike: what differs is told by the function's variables.
# Built from the root of the repository; nothing but what COPY names gets in.
#   docker build -f deploy/docker/web.Dockerfile --build-arg COMMIT=$(git rev-parse HEAD) .
#checkov:skip=CKV_DOCKER_2: Lambda asks an image for no health; a release asks the function (deploy/release).
#checkov:skip=CKV_DOCKER_7: BASE is told by its digest, which the scan does not look up.

# Amazon Linux 2023 with Python 3.12 and Lambda's own runtime. The digest moves when somebody moves it.
ARG BASE=public.ecr.aws/lambda/python:3.12@sha256:0628ddc11919f85f4261517d356392dbbc6b3181568d87a376ae2e814464c230

FROM ${BASE} AS build

# mysqlclient has no wheels.
RUN dnf install --assumeyes gcc pkgconf-pkg-config mariadb-connector-c-devel && dnf clean all

COPY requirements/lambda.txt /requirements.txt
RUN pip install --no-cache-dir --require-hashes --requirement /requirements.txt --target /packages

WORKDIR /service
ENV PYTHONPATH=/packages
COPY manage.py zappa_settings.toml ./
COPY config config
COPY currency currency
COPY history history
COPY ingestor ingestor
COPY ranking ranking
COPY locale locale
COPY docs/methods docs/methods
COPY deploy/__init__.py deploy/package.py deploy/zappa_stage.py deploy/
# Lambda lets nobody write: translations, names of static files and byte code are made here. Zappa's settings
# are read from a module; its clients, which nothing is asked of, want credentials of some kind.
RUN python -m deploy.package \
    && AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none python -m zappa.cli save-python-settings-file web \
    && rm -rf deploy zappa_settings.toml

FROM ${BASE}

RUN dnf install --assumeyes mariadb-connector-c && dnf clean all

# Before the service, which changes more often; the folder is on Lambda's own path.
COPY --from=build /packages ${LAMBDA_TASK_ROOT}
COPY --from=build /service ${LAMBDA_TASK_ROOT}

ARG COMMIT=unknown
ENV COMMIT=${COMMIT} \
    DJANGO_SETTINGS_MODULE=config.settings.production \
    INSTANTIATE_LAMBDA_HANDLER_ON_IMPORT=true \
    PYTHONDONTWRITEBYTECODE=1

# Lambda runs a function as a user of its own with a read-only root, whatever is written here; for who runs
# the image elsewhere.
USER 10001:10001

CMD ["zappa.handler.lambda_handler"]
