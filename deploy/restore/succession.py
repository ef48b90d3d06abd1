"""The restored cluster takes the place of the one that runs: by taking its name.

Aurora's addresses are made of names, and Terraform, alarms, preflight and DATABASE_URL go by them. So the
cluster that runs becomes `…-former-…`, the restored one `currency-service`, and nothing is told another
address. RDS Proxy holds on to the cluster, not to its name: it is let go of before, and taken on after.

Every step looks at what is there first. Killed anywhere, the same command goes on.
"""

from datetime import datetime
from typing import Any

from deploy.release import screen
from deploy.restore import aurora, moment
from deploy.restore.aurora import CLUSTER, Clusters, Instances, Kind
from deploy.restore.moment import Refused

PROXY = "currency-service"
_TARGETS = "default"

AFTERWARDS = """\
The restored cluster is `{cluster}`. What is left, in this order:
  terraform -chdir=deploy/terraform apply -var-file=environments/<environment>.tfvars
      IAM's policies name a cluster by its resource id, and this one has its own: until then nobody gets in.
  kubectl --namespace currency-service rollout restart deployment
  manage.py ingest --from {day} --to <today>
      What was published since then. What operators have done since then is lost.
  python -m deploy.restore verify --cluster {cluster}
  manage.py preflight --stage after --address https://<domain>
The cluster from before is `{former}`. When nothing is missed from it, in a week:
  aws rds modify-db-cluster --db-cluster-identifier {former} --no-deletion-protection
  aws rds delete-db-instance --db-instance-identifier <each of its instances>
  aws rds delete-db-cluster --db-cluster-identifier {former} --final-db-snapshot-identifier {former}"""


def former_name(at: datetime) -> str:
    return f"{CLUSTER}-former-{moment.mark(at)}"


def adopt(rds: Any, at: datetime) -> str:
    """Put the cluster that was restored to `at` in place; what is left to do, for a person.

    Between the first step and `terraform apply` nothing is written, and reads are answered from caches. What
    was written since `at` is in the former cluster alone.
    Raises: Refused where there is no such cluster, or one that is not ready; ClientError.
    """
    restored, former = aurora.restored_name(at), former_name(at)
    if not aurora.is_restored_to(Clusters.found(rds, CLUSTER), at):
        _check(rds, restored, at)
        _let_go(rds)
        if Clusters.found(rds, CLUSTER) is not None:
            # Their names are needed, and an instance goes with its cluster whatever it is called.
            _rename_members(rds, CLUSTER, prefix=CLUSTER, new=former)
            _rename(rds, Clusters, CLUSTER, former)
        _rename(rds, Clusters, restored, CLUSTER)
    _rename_members(rds, CLUSTER, prefix=restored, new=CLUSTER)
    _take_on(rds)
    return AFTERWARDS.format(cluster=CLUSTER, former=former, day=at.date())


def _check(rds: Any, restored: str, at: datetime) -> None:
    cluster = Clusters.found(rds, restored)
    if cluster is None:
        raise Refused(
            f"there is no cluster {restored}: python -m deploy.restore aurora --at {at.isoformat()}"
        )
    if not cluster["DBClusterMembers"]:
        raise Refused(f"cluster {restored} has no instance yet: run aurora without --adopt to its end first")


def _rename_members(rds: Any, cluster: str, *, prefix: str, new: str) -> None:
    """Those of the cluster's instances that are called <prefix>-<number>: <new>-<number>."""
    found = Clusters.found(rds, cluster)
    for name in aurora.members(found) if found else ():
        number = name.removeprefix(f"{prefix}-")
        if number.isdecimal():
            _rename(rds, Instances, name, f"{new}-{number}")


def _rename(rds: Any, kind: Kind, old: str, new: str) -> None:
    if kind.found(rds, new) is None:
        there = kind.found(rds, old)
        if there is None:
            raise Refused(f"neither {kind.word} {old} nor {new} is there")
        if there[kind.status] != "renaming":
            screen.say(f"→ {kind.word} {old} becomes {new}")
            asked = {kind.identifier: old, f"New{kind.identifier}": new, "ApplyImmediately": True}
            (rds.modify_db_cluster if kind is Clusters else rds.modify_db_instance)(**asked)
    aurora.wait(rds, kind, new)


def _targets(rds: Any) -> list[str]:
    told = rds.describe_db_proxy_targets(DBProxyName=PROXY, TargetGroupName=_TARGETS)["Targets"]
    return [target["RdsResourceId"] for target in told if target["Type"] == "TRACKED_CLUSTER"]


def _let_go(rds: Any) -> None:
    if there := _targets(rds):
        screen.say(f"→ proxy {PROXY} lets go of {', '.join(there)}")
        rds.deregister_db_proxy_targets(
            DBProxyName=PROXY, TargetGroupName=_TARGETS, DBClusterIdentifiers=there
        )


def _take_on(rds: Any) -> None:
    if CLUSTER not in _targets(rds):
        screen.say(f"→ proxy {PROXY} takes on {CLUSTER}")
        rds.register_db_proxy_targets(
            DBProxyName=PROXY, TargetGroupName=_TARGETS, DBClusterIdentifiers=[CLUSTER]
        )
