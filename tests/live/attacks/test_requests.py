"""Requests that are odd or hostile, row by row of requests.toml: each gets a clear answer, and the server stays well."""

import json

import pytest

from .conftest import is_well
from .sending import cases, exchange, name_of, parse, request_bytes

pytestmark = pytest.mark.live

REQUESTS = cases("requests.toml", "request")


@pytest.mark.parametrize("case", REQUESTS, ids=name_of)
def test_an_odd_request_is_answered(site, dump, case):
    received = exchange(site.url, request_bytes(case, dump))
    assert received, "the connection was closed without a word"
    reply = parse(received, case.get("method", "GET"))
    assert reply.status in case.get("status", range(200, 500)), reply.text[:500]
    assert reply.status < 500 or reply.status in {501, 505}
    for text in [case["says"]] if "says" in case else []:
        assert text in reply.text
    for text in [case["not"]] if "not" in case else []:
        assert text not in reply.text
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    assert "unsafe" not in reply.headers["Content-Security-Policy"]
    if reply.status >= 400 and case.get("method") != "HEAD":
        assert reply.body.strip(), "an error says what is wrong"
        assert b"Traceback" not in reply.body
    if reply.status == 200 and "json" in (reply.headers["Content-Type"] or "") and reply.body:
        json.loads(reply.body)
    assert is_well(site)
