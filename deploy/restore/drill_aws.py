"""A restore in the account itself: a cluster of this minute beside the one that runs, looked at, removed.

For whoever can reach the database: in the cluster, or through a tunnel. It costs an instance for an hour.
"""

import time
from typing import Any

from deploy.restore import access, aurora, examination, moment
from deploy.restore.moment import Refused
from deploy.restore.steps import Report, expect


def run(report: Report, rds: Any, secrets: Any) -> None:
    """Raises: Refused where a step did not do what it has to. The cluster is removed either way."""
    source = aurora.Clusters.found(rds, aurora.CLUSTER)
    if source is None:
        raise Refused(f"there is no cluster {aurora.CLUSTER} in this account and region")
    at = source["LatestRestorableTime"]
    name = f"{aurora.CLUSTER}-drill-{moment.mark(at)}"
    began = time.monotonic()
    report.lost = round((report.at - at).total_seconds(), 1)
    try:
        with report.step("beside") as done:
            cluster = aurora.beside(rds, at, name=name, is_protected=False, instances=1)
            expect(cluster["EngineVersion"], source["EngineVersion"], "version")
            done(f"{name} as of {moment.told(at)}")
        with report.step("verify") as done:
            database, others = access.as_master(rds, secrets, name)
            found = examination.examined(database, **others)
            expect(
                (found.missing, found.migrated, found.unanswered),
                ([], True, {}),
                "what is not as it has to be",
            )
            done(f"{len(found.tables)} tables, {found.rows:,} rows, {found.answered} addresses answer")
        report.restored_in = round(time.monotonic() - began, 1)
    finally:
        with report.step("remove") as done:
            aurora.remove(rds, name)
            done(f"{name} is gone")
