"""Who receives how much: an alias of the function and its weights."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

LIVE, GREEN = "live", "green"
#: The candidate's share in percent, one watch after the other.
STEPS = (10, 50, 100)


@dataclass(frozen=True)
class Split:
    """All of an alias's traffic goes to `version`, except `percent` that go to `other`."""

    version: str
    other: str = ""
    percent: int = 0

    def share(self, version: str) -> int:
        if version == self.other:
            return self.percent
        return 100 - self.percent if version == self.version else 0

    @property
    def versions(self) -> set[str]:
        return {self.version, self.other} - {""}


def between(previous: str, candidate: str, percent: int) -> Split:
    """The split that gives the candidate so many percent.

    At 100 the alias names the candidate alone: a version that a weight names cannot be deleted.
    """
    if percent >= 100 or not previous:
        return Split(candidate)
    return Split(previous, candidate, percent) if percent else Split(previous)


def steps_left(watched: int, *, first: bool) -> list[int]:
    """What is still to be watched. A step that was broken off is watched again from its beginning.

    The `first` version has nobody to share with.
    """
    return [percent for percent in (STEPS[-1:] if first else STEPS) if percent > watched]


class Alias:
    """One alias of one function. A change is refused if somebody else changed it since it was read."""

    def __init__(self, client: Any, function: str, name: str) -> None:
        self._client, self._function, self._name = client, function, name
        self._revision = ""

    def read(self) -> Split | None:
        try:
            told = self._client.get_alias(FunctionName=self._function, Name=self._name)
        except ClientError as exc:
            if exc.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            self._revision = ""
            return None
        self._revision = told["RevisionId"]
        weights = (told.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        for other, weight in weights.items():
            return Split(told["FunctionVersion"], other, round(weight * 100))
        return Split(told["FunctionVersion"])

    def point(self, split: Split, *, why: str) -> None:
        """Writes `split`, weights and all; doing it again changes nothing."""
        change = {
            "FunctionName": self._function,
            "Name": self._name,
            "FunctionVersion": split.version,
            "Description": why[:256],
            # An empty map takes the weights away; a missing one would leave them.
            "RoutingConfig": {
                "AdditionalVersionWeights": {split.other: split.percent / 100} if split.other else {}
            },
        }
        if self._revision:
            told = self._client.update_alias(**change, RevisionId=self._revision)
        else:
            told = self._client.create_alias(**change)
        self._revision = told["RevisionId"]
