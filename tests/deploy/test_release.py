"""Releases from end to end: the real command, moto's Lambda, registry, S3 and CloudWatch over HTTP.

Where everybody asks, and where the candidate is asked, a stand-in answers as the alias divides.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import time_machine

from deploy.release import journal, migrations, place, shift
from deploy.release.__main__ import main
from deploy.release.outcome import DONE, HELD, REFUSED, ROLLED_BACK, STOPPED, Held
from tests.aws_server import CREDENTIALS, running
from tests.deploy.stand_in import StandIn

ROOT = Path(__file__).resolve().parent.parent.parent
FUNCTION = "currency-service-prod"
#: Three commits; the first of them is live.
OLD, NEW, NEXT = ("0ld" + "0" * 37, "2e3" + "1" * 37, "4e7" + "2" * 37)
QUICK = ["--watch", "0", "--every", "0"]


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    os.environ["MOTO_LAMBDA_STUB_ECR"] = "false"  # versions hold the digests of real images
    try:
        with running() as address:
            yield address
    finally:
        del os.environ["MOTO_LAMBDA_STUB_ECR"]


class Stage:
    """Production as Terraform and `zappa deploy` leave it, with the commit OLD as version 1."""

    def __init__(self, stand_in: StandIn, address: str) -> None:
        self.stand_in, self.address = stand_in, address
        session = place._session()
        self.functions = session.client("lambda")
        self.registry = session.client("ecr")
        self.s3 = session.client("s3")
        self.cloudwatch = session.client("cloudwatch")

    def run(self, step: str, *words: str, commit: str = NEW) -> int:
        named = [] if step in {"rollback", "cleanup"} else ["--commit", commit]
        where = {"check": ["--green", f"{self.address}/green"], "switch": ["--live", f"{self.address}/live"]}
        return main([step, "--stage", "prod", *named, *where.get(step, []), *words])

    def passed(self, commit: str = NEW) -> None:
        """`commit` is on green and has passed; the check itself, which asks 62 times, is left out."""
        assert self.run("green", commit=commit) == DONE
        with place.of("prod", lease=60).book.held() as book:
            book.write_release(state=journal.CHECKED)

    def start(self, step: str, *words: str) -> "subprocess.Popen[bytes]":
        """The command as a process of its own, as a pipeline has it."""
        command = [sys.executable, "-m", "deploy.release", step, "--stage", "prod", "--commit", NEW]
        where = ["--live", f"{self.address}/live"]
        return subprocess.Popen([*command, *where, *words], cwd=ROOT, stdout=subprocess.DEVNULL)

    def measured(
        self, namespace: str, metric: str, value: float, dimensions: dict[str, str], at: datetime
    ) -> None:
        named = [{"Name": name, "Value": text} for name, text in dimensions.items()]
        data = {"MetricName": metric, "Dimensions": named, "Timestamp": at, "Value": value}
        self.cloudwatch.put_metric_data(Namespace=namespace, MetricData=[data])

    def live(self) -> tuple[str, dict[str, float]]:
        told = self.functions.get_alias(FunctionName=FUNCTION, Name="live")
        return told["FunctionVersion"], (told.get("RoutingConfig") or {}).get("AdditionalVersionWeights", {})

    def shares(self, version: str = "2") -> dict[int, float]:
        """Of the requests under each weight, in percent, which part `version` was given."""
        received = self.stand_in.received
        return {
            weight: sum(got == version for at, got in received if at == weight)
            / sum(at == weight for at, _ in received)
            for weight in dict(received)
        }

    def journal(self) -> dict[str, Any]:
        kept = self.s3.get_object(Bucket="123456789012-currency-zappa-packages", Key="releases/prod.json")
        told: dict[str, Any] = json.loads(kept["Body"].read())
        return told

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not holds():
            assert time.monotonic() < deadline, "it did not come to that"
            time.sleep(0.02)


@pytest.fixture
def stage(aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": aws}.items():
        monkeypatch.setenv(name, value)
    httpx.post(f"{aws}/moto-api/reset").raise_for_status()
    stand_in = StandIn(aws, FUNCTION)
    with stand_in.serving() as address:
        made = Stage(stand_in, address)
        _as_terraform_and_zappa_leave_it(made)
        yield made


def _as_terraform_and_zappa_leave_it(stage: Stage) -> None:
    role = (
        place._session()
        .client("iam")
        .create_role(RoleName="currency-service-lambda", AssumeRolePolicyDocument="{}")
    )
    stage.s3.create_bucket(
        Bucket="123456789012-currency-zappa-packages",
        CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"},
    )
    for part in ("web", "worker"):
        stage.registry.create_repository(repositoryName=f"currency-service-{part}")
        for commit in (OLD, NEW, NEXT):
            push(stage, part, commit)
    stage.functions.create_function(
        FunctionName=FUNCTION,
        PackageType="Image",
        Code={"ImageUri": image(stage, OLD)},
        Role=role["Role"]["Arn"],
        Description=OLD,
        Environment={"Variables": {"ENVIRONMENT": "production"}},
        Publish=True,
    )
    stage.functions.create_alias(FunctionName=FUNCTION, Name="live", FunctionVersion="1")


def push(stage: Stage, part: str, commit: str) -> None:
    """What `docker push` leaves in the registry."""
    docker = "application/vnd.docker"
    config = {"mediaType": f"{docker}.container.image.v1+json", "size": 7, "digest": f"sha256:{commit}"}
    stage.registry.put_image(
        repositoryName=f"currency-service-{part}",
        imageManifest=json.dumps({"schemaVersion": 2, "config": config, "layers": [], "part": part}),
        imageManifestMediaType=f"{docker}.distribution.manifest.v2+json",
        imageTag=commit,
        imageDigest=f"sha256:{hashlib.sha256(f'{part} {commit}'.encode()).hexdigest()}",
    )


def digest(stage: Stage, part: str, commit: str) -> str:
    [told] = stage.registry.describe_images(
        repositoryName=f"currency-service-{part}", imageIds=[{"imageTag": commit}]
    )["imageDetails"]
    return str(told["imageDigest"])


def image(stage: Stage, commit: str) -> str:
    return f"{repository(stage, 'web')}@{digest(stage, 'web', commit)}"


def repository(stage: Stage, part: str) -> str:
    [told] = stage.registry.describe_repositories(repositoryNames=[f"currency-service-{part}"])[
        "repositories"
    ]
    return str(told["repositoryUri"])


def checked_out(folder: Path) -> str:
    """Makes a checkout of a commit of nothing; which."""
    git = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "a"]):
        subprocess.run([*git, *words], check=True)
    return subprocess.check_output([*git, "rev-parse", "HEAD"], text=True).strip()


# --- the good release ----------------------------------------------------------------------------


def test_a_good_release_is_given_a_tenth_a_half_and_all(stage, capsys):
    assert stage.run("green") == DONE
    assert stage.run("check") == DONE
    assert stage.live() == ("1", {})

    assert stage.run("switch", *QUICK) == DONE

    assert stage.live() == ("2", {})
    assert stage.shares() == {10: pytest.approx(0.1, abs=0.1), 50: 0.5, 0: 1.0}
    assert stage.journal()["release"] == {
        "commit": NEW,
        "version": "2",
        "previous": "1",
        "state": "live",
        "watched": 100,
        "reason": "",
    }
    assert "100 % of `live` to version 2" in capsys.readouterr().out


def test_each_step_may_be_repeated(stage):
    for _ in range(2):
        stage.passed()
    for _ in range(2):
        assert stage.run("switch", *QUICK) == DONE
    assert stage.run("green") == DONE
    assert stage.run("check") == DONE

    assert stage.live() == ("2", {})
    published = stage.functions.list_versions_by_function(FunctionName=FUNCTION)["Versions"]
    assert [told["Version"] for told in published] == ["$LATEST", "1", "2"]


def test_a_release_is_told_when_it_was_deployed_and_keeps_the_functions_settings(stage):
    before = datetime.now(UTC).replace(microsecond=0)

    stage.run("green")

    told = stage.functions.get_function_configuration(FunctionName=FUNCTION, Qualifier="2")
    variables = told["Environment"]["Variables"]
    assert variables["ENVIRONMENT"] == "production"
    assert before <= datetime.fromisoformat(variables["DEPLOYED_AT"]) <= datetime.now(UTC)


def test_the_first_release_of_all_has_nobody_to_share_with(stage):
    stage.functions.delete_alias(FunctionName=FUNCTION, Name="live")
    stage.passed()

    assert stage.run("switch", *QUICK) == DONE

    assert stage.live() == ("2", {})
    assert stage.shares() == {0: 1.0}


# --- what is refused -----------------------------------------------------------------------------


def test_a_candidate_whose_health_fails_gets_no_traffic(stage, capsys):
    stage.stand_in.ill[NEW] = lambda path, share: 503 if path == "/health/ready" else None
    stage.run("green")

    assert stage.run("check") == REFUSED
    assert stage.run("switch", *QUICK) == REFUSED

    assert stage.live() == ("1", {})
    assert stage.stand_in.received == []
    told = capsys.readouterr().out
    assert "version 2 is not well: ready, errors" in told
    assert "status 503, expected 200" in told
    assert "only what passed `check` is given traffic" in told


def test_a_candidate_with_old_rates_gets_no_traffic(stage, capsys):
    stage.stand_in.fresh_at -= timedelta(days=7)
    stage.run("green")

    assert stage.run("check") == REFUSED

    assert "version 2 is not well: latest rates, ranking" in capsys.readouterr().out


def test_a_candidate_that_answers_as_another_commit_gets_no_traffic(stage, capsys):
    stage.run("green")
    stage.functions.update_alias(FunctionName=FUNCTION, Name="green", FunctionVersion="1")

    assert stage.run("check") == REFUSED

    assert "is not well: version" in capsys.readouterr().out


def test_what_passed_is_not_traded_for_another_commit(stage, capsys):
    stage.passed()

    assert stage.run("switch", *QUICK, commit=NEXT) == REFUSED

    assert stage.live() == ("1", {})
    assert "what is under way is 2e3111111111, not 4e7222222222" in capsys.readouterr().out


def test_a_commit_without_an_image_is_to_be_built_first(stage, capsys):
    assert stage.run("green", commit="f" * 40) == REFUSED

    assert "`build` it first" in capsys.readouterr().out


def test_an_alias_that_somebody_moved_by_hand_is_not_moved_on(stage, capsys):
    stage.passed()
    stage.functions.publish_version(FunctionName=FUNCTION)
    stage.functions.update_function_code(FunctionName=FUNCTION, ImageUri=image(stage, NEXT), Publish=True)
    stage.functions.update_alias(FunctionName=FUNCTION, Name="live", FunctionVersion="3")

    assert stage.run("switch", *QUICK) == REFUSED

    assert stage.live() == ("3", {})
    assert "`live` has version 3, expected 1" in capsys.readouterr().out


# --- what goes wrong under way -------------------------------------------------------------------


def test_a_failure_at_half_takes_everybody_back(stage, capsys):
    stage.stand_in.ill[NEW] = lambda path, share: 500 if share >= 50 else None
    stage.passed()

    assert stage.run("switch", *QUICK) == ROLLED_BACK

    assert stage.live() == ("1", {})
    assert stage.shares() == {10: pytest.approx(0.1, abs=0.1), 50: 0.5}
    kept = stage.journal()["release"]
    assert (kept["state"], kept["watched"]) == ("rolled back", 10)
    assert "requests failed" in kept["reason"]
    assert "Everybody has version 1 again" in capsys.readouterr().out
    assert stage.run("switch", *QUICK) == REFUSED


def test_errors_that_only_cloudwatch_saw_take_everybody_back(stage):
    stage.passed()
    soon = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    for version, metric, value in [("2", "Invocations", 50), ("2", "Errors", 6), ("1", "Invocations", 450)]:
        dimensions = {"FunctionName": FUNCTION, "Resource": f"{FUNCTION}:live", "ExecutedVersion": version}
        stage.measured("AWS/Lambda", metric, value, dimensions, soon)

    assert stage.run("switch", *QUICK) == ROLLED_BACK

    assert stage.live() == ("1", {})
    assert stage.journal()["release"]["reason"].startswith("6 of its 50 invocations ended in an error")


def test_a_release_that_was_killed_goes_on_where_it_was(stage, capsys):
    stage.passed()
    killed = stage.start("switch", "--watch", "1", "--every", "0.1")
    stage.until(lambda: stage.live() == ("1", {"2": 0.5}))
    killed.send_signal(signal.SIGKILL)
    killed.wait(10)
    assert stage.live() == ("1", {"2": 0.5})
    assert stage.journal()["release"]["watched"] == 10

    assert stage.run("switch", *QUICK) == HELD
    assert "unless it goes on, its lock ends in" in capsys.readouterr().out
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2), tick=True):
        assert stage.run("switch", *QUICK) == DONE

    assert stage.live() == ("2", {})
    told = capsys.readouterr().out
    assert "50 % of `live` to version 2" in told
    assert "10 % of `live`" not in told


def test_a_candidate_that_refuses_everybody_is_taken_back_as_well(stage):
    stage.stand_in.ill[NEW] = lambda path, share: 403
    stage.passed()

    assert stage.run("switch", *QUICK) == ROLLED_BACK

    assert stage.live() == ("1", {})
    assert stage.journal()["release"]["reason"].endswith(": 403")


def test_who_cannot_be_watched_is_taken_back(stage, monkeypatch):
    stage.passed()
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    assert stage.run("switch", *QUICK) == ROLLED_BACK

    assert stage.live() == ("1", {})
    assert stage.journal()["release"]["reason"].startswith("CloudWatch does not tell how it does")


def test_a_pipeline_that_is_run_again_comes_to_the_step_it_was_in(stage, capsys):
    stage.passed()
    with place.of("prod", lease=60).book.held() as book:
        book.write_release(state=journal.SHIFTING, watched=10)  # and its machine was gone

    assert [stage.run(step) for step in ("green", "check")] == [DONE, DONE]
    assert stage.live() == ("1", {})
    assert stage.run("switch", *QUICK) == DONE

    assert stage.live() == ("2", {})
    assert "10 % of `live`" not in capsys.readouterr().out


def test_the_alias_is_read_before_the_lock_is_seen_to_be_ours(stage):
    """So AWS refuses the change, by the alias's revision, if a rollback came in between. moto keeps no revisions."""
    stage.passed()
    at = place.of("prod", lease=60)
    asked: list[str] = []
    with at.book.held() as book:
        for client in (at.functions, book._s3):
            client.meta.events.register("before-call", lambda model, **_: asked.append(model.name))
        shift._give(at, book, 10)
        assert asked == ["GetAlias", "PutObject", "UpdateAlias"]


