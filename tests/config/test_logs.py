"""config.observability: what a log line may hold."""

import json
import subprocess
import sys

import pytest

from config.observability.logs import scrub

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (
            "https://oapi.koreaexim.go.kr/x?authkey=AbC123&searchdate=20261030",
            "https://oapi.koreaexim.go.kr/x?authkey=***&searchdate=20261030",
        ),
        ("GET /fred?api_key=abcdef&file_type=json", "GET /fred?api_key=***&file_type=json"),
        (
            "https://ecos.bok.or.kr/api/StatisticSearch/SECRETKEY/json/kr/1/10",
            "https://ecos.bok.or.kr/api/StatisticSearch/***/json/kr/1/10",
        ),
        ("Authorization: Bearer a1b2.c3d4", "Authorization: Bearer ***"),
        ("no secret here: 1=1", "no secret here: 1=1"),
        ("Choice(user_id='kim o', session_id=\"s-1\")", "Choice(user_id='***', session_id=\"***\")"),
        ('{"user_id": "kim@example.kr", "n": 1}', '{"user_id": "***", "n": 1}'),
    ],
)
def test_keys_are_taken_out_of_texts(said, kept):
    assert scrub(said) == kept


def test_a_line_is_one_json_object_with_its_correlation_id_and_without_secret_fields():
    program = (
        "import structlog\n"
        "from config.observability.logs import bound, configure\n"
        "configure({'level': 'INFO', 'format': 'json'})\n"
        "with bound(correlation_id='c-1'):\n"
        "    structlog.get_logger('t').info('selection', user_id='kim', url='https://x/?key=s3cret', won=1)\n"
        "structlog.get_logger('t').info('after')\n"
        "import logging; logging.getLogger('plain').warning('password=%s token=%s', 'p', 't0ken')\n"
    )

    lines = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout.splitlines()

    first, after, plain = (json.loads(line) for line in lines)
    assert (first["event"], first["correlation_id"], first["won"]) == ("selection", "c-1", 1)
    assert (first["user_id"], first["url"]) == ("***", "https://x/?key=***")
    assert "correlation_id" not in after
    assert "t0ken" not in plain["event"]
