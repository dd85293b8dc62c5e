"""`trialgraph interpret`: lines in, lines out, and bad lines told."""

import json

from click.testing import CliRunner

from trialgraph import cli
from trialgraph.cli import interpret_command

TEXT = {"nct": "NCT00000001", "texts": {"armGroups[0].description": "Aspirin 81 mg p.o. daily for 2 weeks"}}


def interpret(*arguments, given=""):
    return CliRunner().invoke(cli.main, ["interpret", *map(str, arguments)], input=given)


def test_lines_of_texts_give_doses_with_their_words():
    result = interpret("--text", "regimen", given=json.dumps(TEXT) + "\n\n")
    (dose,) = json.loads(result.stdout)["doses"]
    assert (dose["agent"], dose["route"], dose["times"], dose["duration"]) == ("Aspirin", "oral", 1, "2 wk")
    assert TEXT["texts"][dose["path"]][dose["start"] : dose["end"]] == dose["quote"]
    assert result.exit_code == 0


def test_a_bad_line_is_told_and_the_others_are_read():
    result = interpret("--text", "regimen", given='{"nct": "NCT00000001"}\nx\n[]\n' + json.dumps(TEXT))
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 1
    assert [f"line {number}" in result.stderr for number in (1, 2, 3)] == [True] * 3
    assert "'texts' is missing" in result.stderr


def test_records_give_a_line_each_and_say_what_was_seen(tmp_path):
    arms = {"armGroups": [{"label": "A", "description": "Aspirin 81 mg"}]}
    document = {
        "protocolSection": {"identificationModule": {"nctId": "NCT00000001"}, "armsInterventionsModule": arms}
    }
    path = tmp_path / "records.jsonl"
    path.write_text(json.dumps(document) + "\n{}\n", encoding="utf-8")
    result = interpret(path, "--explain")
    line = json.loads(result.stdout)
    assert line["nct"] == "NCT00000001"
    assert line["doses"][0]["amount"] == "81"
    assert [seen["exact"] for seen in line["explained"] if seen["rule"] == "amount/mass"] == ["81 mg"]
    assert result.exit_code == 1


def test_records_and_bare_texts_are_not_mixed():
    assert interpret().exit_code == 2


def test_values_are_held_against_criteria():
    line = json.dumps({"id": "a", "text": "Inclusion Criteria:\n\n* Platelets > 100 x 10^9/L"})
    result = interpret(
        "--text", "eligibility", "--check", "platelets=90 10*9/L", "--check", "age=unknown", given=line
    )
    assert [one["verdict"] for one in json.loads(result.stdout)["checks"]] == ["not met", "unsupported"]
    assert "no measurement" in interpret("--text", "eligibility", "--check", "x=1", given=line).stderr


def test_a_text_that_a_rule_stumbles_over_is_told_and_the_others_are_read(tmp_path, monkeypatch):
    real = interpret_command.interpret_record

    def stumbling(document, **how):
        if document["protocolSection"]["identificationModule"]["nctId"] == "NCT00000001":
            raise IndexError("none left")
        return real(document, **how)

    monkeypatch.setattr(interpret_command, "interpret_record", stumbling)
    documents = [{"protocolSection": {"identificationModule": {"nctId": f"NCT0000000{number}"}}} for number in (1, 2)]
    path = tmp_path / "records.jsonl"
    path.write_text("\n".join(map(json.dumps, documents)), encoding="utf-8")
    result = interpret(path)
    assert [json.loads(line)["nct"] for line in result.stdout.splitlines()] == ["NCT00000002"]
    assert "NCT00000001: its texts could not be read (IndexError: none left); the fault is ours" in result.stderr
    assert result.exit_code == 1
