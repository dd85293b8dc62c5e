"""Reading records: whatever they are packed in, they come out equal; what cannot be a record is named."""

import gzip
import io
import json
import os
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from trialgraph.errors import NotTaken, RecordError, RepeatedRecord, UnmappableRecord, UnreadableRecord
from trialgraph.registry.json_decoder import decode
from trialgraph.registry.record import Limits, RecordText, rejected_line, version_of
from trialgraph.registry.record_reader import Inputs, read

SHARED = Path(__file__).parents[2] / "shared" / "records" / "ctgov-v2.jsonl.gz"


def record(number, posted="2024-01-05", **more):
    status = {"lastUpdatePostDateStruct": {"date": posted}}
    return {
        "protocolSection": {"identificationModule": {"nctId": f"NCT{number:08d}"}, "statusModule": status},
        **more,
    }


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def lines(records):
    return b"".join(compact(each) + b"\n" for each in records)


def take(*paths, limits=None, standard_input=None):
    rejected = []
    found = read(
        [Path(path) for path in paths],
        lambda error, raw: rejected.append((error, raw)),
        limits=limits or Limits(),
        standard_input=standard_input,
    )
    return list(found), rejected


def write(folder, name, content):
    path = Path(folder, name)
    path.write_bytes(content)
    return path


def ids(records):
    return [int(each.nct_id[3:]) for each in records]


def zipped(members, **options):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content, **options)
    return file.getvalue()


def page(records, before=None, after=None):
    return compact({**(before or {}), "studies": records, **(after or {})})


SHAPES = {
    "lines": lines,
    "lines without a last line break": lambda records: lines(records)[:-1],
    "lines with carriage returns and blanks": lambda records: b"\r\n\n" + lines(records).replace(b"\n", b"\r\n \n"),
    "array": compact,
    "indented array": lambda records: json.dumps(records, indent=2).encode(),
    "array with sorted keys": lambda records: json.dumps(records, sort_keys=True).encode(),
    "page": page,
    "page with its count": lambda records: page(records, {"totalCount": 5}, {"nextPageToken": 'a\\u0062"]}'}),
    "pages one after the other": lambda records: page(records[:1]) + b"\n" + page(records[1:], None, {"x": None}),
    "values one after the other": lambda records: b"".join(json.dumps(each, indent=1).encode() for each in records),
    "with a byte order mark": lambda records: b"\xef\xbb\xbf" + compact(records),
    "JSON text sequence": lambda records: b"".join(b"\x1e" + compact(each) + b"\n" for each in records),
}
PACKINGS = {
    "plain": lambda name, content: (name, content),
    "gzip": lambda name, content: (name + ".gz", gzip.compress(content)),
    "gzip under a false name": lambda _, content: ("records.json", gzip.compress(content)),
    "gzip of two members": lambda name, content: (
        name + ".gz", gzip.compress(content[:7]) + gzip.compress(content[7:]) + b"\0" * 9,
    ),
    "zstandard": lambda name, content: (name + ".zst", zstandard.compress(content)),
    "zstandard of two frames": lambda name, content: (
        name + ".zst", zstandard.compress(content[:7]) + zstandard.compress(content[7:]),
    ),
    "zip": lambda name, content: ("records.zip", zipped([(name, content)])),
    "zip of gzip": lambda name, content: ("records.zip", zipped([(name + ".gz", gzip.compress(content))])),
    "gzip of zip": lambda name, content: ("records.zip.gz", gzip.compress(zipped([(name, content)]))),
}  # fmt: skip

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\{}[]:, \n\t')),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(st.text(max_size=8), json_values, max_size=3)


