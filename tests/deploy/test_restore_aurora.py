"""Aurora restored and put in place: moto's RDS over HTTP. What it cannot show: how long it takes, and IAM."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from django.core.files.storage import storages
from werkzeug.serving import WSGIRequestHandler, make_server

from config.preflight import keeping
from deploy.restore import access, aurora, succession
from deploy.restore.__main__ import main
from deploy.restore.moment import Refused
from tests.aws_server import CREDENTIALS

KMS = "arn:aws:kms:ap-northeast-2:123456789012:key/"
ROLE = "arn:aws:iam::123456789012:role/currency-service-aurora-monitoring"
TAGS = [{"Key": "Project", "Value": "currency-service"}]


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def address(monkeypatch_module: pytest.MonkeyPatch) -> Iterator[str]:
    """moto's server, but for one thing: the instances of a cluster stay its own when that is renamed."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from moto.rds.models import RDSBackend

    modify = RDSBackend.modify_db_cluster

    def modified(self: Any, kwargs: dict[str, Any]) -> Any:
        old, new = kwargs["db_cluster_identifier"], kwargs.get("new_db_cluster_identifier")
        instances = [one for one in self.databases.values() if one.db_cluster_identifier == old]
        cluster = modify(self, kwargs)
        for instance in instances if new else ():
            instance.db_cluster_identifier = new
        return cluster

    monkeypatch_module.setattr(RDSBackend, "modify_db_cluster", modified)
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def account(address: str) -> Any:
    """moto's RDS with what stands around a cluster."""
    session = boto3.session.Session(
        aws_access_key_id="tests", aws_secret_access_key="tests", region_name="ap-northeast-2"
    )
    subnets = session.client("ec2", endpoint_url=address).describe_subnets()["Subnets"]
    key = session.client("kms", endpoint_url=address).create_key()["KeyMetadata"]["Arn"]
    return session.client("rds", endpoint_url=address), key, [subnet["SubnetId"] for subnet in subnets]


@pytest.fixture
def rds(account: Any, address: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": address}.items():
        monkeypatch.setenv(name, value)
    return furnished(*account)


def furnished(client: Any, key: str, subnets: list[str]) -> Any:
    """The cluster as Terraform makes it, but of one instance, behind the proxy."""
    from moto.rds.models import rds_backends

    rds_backends["123456789012"]["ap-northeast-2"].reset()
    client.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="currency-service",
        DBParameterGroupFamily="aurora-mysql8.0",
        Description="-",
    )
    client.create_db_cluster(
        DBClusterIdentifier="currency-service",
        Engine="aurora-mysql",
        EngineVersion="8.0.mysql_aurora.3.10.1",
        DatabaseName="currency",
        MasterUsername="master",
        ManageMasterUserPassword=True,
        MasterUserSecretKmsKeyId=key,
        EnableIAMDatabaseAuthentication=True,
        VpcSecurityGroupIds=["sg-0123"],
        DBClusterParameterGroupName="currency-service",
        DeletionProtection=True,
        CopyTagsToSnapshot=True,
        StorageEncrypted=True,
        KmsKeyId=key,
        ServerlessV2ScalingConfiguration={"MinCapacity": 0.5, "MaxCapacity": 16},
        EnableCloudwatchLogsExports=["audit", "error", "slowquery"],
        Tags=TAGS,
    )
    client.create_db_instance(
        DBInstanceIdentifier="currency-service-1",
        DBClusterIdentifier="currency-service",
        Engine="aurora-mysql",
        DBInstanceClass="db.serverless",
        PromotionTier=1,
        MonitoringInterval=60,
        MonitoringRoleArn=ROLE,
        Tags=TAGS,
    )
    client.create_db_proxy(
        DBProxyName="currency-service",
        EngineFamily="MYSQL",
        Auth=[{"IAMAuth": "REQUIRED", "AuthScheme": "SECRETS", "SecretArn": f"{KMS}none"}],
        RoleArn=ROLE,
        VpcSubnetIds=subnets,
    )
    client.register_db_proxy_targets(
        DBProxyName="currency-service", TargetGroupName="default", DBClusterIdentifiers=["currency-service"]
    )
    return client


def found(rds: Any, name: str) -> dict[str, Any]:
    cluster = aurora.Clusters.found(rds, name)
    assert cluster is not None
    return cluster


def clusters(rds: Any) -> dict[str, list[str]]:
    """{cluster: its instances}"""
    return {
        one["DBClusterIdentifier"]: [member["DBInstanceIdentifier"] for member in one["DBClusterMembers"]]
        for one in rds.describe_db_clusters()["DBClusters"]
    }


def beside(rds: Any) -> datetime:
    at = datetime.now(UTC)
    aurora.beside(rds, at, name=aurora.restored_name(at))
    return at


def test_the_restored_cluster_is_like_the_other_in_all_that_aws_would_leave_out(rds):
    at = beside(rds)

    [original] = rds.describe_db_clusters(DBClusterIdentifier="currency-service")["DBClusters"]
    [twin] = rds.describe_db_clusters(DBClusterIdentifier=aurora.restored_name(at))["DBClusters"]
    kept = (
        "VpcSecurityGroups",
        "DBClusterParameterGroup",
        "DBSubnetGroup",
        "IAMDatabaseAuthenticationEnabled",
        "DeletionProtection",
        "CopyTagsToSnapshot",
        "ServerlessV2ScalingConfiguration",
        "EnabledCloudwatchLogsExports",
        "Engine",
        "EngineVersion",
        "DatabaseName",
        "KmsKeyId",
    )
    assert {key: twin.get(key) for key in kept} == {key: original.get(key) for key in kept}
    assert [group["VpcSecurityGroupId"] for group in twin["VpcSecurityGroups"]] == ["sg-0123"]
    assert twin["TagList"] == [*TAGS, {"Key": "restored-to", "Value": f"{at:%Y%m%dt%H%M%Sz}"}]
    assert twin["MasterUserSecret"]["SecretArn"] != original["MasterUserSecret"]["SecretArn"]


