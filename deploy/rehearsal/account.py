"""What Terraform makes in an account, as far as the web tier asks for it, in an AWS that is empty."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

import boto3

from config.settings.parameters import NAMES, UNSET

REGION = "ap-northeast-2"
PATH = "/currency-service/"
QUEUES = ("ranking-calculation-queue", "data-processing-queue", "data-processing-dlq")


@dataclass(frozen=True)
class Account:
    """An account of moto's; its resources are named as in deploy/terraform."""

    address: str
    number: str = "123456789012"

    def client(self, service: str) -> Any:
        return boto3.client(  # type: ignore[no-untyped-call]
            service,
            region_name=REGION,
            endpoint_url=self.address,
            aws_access_key_id="rehearsal",
            aws_secret_access_key="rehearsal",  # noqa: S106 - moto takes any
        )

    def bucket(self, purpose: str) -> str:
        return f"{self.number}-currency-{purpose}"

    @property
    def queue_base_url(self) -> str:
        return f"{self.address}/{self.number}"


def furnish(account: Account, *, database: str, cache: str) -> None:
    """Buckets, queues and parameters; secrets are new in every account. Tables: `manage.py create_tables`."""
    for purpose in ("data-backup", "static-assets", "zappa-packages"):
        account.client("s3").create_bucket(
            Bucket=account.bucket(purpose), CreateBucketConfiguration={"LocationConstraint": REGION}
        )
    for name in QUEUES:
        account.client("sqs").create_queue(QueueName=name, Attributes={"VisibilityTimeout": "360"})
    given = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "VISITOR_KEY": secrets.token_urlsafe(50),
        "ENCRYPTION_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "DATABASE_URL": database,
        "CACHE_URL": cache,
    }
    for name in NAMES:
        account.client("ssm").put_parameter(
            Name=PATH + name, Value=given.get(name, UNSET), Type="SecureString", Overwrite=True
        )


def outputs(account: Account) -> dict[str, Any]:
    """A role, and an image to deploy; what Terraform's outputs would tell of the account."""
    trust = {"Service": ["lambda.amazonaws.com", "apigateway.amazonaws.com"]}
    statement = {"Effect": "Allow", "Principal": trust, "Action": "sts:AssumeRole"}
    role = account.client("iam").create_role(
        RoleName="currency-service-lambda",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    repository = account.client("ecr").create_repository(repositoryName="currency-service-web")
    return {
        "account_id": account.number,
        "region": REGION,
        "domain": "travel.example.com",
        "lambda_role_arn": role["Role"]["Arn"],
        "lambda_security_group_id": "sg-00000000000000001",
        "private_subnet_ids": ["subnet-00000000000000001", "subnet-00000000000000002"],
        "ecr_web_repository": repository["repository"]["repositoryUri"],
        "queue_base_url": account.queue_base_url,
        "archive_bucket": account.bucket("data-backup"),
        "static_bucket": account.bucket("static-assets"),
        "static_domain": "static.travel.example.com",
        "zappa_bucket": account.bucket("zappa-packages"),
        "kafka_bootstrap_servers": "",
    }


def pushed_image(account: Account, tag: str) -> str:
    """The digest of an image in the repository, of which there is nothing but its record."""
    layer = {"digest": f"sha256:{hashlib.sha256(tag.encode()).hexdigest()}", "size": 1}
    manifest = {"schemaVersion": 2, "config": {"digest": f"sha256:{'0' * 64}", "size": 1}, "layers": [layer]}
    told = account.client("ecr").put_image(
        repositoryName="currency-service-web",
        imageManifest=json.dumps(manifest),
        imageManifestMediaType="application/vnd.oci.image.manifest.v1+json",
        imageTag=tag,
    )
    return str(told["image"]["imageId"]["imageDigest"])


def environment(account: Account) -> dict[str, str]:
    """What the function is told, as zappa_settings.toml does; and where this AWS is.

    Without DATABASE_IAM_AUTH: the database here knows no tokens (tests/services/test_connections.py does). With
    the admin, which is what sends two cookies and large files.
    """
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "INSTANTIATE_LAMBDA_HANDLER_ON_IMPORT": "true",
        "ENVIRONMENT": "production",
        "PARAMETER_PATH": PATH,
        "ALLOWED_HOSTS": "travel.example.com,.execute-api.ap-northeast-2.amazonaws.com",
        "CSRF_TRUSTED_ORIGINS": "https://travel.example.com",
        "STATIC_BUCKET": account.bucket("static-assets"),
        "STATIC_URL": "https://static.travel.example.com",
        "ARCHIVE_URL": f"s3://{account.bucket('data-backup')}",
        "CELERY_BROKER_URL": "sqs://",
        "SQS_QUEUE_BASE_URL": account.queue_base_url,
        "SELECTION_STORE": "dynamodb",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9",  # events are noted down; the function tells nobody
        "AWS_ENDPOINT_URL": account.address,
        "AWS_ACCESS_KEY_ID": "rehearsal",
        "AWS_SECRET_ACCESS_KEY": "rehearsal",
        "AWS_REGION": REGION,
    }
