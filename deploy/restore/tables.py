"""DynamoDB's tables at a moment of the past, each as a table beside the one that is used.

A table cannot be renamed, so what is restored goes back into it (`returning`). The side table is read for an
hour and then deleted; until then it forgets what has expired, as the other does.
"""

import time
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from deploy.release import screen
from deploy.restore import moment
from deploy.restore.moment import Refused
from ranking.stores.dynamodb_tables import EXPIRES_AT, RESULTS, SELECTIONS

#: The fixed names. Rankings could be computed anew; the counts of days that are over could not.
TABLES = (SELECTIONS, RESULTS)

#: Seconds between two looks. AWS takes a quarter of an hour to hours.
_PAUSE = 15.0
_TABLE_IS_GONE = """\
There is no table {table}. AWS keeps what was in a table with point-in-time recovery for 35 days after its end:
  aws dynamodb list-backups --backup-type SYSTEM --table-name {table}
  aws dynamodb restore-table-from-backup --target-table-name {table} --backup-arn <that backup>
  terraform -chdir=deploy/terraform apply -var-file=environments/<environment>.tfvars
The last one turns recovery, expiry and tags on again, which are not restored."""


def side_name(table: str, at: datetime) -> str:
    return f"{table}-restored-{moment.mark(at)}"


def beside(dynamodb: Any, table: str, at: datetime) -> str:
    """The name of a table that holds what `table` held at `at`, ready to be read.

    A second run finds the first one's table. What AWS leaves out is set: expiry and tags. Not so
    point-in-time recovery: it would keep for 35 days what is deleted within hours.
    Raises: Refused outside of the window, or where there is no such table; ClientError.
    """
    side = side_name(table, at)
    source = _described(dynamodb, table)
    if source is None:
        raise Refused(_TABLE_IS_GONE.format(table=table))
    if _described(dynamodb, side) is None:
        recovery = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"].get(
            "PointInTimeRecoveryDescription", {}
        )
        moment.check(
            at,
            earliest=recovery.get("EarliestRestorableDateTime"),
            latest=recovery.get("LatestRestorableDateTime"),
            of=f"table {table}",
        )
        screen.say(f"→ table {side} is restored to {moment.told(at)}")
        dynamodb.restore_table_to_point_in_time(
            SourceTableName=table, TargetTableName=side, RestoreDateTime=at
        )
    arn = _wait(dynamodb, side)["TableArn"]
    _expire(dynamodb, side)
    if tags := _tags(dynamodb, source["TableArn"]):
        dynamodb.tag_resource(ResourceArn=arn, Tags=tags)
    return side


def _described(dynamodb: Any, table: str) -> dict[str, Any] | None:
    try:
        described: dict[str, Any] = dynamodb.describe_table(TableName=table)["Table"]
    except ClientError as exc:
        if exc.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None
    return described


def _wait(dynamodb: Any, table: str) -> dict[str, Any]:
    began = time.monotonic()
    with screen.waiting() as tell:
        while True:
            found = _described(dynamodb, table)
            status = found["TableStatus"] if found else "not there yet"
            if found and status == "ACTIVE":
                return found
            tell(f"table {table}: {status}, {time.monotonic() - began:.0f} s")
            time.sleep(_PAUSE)


def _expire(dynamodb: Any, side: str) -> None:
    if not side.startswith(SELECTIONS):
        return
    told = dynamodb.describe_time_to_live(TableName=side)["TimeToLiveDescription"]
    if told["TimeToLiveStatus"] not in {"ENABLED", "ENABLING"}:
        dynamodb.update_time_to_live(
            TableName=side, TimeToLiveSpecification={"Enabled": True, "AttributeName": EXPIRES_AT}
        )


def _tags(dynamodb: Any, arn: str) -> list[dict[str, str]]:
    pages = dynamodb.get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
    tags = [tag for page in pages for tag in page["Tags"]]
    # Those that begin with aws: are AWS's to give.
    return [tag for tag in tags if not tag["Key"].startswith("aws:")]