@settings(max_examples=150, deadline=None)
@given(
    extras=st.lists(documents, min_size=1, max_size=4),
    shape=st.sampled_from(sorted(SHAPES)),
    packing=st.sampled_from(sorted(PACKINGS)),
)
def test_any_records_in_any_container_read_back_equal(tmp_path_factory, extras, shape, packing):
    records = [{**record(number), "x": extra} for number, extra in enumerate(extras)]
    folder = tmp_path_factory.mktemp("any")
    found, rejected = take(write(folder, *PACKINGS[packing]("records.jsonl", SHAPES[shape](records))))
    assert rejected == []
    assert [each.document for each in found] == records


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_every_shape_is_read_from_standard_input(shape):
    records = [record(1), record(2, x="}{]["), record(3)]
    found, rejected = take("-", standard_input=io.BytesIO(SHAPES[shape](records)))
    assert (ids(found), rejected) == ([1, 2, 3], [])
    assert {each.source for each in found} == {"standard input"}


@pytest.mark.parametrize("shape", ["lines", "array", "page", "array with sorted keys", "indented array"])
def test_memory_does_not_grow_with_the_number_of_records(tmp_path, shape):
    path = write(tmp_path, "many.json", SHAPES[shape]([record(n, text="x" * 20_000) for n in range(1_500)]))
    tracemalloc.start()
    with Inputs([path]) as inputs:
        survey = inputs.survey()
        assert sum(1 for _ in inputs.texts(lambda *_: None, survey)) == 1_500
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert survey.size > 30_000_000
    assert peak < 20_000_000  # 12.5 MB of it are the bits of `survey`


def test_a_folder_is_read_in_order_and_only_records_are_taken_from_it(tmp_path):
    (tmp_path / "b").mkdir()
    write(tmp_path / "b", "3.json", compact(record(3)))
    write(tmp_path, "c.jsonl", lines([record(4)]))
    write(tmp_path, "a.zip", zipped([("z.json", compact(record(2))), ("a/1.json", compact(record(1)))]))
    write(tmp_path, "d", compact(record(5)))
    write(tmp_path, "README.md", b"[![badge](x)] about these records")
    write(tmp_path, "LICENSE", b"as you like")
    write(tmp_path, ".hidden.json", b"{")
    write(tmp_path, "e.zip", zipped([("__MACOSX/._6.json", b"{"), ("notes.txt", b"no"), ("6", compact(record(6)))]))
    found, rejected = take(tmp_path)
    assert ids(found) == [1, 2, 3, 4, 5, 6]
    assert all(isinstance(error, NotTaken) for error, _ in rejected)
    assert [error.reason.partition(",")[0] for error, _ in rejected] == ["there is notes.txt", "there are LICENSE"]
    assert found[0].source == f"{tmp_path}/a.zip/a/1.json"


BESIDE_RECORDS = {
    "index.tsv": "a table",
    "studies.CSV": "CSV",
    "page.html": "a web page",
    "table.sas7bdat": "a SAS table",
    "frame.rds": "an R object",
    "cache.pkl": "a Python pickle",
    "graph.ttl": "RDF",
    "trials.dat": "not JSON",
}


@pytest.mark.parametrize("name", BESIDE_RECORDS)
@pytest.mark.parametrize("packed", [False, True], ids=["in a folder", "in a zip"])
def test_what_is_not_taken_beside_records_is_named(tmp_path, name, packed):
    if packed:
        write(tmp_path, "a.zip", zipped([(name, b"x\ty\n1\t2\n"), ("1.json", compact(record(1)))]))
    else:
        write(tmp_path, name, b"x\ty\n1\t2\n")
        write(tmp_path, "1.json", compact(record(1)))
    found, ((error, _),) = take(tmp_path)
    assert ids(found) == [1]
    assert name in str(error)
    assert BESIDE_RECORDS[name] in str(error)


def test_place_and_version_are_told(tmp_path):
    path = write(tmp_path, "a.jsonl", b"\n" + lines([record(1), record(2, "2025-03-04")]))
    found, _ = take(path)
    assert [(each.version, each.line) for each in found] == [("2024-01-05", 2), ("2025-03-04", 3)]
    assert path.read_bytes()[found[1].byte :].startswith(found[1].raw)
    assert found[1].place == f"{path}, line 3"


def test_the_version_is_the_best_date_there_is():
    holder = {"derivedSection": {"miscInfoModule": {"versionHolder": "2026-01-02"}}}
    submitted = {"protocolSection": {"statusModule": {"lastUpdateSubmitDate": "2024-05-06"}}}
    assert version_of(holder) == "2026-01-02"
    assert version_of(holder | submitted) == "2024-05-06"
    assert version_of({"protocolSection": {"statusModule": {"lastUpdateSubmitDate": 7}}}) is None


