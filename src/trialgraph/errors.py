"""Everything that can go wrong, as one tree.

TrialgraphError
├── SettingError            a setting has a value that cannot be used
├── FormatError             no such RDF or result format
├── RecordError             a record cannot be taken; the others go on
│   ├── UnreadableRecord    not JSON, truncated, not text
│   │   └── ForeignFile     a file of another kind, such as a table
│   ├── UnmappableRecord    JSON, but it cannot become RDF
│   ├── RepeatedRecord      another version of the same record was taken
│   ├── PartialRecord       a part of a record, which would take the place of a whole one
│   └── NotTaken            a file beside records that holds none; nothing is lost by it
├── FetchError              the registry did not answer usefully
├── ShapeError              a shapes graph is not well-formed SHACL
├── NonconformanceError     the data break a shape of severity Violation
├── MappingError            the field declarations of the ontology contradict each other
├── SourceError             a file that a release is made from cannot be used
├── StoreError              something is wrong with a release on disk
│   ├── ReleaseNotFound     there is none
│   ├── ReleaseDamaged      a file is missing or its checksum differs
│   ├── ReleaseBusy         another build or update is writing here
│   └── ReleaseReplaced     another release took its place while something was read from it
└── QueryError              a query was not answered
    ├── QuerySyntaxError    SPARQL does not parse; carries line and column
    ├── QueryRefused        update, or SERVICE to an endpoint that is not listed
    ├── QueryNotEvaluable   it parses, but cannot be evaluated (an unknown function, a bad graph name)
    ├── QueryTimeout        ran into the time limit
    ├── QueryOutOfMemory    ran into the memory limit
    ├── ResultTooLarge      ran into the result-size limit
    ├── QueryTooLarge       the text itself is too long
    ├── ServiceFailed       an endpoint named by SERVICE did not answer usefully
    ├── ServiceTooLarge     the answer of an endpoint named by SERVICE is too large to take over
    ├── QueryAbandoned      the one who asked has gone away
    ├── EngineBusy          no place for one more query now; try again later
    └── EngineUnavailable   the engine behind the door does not answer

Each error carries its data as attributes, so a caller never parses a message. None knows HTTP or a terminal:
`web/` and `cli/` each hold one table that says what to do with which.

>>> QueryTimeout(limit_seconds=30.0).limit_seconds
30.0
"""

from dataclasses import dataclass, field


class TrialgraphError(Exception):
    """Root of the tree; catch it to catch everything this package raises on purpose."""


@dataclass
class SettingError(TrialgraphError):
    """A setting has a value that cannot be used."""

    name: str
    value: str
    remedy: str

    def __str__(self) -> str:
        return f"setting {self.name}: {self.value!r} cannot be used; {self.remedy}"


@dataclass
class FormatError(TrialgraphError):
    """No such RDF or result format."""

    name: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        return f"no format {self.name!r}; one of {', '.join(self.known)}"


@dataclass
class RecordError(TrialgraphError):
    """A record cannot be taken: which, where, why and what to do."""

    reason: str
    remedy: str
    nct_id: str | None = None
    source: str | None = None
    """Name of the file, archive member or URL it came from."""
    line: int | None = None
    """Line of the source, counted from 1."""
    byte: int | None = None
    """Offset in the source, counted from 0."""
    field_path: str | None = None
    """Path inside the record, such as `protocolSection.designModule.phases[0]`."""

    def __str__(self) -> str:
        place = [self.source] if self.source else []
        place += [f"line {self.line}"] if self.line is not None else []
        place += [f"byte {self.byte}"] if self.byte is not None else []
        place += [self.field_path] if self.field_path else []
        where = f" ({', '.join(place)})" if place else ""
        if self.source and not self.nct_id and len(place) == 1:  # all of a file, which need not be a record
            return f"{self.source}: {self.reason}; {self.remedy}"
        return f"{self.nct_id or 'record'}{where}: {self.reason}; {self.remedy}"


class UnreadableRecord(RecordError):
    """Not JSON, truncated, not text, too large or too deep."""


@dataclass
class ForeignFile(UnreadableRecord):
    """A file of another kind, such as a table."""

    holds_trials: bool = False
    """Whether it is an export of trials, so that leaving it out leaves trials out."""


class UnmappableRecord(RecordError):
    """JSON, but it cannot become RDF."""


class RepeatedRecord(RecordError):
    """Another version of the same record was taken instead."""


class PartialRecord(RecordError):
    """A part of a record, which would take the place of a whole one."""


class NotTaken(RecordError):
    """A file that holds no record and lies beside those that do: it is named, and nothing is lost by it."""


