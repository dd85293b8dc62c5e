"""Fetching from a registry on loopback that has every bad day a registry can have."""

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.live.registry_server import (
    Registry,
    content,
    cut_short,
    cut_short_gzip,
    dribble,
    hang_up,
    nct_id,
    never_ending,
    status,
    study,
)

from trialgraph import cli
from trialgraph.errors import FetchError
from trialgraph.registry.clinicaltrials import ClinicalTrials, Selection
from trialgraph.registry.download import download, fetched
from trialgraph.registry.http_client import Patience
from trialgraph.registry.record_reader import read

pytestmark = pytest.mark.live
STUDIES = [study(number, text="“µ” \u2028" * number) for number in range(1, 8)]


class Time:
    """A clock that only waiting moves."""

    def __init__(self):
        self.now = 0.0
        self.waits = []

    def sleep(self, seconds):
        self.now += seconds
        if seconds > 1e-6:  # less is the pace of a test in a hurry
            self.waits.append(round(seconds, 3))


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def client(registry, time=None, page_size=2, **patience):
    time = time or Time()
    patience = Patience(**{"requests_per_second": 1e9, "timeout_seconds": 5, **patience})
    return ClinicalTrials(
        registry.url, patience, page_size=page_size, sleep=time.sleep, jitter=lambda: 1.0, clock=lambda: time.now
    )


def documents(path):
    rejected = []
    found = list(read([Path(path)], lambda error, raw: rejected.append((error, raw))))
    assert rejected == []
    return [each.document for each in found]


@pytest.mark.parametrize("name", ["all.jsonl", "all.jsonl.gz", "all.jsonl.zst"])
def test_everything_page_by_page(tmp_path, name):
    with Registry(STUDIES) as registry, client(registry) as api:
        steps = []
        done = download(
            api, Selection.all_studies(), tmp_path / name, on_page=lambda state: steps.append(state.records)
        )
    assert documents(tmp_path / name) == STUDIES
    assert (done.records, done.announced, done.data_timestamp, done.done) == (7, 7, "2026-11-20T09:00:05", True)
    assert steps == [2, 4, 6, 7]
    assert [query.get("pageToken") for path, query in registry.requests if path == "/studies"] == [
        None,
        "t2",
        "t4",
        "t6",
    ]
    assert all(query["format"] == "json" and query["pageSize"] == "2" for path, query in registry.requests[1:])
    assert fetched(tmp_path / name) == done
    assert sorted(each.name for each in tmp_path.iterdir()) == [name, name + ".fetched.json"]
    assert documents(tmp_path) == STUDIES
    assert all(agent.startswith("trialgraph/") for agent in registry.agents)


def test_the_same_download_gives_the_same_bytes(tmp_path):
    with Registry(STUDIES) as registry, client(registry) as api:
        for name in ("a.jsonl.gz", "b.jsonl.gz"):
            download(api, Selection.all_studies(), tmp_path / name)
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection.search("tifcemalimab OR JS004"), {"query.term": "tifcemalimab OR JS004"}),
        (Selection.since(date(2024, 2, 29)), {"filter.advanced": "AREA[LastUpdatePostDate]RANGE[2024-02-29,MAX]"}),
        (Selection.all_studies(), {}),
    ],
)
def test_selections_as_the_api_wants_them(selection, expected):
    with Registry(STUDIES) as registry, client(registry, page_size=1000) as api:
        assert [len(page.studies) for page in api.pages(selection)] == [7]
    common = {"format": "json", "pageSize": "1000", "countTotal": "true"}
    assert registry.requests == [("/studies", common | expected)]


def test_an_empty_selection_is_an_empty_file(tmp_path):
    with Registry([]) as registry, client(registry) as api:
        assert download(api, Selection.search("nothing"), tmp_path / "none.jsonl").records == 0
    assert (tmp_path / "none.jsonl").read_bytes() == b""
    told = []
    assert list(read([tmp_path / "none.jsonl"], lambda error, _: told.append(error.reason))) == []
    assert told == ["there is no record in it"]


