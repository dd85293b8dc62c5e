"""A registry on loopback that speaks the paging, aliases and failures of the ClinicalTrials.gov API v2."""

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


def study(number, date="2024-01-05", text=""):
    status = {"lastUpdatePostDateStruct": {"date": date}}
    identification = {"nctId": f"NCT{number:08d}", "briefTitle": text}
    return {"protocolSection": {"identificationModule": identification, "statusModule": status}}


class Registry:
    """Serves `studies`; each entry of `faults` answers one request in its own way before things go right again."""

    def __init__(self, studies, faults=(), aliases=None, timestamp="2026-11-20T09:00:05"):
        self.studies = studies
        self.faults = list(faults)
        self.aliases = aliases or {}
        self.timestamp = timestamp
        self.requests = []
        self.agents = set()
        self.tokens_known = True
        self.wait_before_page = {}
        self.release = threading.Event()

    def __enter__(self):
        registry = self

        class Answers(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def log_message(self, *_):
                pass

            def do_GET(self):
                registry.answer(self)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/api/v2"
        return self

    def __exit__(self, *_):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def answer(self, request):
        address = urlsplit(request.path)
        query = {name: values[-1] for name, values in parse_qs(address.query, keep_blank_values=True).items()}
        path = address.path.removeprefix("/api/v2")
        self.requests.append((path, query))
        self.agents.add(request.headers["User-Agent"])
        if path != "/version" and self.faults:
            fault = self.faults.pop(0)
            if fault is not None:
                fault(request)
                return
        if path == "/version":
            send(request, {"apiVersion": "2.0.3", "dataTimestamp": self.timestamp})
        elif path == "/studies":
            self.send_page(request, query)
        elif path.startswith("/studies/"):
            self.send_study(request, path.rpartition("/")[2])
        else:
            send(request, {}, 404)

    def send_page(self, request, query):
        matching = self.studies
        if "filter.ids" in query:
            matching = [each for each in matching if nct_id(each) in query["filter.ids"].split(",")]
        token = query.get("pageToken")
        if token is not None and not (self.tokens_known and token.startswith("t")):
            send(request, b"Wrong pageToken", 400)
            return
        start, size = int(token[1:]) if token else 0, int(query["pageSize"])
        if start in self.wait_before_page:
            self.wait_before_page[start].set()
            self.release.wait(30)
        page = {"totalCount": len(matching)} if query.get("countTotal") == "true" else {}
        page["studies"] = matching[start : start + size]
        if start + size < len(matching):
            page["nextPageToken"] = f"t{start + size}"
        send(request, json.dumps(page, indent=1).encode())

    def send_study(self, request, asked):
        if asked in self.aliases:
            send(request, b"", 301, location=f"/api/v2/studies/{self.aliases[asked]}")
            return
        found = next((each for each in self.studies if nct_id(each) == asked), None)
        send(request, found, 200) if found else send(request, b"NCT number not found", 404)


def nct_id(document):
    return document["protocolSection"]["identificationModule"]["nctId"]


def send(request, content, status=200, **headers):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    request.send_response(status)
    request.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    request.wfile.write(body)


# --- faults: each answers one request -------------------------------------------------------------------------------


def status(code, **headers):
    return lambda request: send(request, b"not now", code, **headers)


def content(body):
    return lambda request: send(request, body)


def cut_short(request):
    request.send_response(200)
    request.send_header("Content-Length", "5000")
    request.end_headers()
    request.wfile.write(b'{"studies":[')
    request.close_connection = True


def cut_short_gzip(request):
    body = gzip.compress(json.dumps({"studies": [study(1)]}).encode())[:-20]
    send(request, body, Content_Encoding="gzip")


def hang_up(request):
    request.close_connection = True


def never_ending(request):
    """Starts an answer and then says nothing until the client has left."""
    request.send_response(200)
    request.send_header("Content-Length", "5000")
    request.end_headers()
    request.wfile.write(b'{"studies":[')
    request.wfile.flush()
    request.connection.recv(1)
    request.close_connection = True


def dribble(request):
    """Sends a little, again and again, until the client has left."""
    request.send_response(200)
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()
    try:
        while True:
            request.wfile.write(b"1\r\n \r\n")
            request.wfile.flush()
    except OSError:
        request.close_connection = True
