"""What records come in: archives, wrappers, and files of other kinds, each read or named with its true reason."""

import bz2
import gzip
import io
import json
import lzma
import tarfile

import pytest

from trialgraph.errors import FetchError
from trialgraph.registry.clinicaltrials import ClinicalTrials, Selection
from trialgraph.registry.record_reader import read

RECORDS = [
    {"protocolSection": {"identificationModule": {"nctId": f"NCT0000000{n}"}, "more": {"text": [1, '}{"][']}}}
    for n in (1, 2)
]
IDS = ["NCT00000001", "NCT00000002"]
KEYED = dict(zip(IDS, RECORDS, strict=True))
LINES = "\n".join(map(json.dumps, RECORDS)).encode()


def tar(*texts, name="folder/%d.json"):
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for number, text in enumerate(texts):
            member = tarfile.TarInfo(name % number)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    return written.getvalue()


TAR = tar(*(json.dumps(each).encode() for each in RECORDS))

BOTH = {
    "xz": ("r.jsonl.xz", lzma.compress(LINES)),
    "two streams of xz": (
        "r.xz",
        lzma.compress(LINES[: LINES.index(b"\n") + 1]) + lzma.compress(LINES[LINES.index(b"\n") :]),
    ),
    "bzip2": ("r.jsonl.bz2", bz2.compress(LINES)),
    "xz without its suffix": ("r.dat", lzma.compress(LINES)),
    "tar": ("r.tar", TAR),
    "tar.gz": ("r.tar.gz", gzip.compress(TAR)),
    "tgz": ("r.tgz", gzip.compress(TAR)),
    "tar.xz": ("r.tar.xz", lzma.compress(TAR)),
    "tar of gzip": ("r.tar", tar(gzip.compress(LINES), name="%d.jsonl.gz")),
    "keyed by number": ("r.json", KEYED),
    "keyed, indented": ("r.json", json.dumps(KEYED, indent=2).encode()),
    "data": ("r.json", {"data": RECORDS}),
    "meta before studies": ("r.json", {"meta": {"total": {"n": 2}}, "studies": RECORDS}),
    "studies before links": ("r.json", {"studies": RECORDS, "links": {"next": ["x"]}, "count": 2}),
    "inside another object": ("r.json", {"status": "ok", "data": {"page": 1, "studies": RECORDS, "last": True}}),
    "of any name": ("r.json", {"whatever": RECORDS}),
    "versions": ("r.jsonl", b"\n".join(json.dumps({"study": each, "studyVersion": 1}).encode() for each in RECORDS)),
    "array of versions": ("r.json", [{"studyVersion": 1, "study": each} for each in RECORDS]),
    "edges and nodes": ("r.json", {"data": {"studies": {"edges": [{"node": each} for each in RECORDS]}}}),
    "hits of a search engine": (
        "r.json",
        {"took": 1, "hits": {"total": 2, "hits": [{"_source": each} for each in RECORDS]}},
    ),
    "of an old envelope": ("r.json", {"Response": {"FullStudies": [{"Rank": 1, "Study": each} for each in RECORDS]}}),
    "arrays in an array": ("r.json", [[each] for each in RECORDS]),
    "another key first": ("r.json", {"results": [{"hasResults": False, **each} for each in RECORDS]}),
}


def taken(path):
    rejected = []
    return [each.nct_id for each in read([path], lambda error, _: rejected.append(str(error)))], rejected


@pytest.mark.parametrize("name", BOTH)
def test_records_are_read_from_whatever_stands_around_them(tmp_path, name):
    file, content = BOTH[name]
    path = tmp_path / file
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    assert taken(path) == (IDS, [])
    assert taken(tmp_path) == (IDS, [])


REFUSED = {
    "CSV": ("studies.csv", b"NCT Number,Study Title\nNCT1,x\n", "it is CSV, not JSON; download the studies as JSON"),
    "CSV with a byte order mark": ("s.txt", b"\xef\xbb\xbfNCT Number,Study Title\n", "it is CSV"),
    "Parquet": ("s.parquet", b"PAR1\0\0PAR1", "Parquet"),
    "XML": ("s.xml", b"<?xml version='1.0'?><a/>", "XML"),
    "a web page": ("s.json", b"<!DOCTYPE html><html></html>", "a web page"),
    "cut off xz": ("s.json.xz", lzma.compress(LINES)[:40], "the xz file is cut off"),
    "damaged bzip2": ("s.json.bz2", bz2.compress(LINES)[:30] + b"x" * 40, "the bzip2 file is damaged"),
    "cut off tar": ("s.tar", TAR[:1500], "the tar archive is cut off"),
    "tar without records": ("s.tar", tar(b"hello", name="%d.md"), "no file in it is a record"),
    "NaN": (
        "s.json",
        json.dumps(RECORDS[0]).replace("[1,", "[NaN,").encode(),
        "NaN is not JSON; write null, or leave the field away",
    ),
    "an infinity": ("s.json", json.dumps(RECORDS[0]).replace("[1,", "[-Infinity,").encode(), "-Infinity is not JSON"),
    "no record": ("s.json", {"error": "none"}, "protocolSection is missing"),
    "a number that has no record": ("s.json", {"NCT00000003": {"a": 1}, **KEYED}, "protocolSection is missing"),
    "a record too deep": (
        "s.json",
        {"a": {"b": {"c": {"d": {"e": {"f": RECORDS[0]}}}}}},
        "a record stands deep in an object that is none of the wrappers known",
    ),
    "object without end": ("s.json", json.dumps(KEYED).encode()[:-1], "an object ends without a closing brace"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_record_gets_its_true_reason(tmp_path, name):
    file, content, reason = REFUSED[name]
    path = tmp_path / file
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    for given in (path, tmp_path):
        (rejected,) = taken(given)[1]
        assert reason in rejected
        assert "any IEEE double" not in rejected


def test_a_folder_without_records_says_what_it_holds(tmp_path):
    assert "the folder is empty" in taken(tmp_path)[1][0]
    (tmp_path / "notes.txt").write_text("of no use")
    assert "notes.txt" in taken(tmp_path)[1][0]
    (tmp_path / "r.jsonl").write_bytes(LINES)
    assert taken(tmp_path) == (IDS, [])


def test_arrays_without_end_are_set_aside_and_no_more(tmp_path):
    (tmp_path / "r.json").write_bytes(b"[" * 50_000)
    records, rejected = taken(tmp_path / "r.json")
    assert records == []
    assert rejected


def test_an_empty_page_is_no_error(tmp_path):
    (tmp_path / "r.json").write_text('{"studies": [], "meta": {"total": 0}}')
    assert taken(tmp_path / "r.json") == ([], [])


def test_a_line_end_of_another_system_is_no_part_of_a_number():
    assert Selection.ids(["NCT00000001\r", " NCT00000002"]).nct_ids == ("NCT00000001", "NCT00000002")
    with pytest.raises(FetchError, match=r"NCT0000\\x07"):
        Selection.ids(["NCT0000\x07"])


@pytest.mark.parametrize("address", ["clinicaltrials.gov/api/v2", "ftp://example.org", "https://", "http://a b"])
def test_what_is_no_address_of_an_api_is_told_before_anything_is_asked(address):
    with pytest.raises(FetchError, match="--api"):
        ClinicalTrials(address)
