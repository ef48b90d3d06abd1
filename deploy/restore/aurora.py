"""Aurora at a moment of the past: a cluster beside the one that runs, alike in everything that AWS leaves out.

A second run finds what an earlier one has made, by its name, and goes on from there.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from deploy.release import screen
from deploy.restore import moment
from deploy.restore.moment import Refused

#: As Terraform calls it (deploy/terraform/modules/data/aurora.tf); its instances are <name>-1, <name>-2.
CLUSTER = "currency-service"
#: Of a restored cluster: which moment it is of. It stays when the cluster takes the other's name.
RESTORED_TO = "restored-to"

#: Seconds between two looks. A restore takes a quarter of an hour and more, by the size of the database.
_PAUSE = 15.0
#: What has gone wrong for good: nothing is waited for.
_LOST = frozenset(
    {"failed", "inaccessible-encryption-credentials", "incompatible-parameters", "incompatible-restore"}
)


@dataclass(frozen=True)
class Kind:
    """What clusters and instances are called in the API."""

    word: str
    absent: str
    describe: str
    answer: str
    identifier: str
    status: str

    def found(self, rds: Any, name: str) -> dict[str, Any] | None:
        try:
            answer = getattr(rds, self.describe)(**{self.identifier: name})
        except ClientError as exc:
            if exc.response["Error"]["Code"] != self.absent:
                raise
            return None
        found: dict[str, Any] = answer[self.answer][0]
        return found


Clusters = Kind(
    "cluster", "DBClusterNotFoundFault", "describe_db_clusters", "DBClusters", "DBClusterIdentifier", "Status"
)
Instances = Kind(
    "instance",
    "DBInstanceNotFound",
    "describe_db_instances",
    "DBInstances",
    "DBInstanceIdentifier",
    "DBInstanceStatus",
)


def restored_name(at: datetime) -> str:
    return f"{CLUSTER}-restored-{moment.mark(at)}"


def members(cluster: dict[str, Any]) -> list[str]:
    return sorted(member["DBInstanceIdentifier"] for member in cluster["DBClusterMembers"])


def is_restored_to(cluster: dict[str, Any] | None, at: datetime) -> bool:
    tags = cluster.get("TagList", ()) if cluster else ()
    return {"Key": RESTORED_TO, "Value": moment.mark(at)} in tags


def wait(rds: Any, kind: Kind, name: str) -> dict[str, Any]:
    """The cluster or instance, once it is available; a look every 15 s, without an end.

    Raises: Refused where it will never be.
    """
    began = time.monotonic()
    with screen.waiting() as tell:
        while True:
            found = kind.found(rds, name)
            status = found[kind.status] if found else "not there yet"
            if found and status == "available":
                return found
            if status in _LOST:
                raise Refused(f"{kind.word} {name} is {status}")
            tell(f"{kind.word} {name}: {status}, {time.monotonic() - began:.0f} s")
            time.sleep(_PAUSE)


def beside(
    rds: Any, at: datetime, *, name: str, is_protected: bool = True, instances: int | None = None
) -> dict[str, Any]:
    """The cluster `name`, as the service's was at `at`, available, with as many instances as that one has.

    Raises: Refused outside of the window; ClientError.
    """
    source = Clusters.found(rds, CLUSTER)
    if source is None:
        raise Refused(f"there is no cluster {CLUSTER} in this account and region")
    there = Clusters.found(rds, name)
    if there is None:
        moment.check(
            at,
            earliest=source.get("EarliestRestorableTime"),
            latest=source.get("LatestRestorableTime"),
            of=f"cluster {CLUSTER}",
        )
        _step(f"cluster {name} is restored to {moment.told(at)}")
        rds.restore_db_cluster_to_point_in_time(**_as(source, at, name, is_protected))
    elif not is_restored_to(there, at):
        raise Refused(f"cluster {name} is there, and is of another moment")
    cluster = wait(rds, Clusters, name)
    if source.get("MasterUserSecret") and not cluster.get("MasterUserSecret"):
        # The restored one has the master's password of that moment, which nobody knows.
        rds.modify_db_cluster(
            DBClusterIdentifier=name,
            ManageMasterUserPassword=True,
            MasterUserSecretKmsKeyId=source["MasterUserSecret"]["KmsKeyId"],
            ApplyImmediately=True,
        )
        wait(rds, Clusters, name)
    wanted = members(source)[:instances]
    twins = [f"{name}-{number}" for number in range(1, len(wanted) + 1)]
    for twin, original in zip(twins, wanted, strict=True):
        if Instances.found(rds, twin) is None:
            _step(f"instance {twin} is made")
            rds.create_db_instance(**_instance(Instances.found(rds, original) or {}, twin, name))
    for twin in twins:
        wait(rds, Instances, twin)
    return wait(rds, Clusters, name)


def _as(source: dict[str, Any], at: datetime, name: str, is_protected: bool) -> dict[str, Any]:
    """What a restore is asked for: without it AWS would take the network's default group and parameters."""
    asked = {
        "DBClusterIdentifier": name,
        "SourceDBClusterIdentifier": source["DBClusterIdentifier"],
        "RestoreToTime": at,
        "DBSubnetGroupName": source["DBSubnetGroup"],
        "VpcSecurityGroupIds": [group["VpcSecurityGroupId"] for group in source.get("VpcSecurityGroups", ())],
        "DBClusterParameterGroupName": source["DBClusterParameterGroup"],
        "EnableIAMDatabaseAuthentication": source.get("IAMDatabaseAuthenticationEnabled", False),
        "EnableCloudwatchLogsExports": source.get("EnabledCloudwatchLogsExports", []),
        "CopyTagsToSnapshot": source.get("CopyTagsToSnapshot", False),
        "DeletionProtection": is_protected and source.get("DeletionProtection", False),
        "Tags": [*_tags(source), {"Key": RESTORED_TO, "Value": moment.mark(at)}],
    }
    if sizes := source.get("ServerlessV2ScalingConfiguration"):
        asked["ServerlessV2ScalingConfiguration"] = {
            key: sizes[key] for key in ("MinCapacity", "MaxCapacity") if key in sizes
        }
    return asked