@dataclass
class FetchError(TrialgraphError):
    """The registry did not answer usefully."""

    url: str
    reason: str
    remedy: str
    status: int | None = None
    """HTTP status of the answer, where there was one."""

    def __str__(self) -> str:
        return f"{self.url}: {self.reason}; {self.remedy}"


@dataclass
class ShapeError(TrialgraphError):
    """A shapes graph is not well-formed SHACL."""

    shape: str
    reason: str

    def __str__(self) -> str:
        return f"shape {self.shape}: {self.reason}"


@dataclass
class NonconformanceError(TrialgraphError):
    """The data break a shape of severity Violation."""

    violations: int
    text: str
    """The report as a person reads it: where, what, and what to do."""

    def __str__(self) -> str:
        return self.text


@dataclass
class MappingError(TrialgraphError):
    """The field declarations of the ontology contradict each other."""

    term: str
    reason: str

    def __str__(self) -> str:
        return f"ontology term {self.term}: {self.reason}"


@dataclass
class SourceError(TrialgraphError):
    """A file that a release is made from cannot be used."""

    path: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}; {self.remedy}"


@dataclass
class StoreError(TrialgraphError):
    """Something is wrong with a release on disk."""

    path: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}; {self.remedy}"


class ReleaseNotFound(StoreError):
    """There is no release there."""


class ReleaseDamaged(StoreError):
    """A file is missing, its checksum differs, or it cannot be read."""


class ReleaseBusy(StoreError):
    """Another build or update is writing here."""


class ReleaseReplaced(StoreError):
    """Another release took its place while something was read from it."""


class QueryError(TrialgraphError):
    """A query was not answered."""


@dataclass
class QuerySyntaxError(QueryError):
    """SPARQL does not parse."""

    reason: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        where = f" at line {self.line}, column {self.column}" if self.line is not None else ""
        return f"the query does not parse{where}: {self.reason}"


@dataclass
class QueryRefused(QueryError):
    """The query asks for what this service does not do."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass
class QueryNotEvaluable(QueryError):
    """The query parses, but cannot be evaluated."""

    reason: str

    def __str__(self) -> str:
        return f"the query cannot be evaluated: {self.reason}"


@dataclass
class QueryTimeout(QueryError):
    """The query ran into the time limit."""

    limit_seconds: float

    def __str__(self) -> str:
        return (
            f"the query was stopped at the time limit of {self.limit_seconds:g} s; "
            "make it more selective, add LIMIT, or work on a dump from /downloads/"
        )


@dataclass
class QueryOutOfMemory(QueryError):
    """The query ran into the memory limit."""

    limit_bytes: int

    def __str__(self) -> str:
        return (
            f"the query was stopped at the memory limit of {self.limit_bytes // 2**20} MiB; "
            "make it more selective or work on a dump from /downloads/"
        )


@dataclass
class ResultTooLarge(QueryError):
    """The result ran into the size limit."""

    limit_bytes: int

    def __str__(self) -> str:
        return (
            f"the result is larger than the limit of {self.limit_bytes // 2**20} MiB; "
            "add LIMIT, or take a dump from /downloads/"
        )


@dataclass
class QueryTooLarge(QueryError):
    """The text of the query is too long."""

    limit_bytes: int

    def __str__(self) -> str:
        return f"the query is longer than the limit of {self.limit_bytes} bytes; shorten it"


@dataclass
class ServiceFailed(QueryError):
    """An endpoint named by SERVICE did not answer usefully."""

    endpoint: str
    reason: str
    retry_after_seconds: int = field(default=5)

    def __str__(self) -> str:
        return f"SERVICE <{self.endpoint}>: {self.reason}; with SERVICE SILENT the query goes on without it"


@dataclass
class ServiceTooLarge(QueryError):
    """The answer of an endpoint named by SERVICE is too large to take over."""

    endpoint: str
    limit_bytes: int

    def __str__(self) -> str:
        return (
            f"the answer of SERVICE <{self.endpoint}> does not fit into the longest text of a query, "
            f"{self.limit_bytes} bytes; make the pattern in SERVICE more selective, such as by VALUES inside it"
        )


class QueryAbandoned(QueryError):
    """The one who asked has gone away, so the query was stopped."""


@dataclass
class EngineBusy(QueryError):
    """No place for one more query now."""

    retry_after_seconds: int
    reason: str = "all places for queries are taken"

    def __str__(self) -> str:
        return f"{self.reason}; try again in {self.retry_after_seconds} s"


@dataclass
class EngineUnavailable(QueryError):
    """The engine behind the door does not answer."""

    reason: str
    retry_after_seconds: int = field(default=5)

    def __str__(self) -> str:
        return f"the query engine is not available: {self.reason}"
