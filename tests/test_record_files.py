"""What records come in: archives, wrappers, and files of other kinds, each read or named with its true reason."""

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile

import pytest
import zstandard

from trialgraph.errors import FetchError, NotTaken
from trialgraph.registry.clinicaltrials import ClinicalTrials, Selection
from trialgraph.registry.decompression import bounded, unpacker
from trialgraph.registry.record import Limits
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


def zipped(files):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
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
    "values that are arrays, objects and envelopes": (
        "r.json",
        {"first": {"study": RECORDS[0]}, "links": {"next": ["x"]}, "second": [RECORDS[1]]},
    ),
    "arrays by number": ("r.json", {number: [each] for number, each in KEYED.items()}),
    "lines that end in commas": ("r.jsonl", LINES.replace(b"\n", b",\n") + b","),
    "lines with byte order marks and carriage returns": (
        "r.jsonl",
        b"".join(b"\xef\xbb\xbf" + line + b"\r\n" for line in LINES.split(b"\n")),
    ),
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
    "a number that has no record": ("s.json", {**KEYED, "NCT00000003": {"a": 1}}, 'there is no record, but {"a":'),
    "a number that has null": (
        "s.json",
        {**KEYED, "NCT00000003": None},
        "there is no record, but null; give records",
    ),
    "null": ("s.json", b"null", "JSON, but neither an object nor an array: null"),
    "a string": ("s.json", b'"x"', "JSON, but neither an object nor an array"),
    "a number of a record": ("s.json", b"NCT00000001\n", "say `trialgraph fetch NCT00000001`"),
    "XML of trials": ("s.xml", b"<?xml version='1.0'?><clinical_study>", "it is XML"),
    "a spreadsheet": ("s.xlsx", zipped({"[Content_Types].xml": b"<a/>", "xl/a.xml": b"<a/>"}), "a spreadsheet"),
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


TABLE = b"NCT Number\tTitle\nNCT00000003\tx\n"
BESIDE = {
    "a table": ({"a.tsv": b"x\ty\n", "r.jsonl": LINES}, ["it is a table"], []),
    "Parquet": ({"r.jsonl": LINES, "s.parquet": b"PAR1\0PAR1"}, ["it is Parquet"], []),
    "a spreadsheet": ({"r.jsonl": LINES, "s.xlsx": zipped({"[Content_Types].xml": b"<a/>"})}, ["a spreadsheet"], []),
    "notes": ({"r.jsonl": LINES, "NOTES.md": b"x", "x.py": b"y"}, ["there are NOTES.md, x.py, passed over"], []),
    "a table of trials": ({"r.jsonl": LINES, "s.tsv": TABLE}, [], ["it is a table"]),
    "an export as XML": ({"r.jsonl": LINES, "s.xml": b"<?xml version='1.0'?><clinical_study>"}, [], ["it is XML"]),
    "an export alone": ({"s.csv": b"a,b\n"}, [], ["it is CSV"]),
    "a table and no record": ({"a.tsv": b"x", "b.md": b"y"}, ["there is b.md"], ["it is a table"]),
    "in a zip": ({"z.zip": zipped({"a/r.jsonl": LINES, "a/s.csv": b"x,y", "b.md": b"z"})}, ["b.md", "it is CSV"], []),
    "in a tar": ({"z.tar": tar(LINES, b"PAR1", name="d/%d.dat")}, ["it is Parquet"], []),
    "an empty file": ({"s.jsonl": b""}, ["there is no record in it"], []),
    "an empty array": ({"s.json": b"[]"}, ["there is no record in it"], []),
}


@pytest.mark.parametrize("name", BESIDE)
def test_files_beside_records_are_named_and_only_what_is_lost_is_set_aside(tmp_path, name):
    files, named, lost = BESIDE[name]
    for file, content in files.items():
        (tmp_path / file).write_bytes(content)
    errors = []
    records = [each.nct_id for each in read([tmp_path], lambda error, _: errors.append(error))]
    assert records == (IDS if LINES in files.values() or "z" in next(iter(files)) else [])
    for told, expected in ((True, named), (False, lost)):
        found = [str(error) for error in errors if isinstance(error, NotTaken) is told]
        assert len(found) == len(expected)
        assert all(reason in text for reason, text in zip(expected, found, strict=True)), found


def test_a_folder_without_records_says_what_it_holds(tmp_path):
    assert "the folder is empty" in taken(tmp_path)[1][0]
    (tmp_path / "notes.txt").write_text("of no use")
    assert "notes.txt" in taken(tmp_path)[1][0]
    (tmp_path / "r.jsonl").write_bytes(LINES)
    records, told = taken(tmp_path)
    assert records == IDS
    assert "notes.txt" in told[0]


def test_arrays_without_end_are_set_aside_and_no_more(tmp_path):
    (tmp_path / "r.json").write_bytes(b"[" * 50_000)
    records, rejected = taken(tmp_path / "r.json")
    assert records == []
    assert rejected


def test_an_empty_page_is_no_error(tmp_path):
    (tmp_path / "r.json").write_text('{"studies": [], "meta": {"total": 0}}')
    records, told = taken(tmp_path / "r.json")
    assert records == []
    assert "there is no record in it" in told[0]


def test_a_line_end_of_another_system_is_no_part_of_a_number():
    assert Selection.ids(["NCT00000001\r", " NCT00000002"]).nct_ids == ("NCT00000001", "NCT00000002")
    with pytest.raises(FetchError, match=r"NCT0000\\x07"):
        Selection.ids(["NCT0000\x07"])


@pytest.mark.parametrize("address", ["clinicaltrials.gov/api/v2", "ftp://example.org", "https://", "http://a b"])
def test_what_is_no_address_of_an_api_is_told_before_anything_is_asked(address):
    with pytest.raises(FetchError, match="--api"):
        ClinicalTrials(address)


PACKERS = {"gzip": gzip.compress, "xz": lzma.compress, "bzip2": bz2.compress, "zstd": zstandard.compress}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("at_once", [2**10, 2**20, 2**24])
@pytest.mark.parametrize("name", PACKERS)
def test_members_that_inflate_beyond_a_piece_are_read_one_after_the_other(name, at_once):
    """As `trialgraph fetch` appends them, page by page: the next begins in the piece in which the one before ends."""
    pages = [b"".join(b"%d %d\n" % (page, line) for line in range(200_000)) for page in range(3)]
    packed = b"".join(map(PACKERS[name], pages))
    pieces = (packed[start : start + at_once] for start in range(0, len(packed), at_once))
    assert b"".join(bounded("pages", pieces, unpacker(packed), Limits())) == b"".join(pages)