# --- what is set aside --------------------------------------------------------------------------------------------

OK = b'"protocolSection":{"identificationModule":{"nctId":"NCT00000001"}}'
TOO_DEEP = b'{%s,"x":%s%s}'
NOT_TAKEN = [
    # text, kind of error, words of the reason, field path
    (b"{" + OK, UnreadableRecord, "not JSON: Expecting ',' delimiter", None),
    (b"{" + OK + b',"x":tru}', UnreadableRecord, "not JSON: Expecting value", None),
    (b"{" + OK + b',"x":"\xff"}', UnreadableRecord, "not UTF-8", None),
    (b"{" + OK + b',"x":"a\x01b"}', UnreadableRecord, "control character", None),
    (TOO_DEEP % (OK, b"[" * 70, b"]" * 70), UnreadableRecord, "deeper than the limit of 64", None),
    (TOO_DEEP % (OK, b"[" * 90_000, b"]" * 90_000), UnreadableRecord, "deeper than the limit of 64", None),
    (TOO_DEEP % (OK, b"[" * 950 + b'"\\ud800"', b"]" * 950), UnreadableRecord, "deeper than the limit of 64", None),
    (b"{" + OK + b',"x":["a","\\ud800"]}', UnmappableRecord, "lone surrogate", "x[1]"),
    (b"{" + OK + b',"\\udfff":1}', UnmappableRecord, "lone surrogate", "\\udfff"),
    (b"{" + OK + b',"x":{"y":1,"y":1}}', UnmappableRecord, "stands twice", "x.y"),
    (b"{" + OK + b',"x":{"y\\\\":1,"y\\\\":1}}', UnmappableRecord, "stands twice", "x.y\\"),
    (b"{" + OK + b',"x":["\\\\\\u0022: "],"y":1,"y":1}', UnmappableRecord, "stands twice", "y"),
    (b"{" + OK + b',"x":[0.0,1e400]}', UnmappableRecord, "1e400 is a number that no", "x[1]"),
    (b"{" + OK + b',"x":-1e-400}', UnmappableRecord, "-1e-400 is a number that no", "x"),
    (b"{" + OK + b',"x":' + b"9" * 5_000 + b"}", UnmappableRecord, "is a number that no", "x"),
    (b"{" + OK + b',"x":NaN}', UnmappableRecord, "NaN is not JSON", "x"),
    (b"[1]", UnmappableRecord, "the record is an array, not an object", None),
    (b"null", UnmappableRecord, "the record is null, not an object", None),
    (b"{}", UnmappableRecord, "protocolSection is missing", "protocolSection"),
    (b'{"protocolSection":"x"}', UnmappableRecord, "protocolSection is a string", "protocolSection"),
    (b'{"protocolSection":{"identificationModule":{}}}', UnmappableRecord, "nctId is missing",
     "protocolSection.identificationModule.nctId"),
    (b'{"protocolSection":{"identificationModule":{"nctId":null}}}', UnmappableRecord, "not an NCT id: null",
     "protocolSection.identificationModule.nctId"),
    ('{"protocolSection":{"identificationModule":{"nctId":"NCT0000000١"}}}'.encode(), UnmappableRecord,
     "not an NCT id", "protocolSection.identificationModule.nctId"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "kind", "reason", "path"), NOT_TAKEN)
def test_a_text_that_is_no_record_says_why_and_where(raw, kind, reason, path):
    with pytest.raises(RecordError) as caught:
        decode(RecordText(raw, "file.jsonl", 7, 100))
    error = caught.value
    assert type(error) is kind
    assert reason in error.reason
    assert (error.source, error.line, error.field_path) == ("file.jsonl", 7, path)
    assert error.remedy
    assert error.byte >= 100
    assert error.nct_id == ("NCT00000001" if OK in raw else None)