# --- by id ----------------------------------------------------------------------------------------------------------


def test_ids_in_the_order_asked_with_aliases_and_missing_ones(tmp_path):
    asked = ["NCT00000005", "NCT00000099", "NCT00000002", "NCT00000077", "NCT00000005"]
    with Registry(STUDIES, aliases={"NCT00000077": "NCT00000001"}) as registry, client(registry) as api:
        done = download(api, Selection.ids(asked), tmp_path / "some.jsonl")
    assert [nct_id(each) for each in documents(tmp_path / "some.jsonl")] == [
        "NCT00000005",
        "NCT00000002",
        "NCT00000001",
    ]
    assert done.aliases == {"NCT00000077": "NCT00000001"}
    assert done.missing == ("NCT00000099",)
    assert (done.records, done.announced) == (3, 4)


def test_many_ids_take_few_requests():
    studies = [study(number) for number in range(250)]
    with Registry(studies) as registry, client(registry) as api:
        pages = list(api.pages(Selection.ids([nct_id(each) for each in studies])))
    assert [len(page.studies) for page in pages] == [100, 100, 50]
    assert len(registry.requests) == 3


def test_one_id():
    with Registry(STUDIES) as registry, client(registry) as api:
        assert json.loads(api.study("NCT00000003")) == STUDIES[2]
        with pytest.raises(FetchError, match="there is no such record") as caught:
            api.study("NCT00000099")
    assert caught.value.status == 404


@pytest.mark.parametrize("wrong", ["NCT123", "nct00000001", "NCT0000000١", "../version"])
def test_an_id_that_is_none_is_not_asked_for(wrong):
    with pytest.raises(FetchError, match="not an NCT id"):
        Selection.ids([wrong])


# --- bad days -------------------------------------------------------------------------------------------------------

BAD_DAYS = [
    status(500), status(502), status(503), status(504), status(429), status(408), cut_short, cut_short_gzip, hang_up,
    content(b"<html>Down for maintenance</html>"), content(b""), content(b"{}"), content(b'{"studies":{}}'),
    content(b'{"studies":[{"a":"b\nc"}]}'), content(b"[" * 5_000), content(b'{"studies":[]}'[:-1]),
]  # fmt: skip


@pytest.mark.parametrize("fault", BAD_DAYS)
def test_what_can_pass_is_tried_again(tmp_path, fault):
    time = Time()
    with Registry(STUDIES, faults=[None, fault, fault, None, fault]) as registry, client(registry, time) as api:
        download(api, Selection.all_studies(), tmp_path / "all.jsonl")
    assert documents(tmp_path / "all.jsonl") == STUDIES
    assert time.waits == [1.0, 2.0, 1.0]


def test_waiting_grows_and_ends():
    time = Time()
    with (
        Registry(STUDIES, faults=[status(503)] * 99) as registry,
        client(registry, time, attempts=9) as api,
        pytest.raises(FetchError, match="status 503: not now, at each of 9 attempts") as caught,
    ):
        next(api.pages(Selection.all_studies()))
    assert time.waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert caught.value.status == 503
    assert "later" in caught.value.remedy


def test_jitter_halves_the_waiting_at_most():
    time = Time()
    with Registry(STUDIES, faults=[status(503)] * 3) as registry:
        patience = Patience(requests_per_second=1e9)
        with ClinicalTrials(
            registry.url, patience, sleep=time.sleep, jitter=lambda: 0.0, clock=lambda: time.now
        ) as api:
            next(api.pages(Selection.all_studies()))
    assert time.waits == [0.5, 1, 2]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry_After": "17"}, 17),
        ({"Retry_After": "0"}, 1),
        ({"Retry_After": "soon"}, 1),
        ({"Retry_After": "-5"}, 1),
    ],
)
def test_retry_after_is_honoured(headers, wait):
    time = Time()
    with Registry(STUDIES, faults=[status(429, **headers)]) as registry, client(registry, time) as api:
        next(api.pages(Selection.all_studies()))
    assert time.waits == [wait]