def test_a_rollback_takes_the_lock_from_who_is_watching(stage, capsys):
    stage.passed()
    ends: list[int] = []
    watching = threading.Thread(
        target=lambda: ends.append(stage.run("switch", "--watch", "30", "--every", "0.05", "--lease", "0.4"))
    )
    watching.start()
    stage.until(lambda: stage.live() == ("1", {"2": 0.1}))

    assert stage.run("rollback") == DONE

    watching.join(20)
    assert ends == [HELD]
    assert stage.live() == ("1", {})
    assert stage.journal()["release"]["state"] == "rolled back"


# --- one at a time -------------------------------------------------------------------------------


def test_of_many_that_reach_for_the_lock_at_once_one_has_it(stage):
    books = [place.of("prod", lease=60).book for _ in range(6)]
    start, done = threading.Barrier(len(books)), threading.Barrier(len(books))
    had: list[str] = []

    def reach(book: journal.Book) -> None:
        start.wait()
        try:
            with book.held():
                had.append("it")
                done.wait()
        except Held:
            had.append("nothing")
            done.wait()

    threads = [threading.Thread(target=reach, args=[book]) for book in books]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(had) == ["it"] + ["nothing"] * 5


def test_a_rollback_has_the_lock_also_if_its_holder_writes_at_that_moment(stage, monkeypatch):
    stage.passed()
    holder, back = (place.of("prod", lease=60).book for _ in range(2))
    holder._taken(at_once=False)
    read = back.read

    def read_too_early() -> journal.Journal:
        found = read()
        monkeypatch.setattr(back, "read", read)
        holder.write_release(watched=10)
        return found

    monkeypatch.setattr(back, "read", read_too_early)
    with back.held(at_once=True):
        assert stage.journal()["release"]["watched"] == 10
        with pytest.raises(Held):
            holder.write_release(watched=50)