@pytest.mark.parametrize(("raw", "kind", "reason"), [case[:3] for case in NOT_TAKEN if case[0][:1] == b"{"])
@pytest.mark.parametrize("shape", ["lines", "array", "page"])
def test_one_bad_record_costs_no_other(tmp_path, raw, kind, reason, shape):
    before, after = lines([record(2)])[:-1], lines([record(3)])[:-1]
    wholes = {
        "lines": b"\n".join([before, raw, after]),
        "array": b"[" + b",".join([before, raw, after]) + b"]",
        "page": b'{"studies":[' + b",".join([before, raw, after]) + b'],"nextPageToken":"x"}',
    }
    path = write(tmp_path, "all.json", wholes[shape])
    found, rejected = take(path)
    assert ids(found) == [2, 3]
    assert [type(error) for error, _ in rejected] == [kind]
    assert reason in rejected[0][0].reason
    assert rejected[0][1] == raw
    assert rejected[0][0].byte >= path.read_bytes().index(raw)


def test_error_offsets_point_at_the_fault(tmp_path):
    content = b"[" + compact(record(1)) + b",\n" + b"{" + OK + b',"x":"\xff"}]'
    _, rejected = take(write(tmp_path, "a.json", content))
    assert rejected[0][0].byte == content.index(b"\xff")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-0.0", -0.0), ("-0", 0), ("1E5", 1e5), ("1.10", 1.1), ("1" * 30, int("1" * 30)),
        ('"\\u0000\\u001f\\u2028\\/\\ud83d\\ude00"', "\0\x1f\u2028/\U0001f600"), ("{}", {}), ("[]", []), ("0e0", 0.0),
        ("5e-324", 5e-324), ('"\\": "', '": '),
    ],
)  # fmt: skip
def test_odd_values_survive(text, value):
    document = decode(RecordText(b"{" + OK + b',"x":' + text.encode() + b"}", "a")).document
    assert repr(document["x"]) == repr(value)


@pytest.mark.parametrize("shape", ["lines", "array"])
def test_a_record_above_the_limit_is_passed_over(tmp_path, shape):
    records = [record(1), record(2, text="x" * 3_000_000), record(3)]
    path = write(tmp_path, "a.jsonl", SHAPES[shape](records))
    found, rejected = take(path, limits=Limits(record_bytes=1_000_000))
    assert ids(found) == [1, 3]
    assert [error.byte for error, _ in rejected] == [path.read_bytes().index(compact(records[1]))]
    assert "above the limit of 1000000" in rejected[0][0].reason


WHOLE = lines([record(1), record(2)])
DAMAGED = [
    # name, content, NCT numbers that are still read, words of the reason
    ("a.json", compact([record(1), record(2)])[:-1], [1, 2], "without a closing bracket"),
    ("a.json", page([record(1), record(2)])[:-2], [1, 2], "without a closing bracket"),
    ("a.json", page([record(1), record(2)])[:-1], [1, 2], "without a closing brace"),
    ("a.json", compact([record(1), record(2)])[:-20], [1], "not JSON"),
    ("a.json", b"", [], "there is nothing in it"),
    ("a.json", "{}".encode("utf-16"), [], "UTF-16"),
    ("a.json", b"<html><p>{not [JSON}</html>" * 3, [], "it is a web page, not JSON"),
    ("a.json", b"[" + b"\x7f\x01{" * 99, [], "not JSON"),
    ("a.json", b"[tru, " + compact(record(1)) + b"]", [1], "not JSON: 5 bytes that start with 'tru, '"),
    ("a.jsonl.gz", gzip.compress(os.urandom(2000).hex().encode() + b"\n" + WHOLE)[:-9], [1], "cut off"),
    (
        "a.jsonl.gz",
        gzip.compress(WHOLE)[:-8] + b"\0" * 8,
        [],
        "the gzip file is damaged: Error -3 while decompressing data: incorrect data check",
    ),
    ("a.jsonl.gz", gzip.compress(WHOLE) + b"junk", [1, 2], "the gzip file is damaged"),
    ("a.jsonl.gz", gzip.compress(WHOLE, mtime=0)[:12], [], "the gzip file is cut off"),
    ("a.jsonl.zst", zstandard.compress(WHOLE)[:-9], [], "the Zstandard file is cut off"),
    ("a.jsonl.zst", zstandard.compress(WHOLE) + b"junk", [1, 2], "the Zstandard file is damaged"),
    ("a.zip", zipped([("notes.txt", b"nothing")]), [], "no file in it is a record"),
    ("a.zip", zipped([("a.jsonl", WHOLE)])[:-9], [], "the zip file is damaged or cut off"),
    ("a.zip", zipped([("a.jsonl", WHOLE)]).replace(b"NCT", b"NCX"), [1, 2], None),
    ("a.gz", gzip.compress(gzip.compress(gzip.compress(gzip.compress(WHOLE)))), [], "more than 3 containers"),
]