def test_retry_after_as_a_date_is_relative_to_the_date_of_the_server():
    def fault(request):
        request.send_response_only(503)
        request.send_header("Date", "Fri, 20 Nov 2026 10:00:00 GMT")
        request.send_header("Retry-After", "Fri, 20 Nov 2026 10:00:42 GMT")
        request.send_header("Content-Length", "0")
        request.end_headers()

    time = Time()
    with Registry(STUDIES, faults=[fault]) as registry, client(registry, time) as api:
        next(api.pages(Selection.all_studies()))
    assert time.waits == [42]


def test_a_server_that_asks_to_wait_too_long_is_left():
    with (
        Registry(STUDIES, faults=[status(429, Retry_After="86400")]) as registry,
        client(registry) as api,
        pytest.raises(FetchError, match="asks to wait 86400 seconds"),
    ):
        next(api.pages(Selection.all_studies()))


def test_a_silent_server_is_left():
    with Registry(STUDIES, faults=[never_ending]) as registry, client(registry, timeout_seconds=0.2) as api:
        assert len(next(api.pages(Selection.all_studies())).studies) == 2


def test_a_server_that_dribbles_is_left():
    time = Time()
    ticking = iter(range(10**9))
    with Registry(STUDIES, faults=[dribble]) as registry:
        patience = Patience(requests_per_second=1e9, answer_seconds=50, timeout_seconds=5)
        with ClinicalTrials(
            registry.url, patience, page_size=2, sleep=time.sleep, jitter=lambda: 1.0, clock=lambda: next(ticking)
        ) as api:
            assert len(next(api.pages(Selection.all_studies())).studies) == 2
    assert time.waits == [1.0]


def test_an_answer_above_the_limit_is_refused():
    with (
        Registry([study(1, text="x" * 10_000)]) as registry,
        client(registry, answer_bytes=5_000) as api,
        pytest.raises(FetchError, match="larger than 5000 bytes"),
    ):
        next(api.pages(Selection.all_studies()))


def test_requests_keep_their_pace():
    time = Time()
    with Registry(STUDIES) as registry, client(registry, time, requests_per_second=0.8) as api:
        list(api.pages(Selection.all_studies()))
    assert time.waits == [1.25, 1.25, 1.25]


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_leaves_the_host(code):
    elsewhere = status(code, location="http://169.254.169.254/latest")
    with (
        Registry(STUDIES, faults=[elsewhere]) as registry,
        client(registry) as api,
        pytest.raises(FetchError, match="a redirect to another host"),
    ):
        api.study("NCT00000001")
    assert len(registry.requests) == 1


@pytest.mark.parametrize("location", ["", "file:///etc/passwd", "http://[", "//example.org/", "https://127.0.0.1/"])
def test_odd_redirects_end_in_a_clear_error(location):
    with (
        Registry(STUDIES, faults=[status(301, location=location)] * 9) as registry,
        client(registry) as api,
        pytest.raises(FetchError, match="redirect"),
    ):
        api.study("NCT00000001")


@pytest.mark.parametrize("code", [400, 401, 403, 410, 418])
def test_a_refusal_is_told_at_once(code):
    with (
        Registry(STUDIES, faults=[status(code)]) as registry,
        client(registry) as api,
        pytest.raises(FetchError, match=f"status {code}: not now") as caught,
    ):
        next(api.pages(Selection.search("AREA[")))
    assert caught.value.status == code


def test_nobody_there():
    with Registry(STUDIES) as registry:
        gone = registry
    time = Time()
    with client(gone, time, attempts=3) as api, pytest.raises(FetchError, match=r"ConnectError.*each of 3 attempts"):
        api.data_timestamp()
    assert time.waits == [1, 2]


