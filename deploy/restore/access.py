"""How a cluster that nobody uses yet is reached: as its master user, whose password AWS keeps.

The service's own roles may connect to the cluster of before only: IAM's policies name it by its resource id.
"""

import json
from typing import Any
from urllib.parse import quote

from deploy.restore.aurora import Clusters
from deploy.restore.moment import Refused


def as_master(rds: Any, secrets: Any, name: str) -> tuple[str, dict[str, str]]:
    """(DATABASE_URL, what else the process is told) for a cluster. It holds a password: for a child's environment.

    Raises: Refused where there is no such cluster, or no password of it is kept.
    """
    cluster = Clusters.found(rds, name)
    if cluster is None:
        raise Refused(f"there is no cluster {name}")
    if not (kept := cluster.get("MasterUserSecret")):
        raise Refused(f"the master password of {name} is not in Secrets Manager: run aurora to its end first")
    secret = json.loads(secrets.get_secret_value(SecretId=kept["SecretArn"])["SecretString"])
    user, password = quote(secret["username"], safe=""), quote(secret["password"], safe="")
    place = f"{cluster['Endpoint']}:{cluster['Port']}/{cluster.get('DatabaseName') or 'currency'}"
    # Aurora takes nobody without TLS, and a proof of the password instead of the password.
    return f"mysql://{user}:{password}@{place}?ssl_mode=REQUIRED", {"DATABASE_IAM_AUTH": "false"}