def test_who_is_asked_to_stop_gives_the_lock_back_and_another_commit_waits_still(stage, capsys):
    stage.passed()
    stopped = stage.start("switch", "--watch", "60", "--every", "0.1")
    stage.until(lambda: stage.live() == ("1", {"2": 0.1}))
    stopped.send_signal(signal.SIGTERM)

    assert stopped.wait(20) == STOPPED
    assert stage.live() == ("1", {"2": 0.1})
    assert stage.journal()["holder"] == ""
    assert stage.run("green", commit=NEXT) == REFUSED
    assert "2e3111111111 is shifting (version 2): first `switch` it to its end" in capsys.readouterr().out
    assert stage.run("rollback") == DONE
    assert stage.run("green", commit=NEXT) == DONE


# --- back, and tidy ------------------------------------------------------------------------------


def test_a_rollback_after_the_release_is_at_once_and_only_one_version_far(stage):
    stage.passed()
    stage.run("switch", *QUICK)

    assert stage.run("rollback") == DONE
    assert stage.live() == ("1", {})
    assert stage.run("rollback") == DONE
    assert stage.live() == ("1", {})
    assert stage.run("rollback", "--to", "2") == DONE
    assert stage.live() == ("2", {})
    assert stage.run("rollback", "--to", "9") == REFUSED