@pytest.mark.parametrize("tokens", [["t2"], ["b", "c", "t2"], ["b", "c", "d", "c"]])
def test_pages_that_go_in_circles_are_noticed(tmp_path, tokens):
    with Registry(STUDIES) as registry, client(registry) as api:
        answers = [json.dumps({"studies": [], "nextPageToken": token}).encode() for token in tokens]
        registry.faults = [None, *map(content, answers)]
        with pytest.raises(FetchError, match=f"in circles: one names '{tokens[-1]}'"):
            download(api, Selection.all_studies(), tmp_path / "all.jsonl")
    assert registry.faults == []


# --- as a command ---------------------------------------------------------------------------------------------------


def fetch(registry, tmp_path, *arguments):
    given = ["fetch", *arguments, "--api", registry.url, "--output", str(tmp_path / "records.jsonl")]
    return CliRunner().invoke(cli.main, given)


@pytest.mark.parametrize(
    ("arguments", "faults", "status", "said"),
    [
        (["NCT00000001", "NCT00000002"], [], 0, "2 records of"),
        (["NCT00000003"], [], 0, "1 record of"),
        (["NCT00000001", "NCT00000098", "NCT00000099"], [], 6, "no record of NCT00000098, NCT00000099; check"),
        (["NCT00000099"], [], 6, "no record of NCT00000099; check the numbers; 0 records came"),
        (["NCT00000001", "NCT00000099", "--json"], [], 6, '"missing": [\n    "NCT00000099"'),
        (["--query", "x"], [content(b'{"studies":[],"totalCount":5}')], 6, "0 of 5 announced records came"),
        (["--all"], [status(503)], 0, "fetching: status 503: not now; trying again in"),
    ],
)
def test_what_did_not_come_is_told_with_status_6(tmp_path, arguments, faults, status, said):
    with Registry(STUDIES, faults=faults) as registry:
        result = fetch(registry, tmp_path, *arguments)
    assert result.exit_code == status
    assert said in result.output
    assert (tmp_path / "records.jsonl").exists()


