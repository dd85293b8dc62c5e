"""A site over the curated data and four small records, asked without a socket."""

import json
import socket
from datetime import date
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient
from tests import curated
from tests.patience import patient

from trialgraph.pipeline import BuildOptions, build, update
from trialgraph.query import open_engine
from trialgraph.settings import packaged
from trialgraph.web import create_app

CASES = curated.HERE / "cases" / "web"
FOLDERS = {name: packaged(name) for name in ("data", "ontology", "shapes")}
GONE, REJECTED = "NCT90000003", "NCT90000004"


@pytest.fixture(scope="session")
def root(tmp_path_factory):
    """Two releases: the second without one of the records, and with one that was set aside."""
    root, folder = tmp_path_factory.mktemp("releases"), tmp_path_factory.mktemp("records")
    unmappable = folder / "unmappable.json"
    unmappable.write_text(json.dumps({"protocolSection": {"identificationModule": {"nctId": REJECTED}, "x": 1}}))
    records = [curated.HERE / "questions" / name for name in ("records.json", "dose-records.json")]
    records.append(CASES / "hostile.json")
    options = {"root": root, "validate": False, "optimize": False, "workers": 1}
    build(BuildOptions(**FOLDERS, issued=date(2026, 1, 2), records=records, **options))
    update(BuildOptions(**FOLDERS, issued=date(2026, 2, 3), **options), withdrawn=[GONE])
    line = {"nctId": REJECTED, "reason": "the year 20224 is no year", "remedy": "correct it in the registry"}
    (root / "current" / "rejected.jsonl").write_text(json.dumps(line) + "\n")
    return root


@pytest.fixture(scope="session")
def app(root):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings = patient(release=root, port=port, public_url="http://localhost")
    with open_engine(settings) as engine:
        yield create_app(settings, engine)


class Client(FlaskClient):
    """Reads each answer to its end, as a server does, so that files are closed."""

    def open(self, *args, buffered=True, **kwargs):
        return super().open(*args, buffered=buffered, **kwargs)


@pytest.fixture
def client(app):
    return Client(app, app.response_class)


class Page(HTMLParser):
    """The elements of a page, each with its attributes, and the text of script elements."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.scripts, self.text = [], [], ""
        self._script = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self._script = tag == "script"
        if self._script:
            self.scripts.append("")

    def handle_endtag(self, tag):
        self._script = False if tag == "script" else self._script

    def handle_data(self, data):
        if self._script:
            self.scripts[-1] += data
        else:
            self.text += data

    def all(self, tag, attribute):
        return [
            attributes[attribute] for name, attributes in self.elements if name == tag and attribute in attributes
        ]


@pytest.fixture(scope="session")
def parse():
    return Page