def test_a_pipeline_that_failed_early_does_not_undo_the_release_before_it(stage):
    stage.passed()
    stage.run("switch", *QUICK)
    assert stage.run("green", commit="f" * 40) == REFUSED

    for commit in ("f" * 40, NEW):
        assert stage.run("rollback", "--commit", commit) == DONE

    assert stage.live() == ("2", {})
    stage.passed(commit=NEXT)
    assert stage.run("rollback", "--commit", NEXT) == DONE
    assert stage.journal()["release"]["state"] == "rolled back"


def test_three_versions_are_kept_and_whatever_an_alias_names(stage):
    for number in range(4):
        commit = f"{number:040}"
        push(stage, "web", commit)
        stage.functions.update_function_code(FunctionName=FUNCTION, ImageUri=image(stage, commit))
        stage.functions.publish_version(FunctionName=FUNCTION, Description=commit)
    stage.passed()  # version 6, beside version 1, which is live

    assert stage.run("cleanup") == DONE

    kept = stage.functions.list_versions_by_function(FunctionName=FUNCTION)["Versions"]
    assert [told["Version"] for told in kept] == ["$LATEST", "1", "4", "5", "6"]


# --- what is built, and the plan ------------------------------------------------------------------------------------


def test_a_commit_that_has_its_images_is_not_built_again(stage, capsys):
    assert stage.run("build") == DONE

    told = capsys.readouterr().out.split()
    assert f"{repository(stage, 'web')}@{digest(stage, 'web', NEW)}" in told
    assert f"{repository(stage, 'worker')}@{digest(stage, 'worker', NEW)}" in told
    assert told.count("kept:") == 2


