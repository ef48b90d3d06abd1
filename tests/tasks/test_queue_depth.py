"""config.queue_depth: how many messages wait, asked of a real queue."""

from config.queue_depth import depths
from tests.tasks.stage import DEAD

_PRINT = "from config.queue_depth import depths\nfor one in depths(): print(one.queue, one.waiting, one.is_dead_letters)"


def told(stage):
    answer = stage.manage("shell", "-v0", "-c", _PRINT)
    return answer.returncode, answer.stdout.split("\n")[:-1], answer.stderr


def test_every_queue_tells_what_waits_in_it_and_the_dead_letters_too(stage):
    for _ in range(2):
        stage.sqs().send_message(QueueUrl=stage.address("ranking-calculation-queue"), MessageBody="{}")
    stage.sqs().send_message(QueueUrl=stage.address(DEAD), MessageBody="{}")

    code, lines, errors = told(stage)

    assert (code, errors) == (0, "")
    assert lines == [
        "ranking-calculation-queue 2 False",
        "data-processing-queue 0 False",
        f"{DEAD} 1 True",
    ]


def test_a_queue_that_does_not_answer_is_an_error_for_whoever_asks(stage, cable):
    cable.pull()

    code, lines, errors = told(stage)

    assert (code, lines) == (1, [])
    assert "botocore.exceptions" in errors


def test_without_a_broker_there_are_no_queues():
    assert depths() == []