def test_its_instances_are_like_those_of_the_other(rds):
    at = beside(rds)

    [original] = rds.describe_db_instances(DBInstanceIdentifier="currency-service-1")["DBInstances"]
    [twin] = rds.describe_db_instances(DBInstanceIdentifier=f"{aurora.restored_name(at)}-1")["DBInstances"]
    # moto does not tell with which key insights are encrypted.
    kept = ("DBInstanceClass", "PromotionTier", "MonitoringRoleArn", "TagList")
    assert {key: twin[key] for key in kept} == {key: original[key] for key in kept}
    assert twin["PubliclyAccessible"] is False


def test_the_same_words_again_make_nothing_new(rds, capsys):
    at = beside(rds)
    capsys.readouterr()

    aurora.beside(rds, at, name=aurora.restored_name(at))

    assert capsys.readouterr().out == ""
    assert clusters(rds) == {
        "currency-service": ["currency-service-1"],
        aurora.restored_name(at): [f"{aurora.restored_name(at)}-1"],
    }


@pytest.mark.parametrize("hours", [-24, 1])
def test_a_moment_outside_the_window_is_refused_with_the_window(rds, hours, capsys):
    at = datetime.now(UTC) + timedelta(hours=hours)

    assert main(["aurora", "--at", at.isoformat()]) == 1

    told = capsys.readouterr().out
    assert f"cluster currency-service: {at:%Y-%m-%d %H:%M:%S} UTC is outside what can be restored" in told
    assert clusters(rds) == {"currency-service": ["currency-service-1"]}


def test_a_moment_without_a_zone_is_not_understood(capsys):
    with pytest.raises(SystemExit):
        main(["aurora", "--at", "2026-11-26T03:00:00"])

    assert "--at" in capsys.readouterr().err


def test_nothing_is_touched_where_there_is_no_restored_cluster(rds):
    with pytest.raises(Refused, match="there is no cluster currency-service-restored-"):
        succession.adopt(rds, datetime.now(UTC))

    assert clusters(rds) == {"currency-service": ["currency-service-1"]}
    assert succession._targets(rds) == ["currency-service"]


def test_the_commands_say_what_comes_next(rds, capsys):
    at = datetime.now(UTC).isoformat()

    assert main(["aurora", "--at", at]) == 0
    assert f"python -m deploy.restore aurora --at {at} --adopt" in capsys.readouterr().out

    assert main(["aurora", "--at", at, "--adopt"]) == 0
    told = capsys.readouterr().out
    assert told.index("terraform -chdir") < told.index("kubectl") < told.index(f"ingest --from {at[:10]}")


class Killed(Exception):
    pass


def test_stopped_after_each_call_that_changes_something_the_same_words_put_it_in_place(rds):
    at = beside(rds)
    successor = found(rds, aurora.restored_name(at))["DbClusterResourceId"]

    def end(model: Any, **_: Any) -> None:
        if not model.name.startswith("Describe"):
            raise Killed

    rds.meta.events.register("after-call.rds", end)
    stopped = 0
    while stopped < 10:
        try:
            succession.adopt(rds, at)
            break
        except Killed:
            stopped += 1
    rds.meta.events.unregister("after-call.rds", end)

    assert stopped == 6  # let go, two clusters and two instances renamed, taken on
    former = succession.former_name(at)
    assert clusters(rds) == {"currency-service": ["currency-service-1"], former: [f"{former}-1"]}
    assert found(rds, "currency-service")["DbClusterResourceId"] == successor
    assert succession._targets(rds) == ["currency-service"]


def test_a_restored_cluster_is_reached_as_its_master_user(rds):
    at = beside(rds)
    secrets = boto3.session.Session(region_name="ap-northeast-2").client("secretsmanager")
    twin = found(rds, aurora.restored_name(at))
    secrets.put_secret_value(
        SecretId=twin["MasterUserSecret"]["SecretArn"],
        SecretString='{"username": "master", "password": "a:b/c@d"}',
    )

    address, others = access.as_master(rds, secrets, aurora.restored_name(at))

    assert address == f"mysql://master:a%3Ab%2Fc%40d@{twin['Endpoint']}:3306/currency?ssl_mode=REQUIRED"
    assert others == {"DATABASE_IAM_AUTH": "false"}


def test_a_drill_in_the_account_that_cannot_look_at_its_cluster_fails_and_leaves_nothing(rds, capsys):
    """moto's clusters have names alone: nobody answers there."""
    assert main(["drill", "--aws"]) == 1

    archive = storages["archive"]
    [name] = archive.listdir(keeping.DRILLS)[1]
    with archive.open(f"{keeping.DRILLS}/{name}") as file:
        told = json.load(file)
    archive.delete(f"{keeping.DRILLS}/{name}")
    assert [(step["name"], step["ok"]) for step in told["steps"]] == [
        ("beside", True),
        ("verify", False),
        ("remove", True),
    ]
    assert told["passed"] is False
    assert clusters(rds) == {"currency-service": ["currency-service-1"]}