def test_an_image_is_of_its_commit_and_of_nothing_else(stage, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    here = checked_out(tmp_path)

    assert stage.run("build", commit="f" * 40) == REFUSED
    assert f"this checkout is {here[:12]}, not ffffffffffff" in capsys.readouterr().out
    (tmp_path / "new.py").write_text("")
    assert stage.run("build", commit=here) == REFUSED
    assert f"1 files here differ from {here[:12]}" in capsys.readouterr().out


def test_the_plan_of_an_empty_account_begins_with_the_images(stage, capsys):
    stage.functions.delete_function(FunctionName=FUNCTION)

    assert stage.run("plan", commit="f" * 40) == DONE

    assert re.search(r"next .* build", capsys.readouterr().out)


def test_the_plan_tells_what_stands_and_what_comes_next(stage, capsys):
    with place.of("prod", lease=60).book.held() as book:
        book.write(migrations=migrations.on_disk()[:-1])

    assert stage.run("plan") == DONE

    told = capsys.readouterr().out
    assert re.search(rf"live .* 1 .* 100 % .* {OLD}", told)
    assert digest(stage, "worker", NEW) in told.replace("\n", "")
    assert f"1 pending: {migrations.on_disk()[-1]}" in told
    assert re.search(r"next .* migrate", told)
    assert stage.live() == ("1", {})


def test_the_plan_refuses_what_the_running_release_would_not_survive(stage, capsys):
    removal = "contenttypes.0002_remove_content_type_name"
    with place.of("prod", lease=60).book.held() as book:
        book.write(migrations=tuple(name for name in migrations.on_disk() if name != removal))

    assert stage.run("plan") == REFUSED
    assert f"--accept {removal}" in capsys.readouterr().out
    assert stage.run("plan", "--accept", removal) == DONE


# --- the cluster ---------------------------------------------------------------------------------

_KUBECTL = """#!/bin/sh
# A cluster that has one job, which ends as the file `ends` says as soon as it is made.
[ "$1" = kustomize ] && exec {kubectl} "$@"
cd {folder}; shift; echo "$@" >> asked
case "$1" in
  apply) cat > applied; [ -f job ] || cp ends job ;;
  delete) rm job ;;
  get) cat job 2> /dev/null || true ;;
  rollout) exit "$(cat hinders 2> /dev/null || echo 0)" ;;
esac
"""


class Cluster:
    def __init__(self, folder: Path, commit: str) -> None:
        self._folder, self.commit = folder, commit
        self.jobs_end("Complete")
        program = folder / "kubectl"
        program.write_text(_KUBECTL.format(kubectl=shutil.which("kubectl"), folder=folder))
        program.chmod(0o755)

    def jobs_end(self, how: str) -> None:
        condition = {"type": how, "status": "True"}
        (self._folder / "ends").write_text(json.dumps({"status": {"conditions": [condition]}}))

    def rollouts_are_hindered(self) -> None:
        (self._folder / "hinders").write_text("1")

    def asked(self) -> list[str]:
        """What was asked of it since the last time."""
        told = (self._folder / "asked").read_text().splitlines()
        (self._folder / "asked").unlink()
        return told


@pytest.fixture
def cluster(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """Played; its manifests are those of deploy/k8s, put together by the real kubectl."""
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    made = Cluster(tmp_path, checked_out(checkout))
    push(stage, "worker", made.commit)
    monkeypatch.chdir(checkout)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return made


def test_a_migration_that_failed_is_told_at_once_and_made_again_when_asked_again(stage, cluster, capsys):
    cluster.jobs_end("Failed")
    assert stage.run("migrate", commit=cluster.commit) == REFUSED
    assert "failed; what it wrote is above" in capsys.readouterr().out
    assert stage.journal()["migrations"] == []
    job = cluster.asked()[0].split()[1]

    cluster.jobs_end("Complete")
    assert stage.run("migrate", commit=cluster.commit) == DONE

    assert stage.journal()["migrations"] == list(migrations.on_disk())
    assert f"delete {job}" in cluster.asked()
    assert stage.run("migrate", commit=cluster.commit) == DONE
    assert f"delete {job}" not in cluster.asked()


def test_workers_are_brought_to_a_commit_one_deployment_after_the_other(stage, cluster, capsys):
    assert stage.run("workers", commit=cluster.commit) == DONE

    waited = [line.split()[2] for line in cluster.asked() if line.startswith("rollout status")]
    assert sorted(waited) == [
        f"deployment/{name}" for name in ("beat", "data-worker", "operators", "ranking-worker")
    ]
    cluster.rollouts_are_hindered()
    assert stage.run("workers", commit=cluster.commit) == REFUSED
    assert "does not run the commit" in capsys.readouterr().out


@pytest.mark.parametrize("step", ["migrate", "workers"])
def test_the_cluster_gets_nothing_out_of_another_commits_checkout(stage, cluster, capsys, step):
    assert stage.run(step, commit=NEW) == REFUSED

    assert f"this checkout is {cluster.commit[:12]}, not {NEW[:12]}" in capsys.readouterr().out