@pytest.mark.parametrize(("name", "content", "numbers", "reason"), DAMAGED)
def test_damaged_files_give_what_is_whole_and_say_what_is_not(tmp_path, name, content, numbers, reason):
    path = write(tmp_path, name, content)
    found, rejected = take(path)
    assert set(ids(found)) >= set(numbers)
    assert set(ids(found)) <= {1, 2}
    if reason:
        assert any(reason in error.reason for error, _ in rejected), [str(error) for error, _ in rejected]
        assert {error.source for error, _ in rejected} == {str(path)}
    for error, raw in rejected:
        json.loads(rejected_line(error, raw))


@settings(max_examples=200, deadline=None)
@given(shape=st.sampled_from(sorted(SHAPES)), packing=st.sampled_from(sorted(PACKINGS)), numbers=st.data())
def test_damage_anywhere_is_never_silent_and_never_a_crash(tmp_path_factory, shape, packing, numbers):
    records = [record(number, text='{[\\"]}' * number) for number in range(1, 5)]
    name, content = PACKINGS[packing]("records.jsonl", SHAPES[shape](records))
    at = numbers.draw(st.integers(0, len(content) - 1))
    damaged = numbers.draw(
        st.sampled_from([content[:at], content[:at] + content[at + 1 :], content[:at] + b"\x00" + content[at + 1 :]])
    )
    found, rejected = take(write(tmp_path_factory.mktemp("damage"), name, damaged))
    read_back = [each.document for each in found]
    if not rejected and damaged != content:
        # The damage hit a value, a name, whitespace or padding: then as many records came as went in, or what is
        # missing stood behind the cut of a file of lines, which has no end mark.
        assert len(read_back) == 4 or (content.startswith(damaged) and read_back == records[: len(read_back)])


def test_a_zip_member_whose_checksum_differs_is_not_believed(tmp_path):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:  # stored, so the text can be changed in place
        archive.writestr("1.json", compact(record(1)))
        archive.writestr("2.json", compact(record(2)))
    path = write(tmp_path, "a.zip", file.getvalue().replace(b"NCT00000001", b"NCT00000009"))
    found, rejected = take(path)
    assert ids(found) == [2]
    assert "Bad CRC-32" in rejected[0][0].reason
    assert rejected[0][0].source == f"{path}/1.json"


def test_encrypted_and_unknown_zip_members_are_named(tmp_path):
    content = bytearray(zipped([("1.json", compact(record(1))), ("2.json", compact(record(2)))]))
    for signature, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flag] |= 1
    central = content.rindex(b"PK\x01\x02")
    content[central + 10] = 97  # a compression method that does not exist here
    found, rejected = take(write(tmp_path, "a.zip", bytes(content)))
    assert found == []
    assert ["encrypted" in rejected[0][0].reason, "compression" in rejected[1][0].reason] == [True, True]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress, lambda text: zipped([("bomb.json", text)])])
def test_a_container_that_bursts_is_stopped(tmp_path, pack):
    path = write(tmp_path, "bomb.json", pack(b" " * 40_000_000 + compact(record(1))))
    found, rejected = take(path, limits=Limits(inflated_bytes=2**20, record_bytes=2**20))
    assert found == []
    assert "times its size" in rejected[0][0].reason