def _instance(original: dict[str, Any], twin: str, cluster: str) -> dict[str, Any]:
    kept = ("DBInstanceClass", "Engine", "EngineVersion", "PromotionTier", "CopyTagsToSnapshot")
    asked = {key: original[key] for key in kept if original.get(key) is not None}
    if original.get("MonitoringInterval"):
        asked |= {key: original[key] for key in ("MonitoringInterval", "MonitoringRoleArn")}
    if original.get("PerformanceInsightsEnabled"):
        asked["EnablePerformanceInsights"] = True
        asked["PerformanceInsightsKMSKeyId"] = original["PerformanceInsightsKMSKeyId"]
    return asked | {
        "DBInstanceIdentifier": twin,
        "DBClusterIdentifier": cluster,
        "AutoMinorVersionUpgrade": False,
        "PubliclyAccessible": False,
        "Tags": _tags(original),
    }


def _tags(resource: dict[str, Any]) -> list[dict[str, str]]:
    # Those that begin with aws: are AWS's to give.
    tags = [tag for tag in resource.get("TagList", ()) if not tag["Key"].startswith("aws:")]
    return [tag for tag in tags if tag["Key"] != RESTORED_TO]


def remove(rds: Any, name: str) -> None:
    """A cluster that was made for a drill, with its instances and without a last snapshot."""
    cluster = Clusters.found(rds, name)
    for member in members(cluster) if cluster else ():
        rds.delete_db_instance(DBInstanceIdentifier=member, SkipFinalSnapshot=True)
    if cluster:
        rds.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)
    _gone(lambda: Clusters.found(rds, name), name)


def _gone(look: Callable[[], Any], name: str) -> None:
    with screen.waiting() as tell:
        while look() is not None:
            tell(f"{name} is being removed")
            time.sleep(_PAUSE)


def _step(text: str) -> None:
    screen.say(f"→ {text}")
