"""`python -m deploy.release STEP --stage STAGE`: see `--help`, and docs/decisions/0018 for the whole of it."""

import argparse
import os
import signal
import sys
from types import FrameType

from botocore.exceptions import BotoCoreError, ClientError

from deploy.release import (
    candidate,
    checkout,
    cluster,
    images,
    outcome,
    place,
    planning,
    screen,
    shift,
    tidying,
)
from deploy.release.outcome import Ended, Stopped
from deploy.release.place import Place

_EXITS = """exit codes:
  0    done, or there was nothing to do
  1    refused, or not well: traffic is where it was
  2    not understood
  3    traffic was moved, did not do well, and is back where it was
  4    another release is at it
  130  stopped: traffic is where it was at that moment; the same step goes on from there
"""

#: For how long a holder of the lock that was killed is waited for, in seconds.
_LEASE = 120.0


def _arguments() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--stage", choices=sorted(place.ENVIRONMENTS), required=True)
    common.add_argument("--lease", type=float, default=_LEASE, help=argparse.SUPPRESS)
    named = argparse.ArgumentParser(add_help=False)
    named.add_argument("--commit", help="what is released (default: HEAD of this checkout)")
    accepting = argparse.ArgumentParser(add_help=False)
    accepting.add_argument(
        "--accept",
        nargs="*",
        default=[],
        metavar="APP.MIGRATION",
        help="migrations that break the running release, and may",
    )

    parser = argparse.ArgumentParser(
        prog="python -m deploy.release",
        description="Release a commit, one step after the other. Every step may be repeated.",
        epilog=_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")

    def step(name: str, text: str, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
        return steps.add_parser(
            name, help=text.replace("%", "%%"), description=text, parents=[common, *parents]
        )

    step("plan", "what stands, and what the commit would bring; changes nothing", named, accepting)
    step("build", "build the commit's images and push them, unless the registry has them", named)
    step("foundation", "what the cluster's workloads stand on; an administrator's, when it has changed")
    step("migrate", "bring the database to the commit, by a job in the cluster", named, accepting)
    step("workers", "bring the cluster's deployments to the commit", named)
    step("green", "publish the commit as a version that nobody receives yet", named)
    checking = step("check", "ask that version everything", named)
    checking.add_argument("--green", default="", metavar="URL", help="where (default: its function URL)")
    switching = step("switch", "give it 10, 50, 100 % of the traffic, watched; back by itself", named)
    switching.add_argument("--live", required=True, metavar="URL", help="where everybody asks")
    switching.add_argument("--watch", type=float, default=300.0, help="seconds at each share (default: 300)")
    switching.add_argument("--every", type=float, default=5.0, help="seconds between looks (default: 5)")
    back = step("rollback", "everybody has the version before, at once")
    back.add_argument("--commit", default="", help="only if this is what is under way")
    back.add_argument("--to", default="", metavar="VERSION", help="that version instead")
    step("cleanup", "delete versions but the newest three and those in use")
    return parser


def _take(asked: argparse.Namespace, at: Place) -> None:
    if asked.step == "rollback":
        shift.rollback(at, commit=asked.commit, to=asked.to)
        return
    if asked.step == "cleanup":
        tidying.cleanup(at)
        return
    if asked.step == "foundation":
        cluster.foundation(at)
        return
    commit = asked.commit or checkout.head()
    match asked.step:
        case "plan":
            planning.plan(at, commit=commit, accepted=asked.accept)
        case "build":
            images.build_missing(at.images, commit=commit)
        case "migrate":
            cluster.migrate(at, commit=commit, accepted=asked.accept)
        case "workers":
            cluster.workers(at, commit=commit)
        case "green":
            candidate.green(at, commit=commit)
        case "check":
            candidate.check(at, commit=commit, address=asked.green)
        case "switch":
            shift.switch(at, commit=commit, address=asked.live, seconds=asked.watch, every=asked.every)


def _stop(number: int, frame: FrameType | None) -> None:
    # A job that is cancelled is asked to end before it is killed: the lock is given back.
    raise Stopped


def main(words: list[str] | None = None) -> int:
    asked = _arguments().parse_args(words)
    try:
        _take(asked, place.of(asked.stage, lease=asked.lease))
    except Ended as ended:
        screen.say(str(ended), style="bold red")
        return ended.code
    except (BotoCoreError, ClientError) as refusal:
        screen.say(f"AWS: {refusal}", style="bold red")
        return outcome.REFUSED
    except Stopped:
        screen.say("stopped; `plan` shows where it stands", style="bold red")
        return outcome.STOPPED
    return outcome.DONE


if __name__ == "__main__":
    for wish in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wish, _stop)
    os.chdir(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    sys.exit(main())