def test_a_wrong_address_is_told_while_it_is_tried(tmp_path, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    with Registry(STUDIES) as registry:
        gone = registry
    result = fetch(gone, tmp_path, "--all")
    assert result.exit_code == 6
    assert result.output.count("Connection refused; trying again in") == 6
    assert "at each of 7 attempts; check the address and the network" in result.output


# --- stopping and going on ------------------------------------------------------------------------------------------


def stopped_after_two_pages(registry, path):
    registry.faults = [None, None, status(403)]
    with client(registry) as api, pytest.raises(FetchError):
        download(api, Selection.all_studies(), path)
    registry.requests.clear()


def test_a_stopped_download_goes_on_where_it_was(tmp_path):
    path = tmp_path / "all.jsonl.gz"
    with Registry(STUDIES) as registry:
        stopped_after_two_pages(registry, path)
        assert not path.exists()
        assert list(tmp_path.glob("[!.]*")) == []
        part = tmp_path / ".all.jsonl.gz.part"
        part.write_bytes(part.read_bytes() + b"half a page")
        with client(registry) as api:
            done = download(api, Selection.all_studies(), path)
    assert [query.get("pageToken") for _, query in registry.requests[1:]] == ["t4", "t6"]
    assert documents(path) == STUDIES
    assert (done.records, done.announced) == (7, 7)


@pytest.mark.parametrize("change", ["newer data", "unknown token", "lost part", "broken state"])
def test_what_does_not_fit_together_begins_anew(tmp_path, change):
    path = tmp_path / "all.jsonl"
    with Registry(STUDIES) as registry:
        stopped_after_two_pages(registry, path)
        if change == "newer data":
            registry.timestamp = "2026-11-23T09:00:05"
        elif change == "unknown token":
            registry.faults = [status(400)]
        elif change == "lost part":
            (tmp_path / ".all.jsonl.part").write_bytes(b"{")
        else:
            (tmp_path / ".all.jsonl.state").write_bytes(b'{"baseUrl":')
        with client(registry) as api:
            done = download(api, Selection.all_studies(), path)
    assert documents(path) == STUDIES
    assert path.read_bytes().count(b"\n") == done.records == 7
    assert done.data_timestamp == registry.timestamp


def test_another_selection_does_not_overwrite_what_was_stopped(tmp_path):
    path = tmp_path / "all.jsonl"
    with Registry(STUDIES) as registry:
        stopped_after_two_pages(registry, path)
        with client(registry) as api, pytest.raises(FetchError, match="another selection was stopped here"):
            download(api, Selection.search("x"), path)
        with client(registry) as api:
            assert download(api, Selection.all_studies(), path).records == 7


def test_a_finished_download_can_be_repeated(tmp_path):
    path = tmp_path / "all.jsonl"
    with Registry(STUDIES) as registry, client(registry) as api:
        download(api, Selection.all_studies(), path)
        registry.studies = STUDIES[:3]
        download(api, Selection.all_studies(), path)
    assert documents(path) == STUDIES[:3]


FETCHING = """
import sys
from pathlib import Path
from trialgraph.registry.http_client import Patience
from trialgraph.registry.clinicaltrials import ClinicalTrials, Selection
from trialgraph.registry.download import download
with ClinicalTrials(sys.argv[1], Patience(requests_per_second=1e9), page_size=2) as api:
    download(api, Selection.all_studies(), Path(sys.argv[2]))
"""


@pytest.mark.parametrize("name", ["all.jsonl", "all.jsonl.zst"])
def test_kill_9_loses_no_page_and_doubles_none(tmp_path, name):
    path = tmp_path / name
    command = [sys.executable, "-c", FETCHING]
    with Registry(STUDIES) as registry:
        reached = threading.Event()
        registry.wait_before_page = {4: reached}
        with subprocess.Popen([*command, registry.url, str(path)], env=os.environ) as fetching:
            assert reached.wait(60)
            # A second one is turned away while the first writes.
            with client(registry) as api, pytest.raises(FetchError, match="another process is writing"):
                download(api, Selection.all_studies(), path)
            fetching.send_signal(signal.SIGKILL)
        assert fetching.returncode == -signal.SIGKILL
        assert not path.exists()
        registry.wait_before_page = {}
        registry.requests.clear()
        subprocess.run([*command, registry.url, str(path)], env=os.environ, check=True, timeout=60)
    assert [query.get("pageToken") for _, query in registry.requests[1:]] == ["t4", "t6"]
    assert documents(path) == STUDIES


def test_every_moment_of_a_stop_leaves_something_to_go_on_from(tmp_path, monkeypatch):
    """Stops at every write to disk in turn; the next run always ends with all records, each once."""

    class StopError(BaseException):
        pass

    def stopping(function):
        def stop_or_call(*arguments, **options):
            nonlocal left
            left -= 1
            if left < 0:
                raise StopError
            return function(*arguments, **options)

        return stop_or_call

    left = 10**6
    monkeypatch.setattr(os, "fsync", stopping(os.fsync))
    monkeypatch.setattr(Path, "rename", stopping(Path.rename))
    monkeypatch.setattr(Path, "unlink", stopping(Path.unlink))
    with Registry(STUDIES) as registry, client(registry) as api:
        download(api, Selection.all_studies(), tmp_path / "reference.jsonl.gz")
        steps = 10**6 - left
        assert steps > 12
        for step in range(steps):
            path = tmp_path / f"{step}.jsonl.gz"
            left = step
            with pytest.raises(StopError):
                download(api, Selection.all_studies(), path)
            left = 10**6
            download(api, Selection.all_studies(), path)
            text = gzip.decompress(path.read_bytes())
            assert [json.loads(line) for line in text.splitlines()] == STUDIES