def test_paths_that_are_no_files_are_named(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "loop").symlink_to(tmp_path / "folder")
    (tmp_path / "folder" / "gone.json").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "folder" / "pipe.json")
    odd = tmp_path / os.fsdecode(b"\xff.json")
    odd.write_bytes(b"{")
    found, rejected = take(tmp_path / "absent.json", tmp_path / "folder", odd)
    assert found == []
    assert [error.reason for error, _ in rejected][:4] == [
        "there is no such file",
        "there is no such file",
        "a symbolic link to a folder is not followed",
        "it is not a regular file",
    ]
    assert rejected[4][0].source.endswith("\\udcff.json")
    assert all(json.loads(rejected_line(error, raw))["remedy"] for error, raw in rejected)


def test_a_pipe_can_be_named_as_a_file():
    read_end, write_end = os.pipe()
    os.write(write_end, lines([record(1)]))
    os.close(write_end)
    found, rejected = take(f"/dev/fd/{read_end}")
    os.close(read_end)
    assert (ids(found), rejected) == ([1], [])


# --- the same record more than once -------------------------------------------------------------------------------


@given(order=st.permutations(["2023-01-01", "2024-01-01", "2024-01-01", "2022-01-01"]), second=st.integers(0, 3))
@settings(max_examples=30, deadline=None)
def test_the_newest_version_is_taken_wherever_it_stands(tmp_path_factory, order, second):
    folder = tmp_path_factory.mktemp("twice")
    write(folder, "1.jsonl", lines([record(7), *(record(1, date) for date in order[:second])]))
    write(folder, "2.json", compact([record(1, date) for date in order[second:]]))
    found, rejected = take(folder)
    assert [(each.nct_id, each.version) for each in found] == [
        ("NCT00000007", "2024-01-05"),
        ("NCT00000001", "2024-01-01"),
    ]
    assert [type(error) for error, _ in rejected] == [RepeatedRecord] * 3
    assert sum("the same version" in error.reason for error, _ in rejected) == 1
    assert all(found[1].place in error.reason for error, _ in rejected)


def test_a_broken_newer_version_does_not_displace_a_good_one(tmp_path):
    newer = compact(record(1, "2025-01-01", x=0)).replace(b'"x":0', b'"x":"\\ud800"')
    path = write(
        tmp_path, "a.jsonl", lines([record(1, "2024-01-01")]) + newer + b"\n" + lines([record(1, "2023-01-01")])
    )
    found, rejected = take(path)
    assert [each.version for each in found] == ["2024-01-01"]
    assert [type(error) for error, _ in rejected] == [UnmappableRecord, RepeatedRecord]


def test_reading_again_gives_the_same(tmp_path):
    path = write(tmp_path, "a.jsonl", lines([record(1), record(1), record(2)]) + b"{\n")
    assert take(path) == take(path)


# --- rejected.jsonl -----------------------------------------------------------------------------------------------


def test_a_rejected_line_holds_the_text_or_its_digest():
    error = UnreadableRecord("not JSON", "mend it", "NCT00000001", "a.jsonl", 3, 99, "x.y")
    assert json.loads(rejected_line(error, b"{")) == {
        "error": "UnreadableRecord", "nctId": "NCT00000001", "source": "a.jsonl", "line": 3, "byte": 99,
        "fieldPath": "x.y", "reason": "not JSON", "remedy": "mend it", "text": "{",
    }  # fmt: skip
    long = json.loads(rejected_line(error, b"x" * 20_000))
    assert (long["bytes"], len(long["sha256"]), "text" in long) == (20_000, 64, False)
    assert json.loads(rejected_line(error, b"\xff"))["base64"] == "/w=="
    assert rejected_line(error, b"{").count(b"\n") == 1


# --- the real ones ------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not SHARED.is_file(), reason="the real records are not here")
def test_all_real_records_are_read_whole():
    found, rejected = take(SHARED)
    with gzip.open(SHARED) as file:
        expected = [json.loads(line) for line in file]
    assert rejected == []
    assert len(expected) == 1_420
    assert [each.document for each in found] == expected
    assert all(each.version for each in found)
