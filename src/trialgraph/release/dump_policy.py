"""Which dumps a release gets: of the whole and of each graph, in which formats and compressions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from trialgraph import formats
from trialgraph.formats import RdfFormat
from trialgraph.release.compressed_files import COMPRESSIONS, GZIP, NONE, ZSTD, Compression, by_suffix
from trialgraph.release.dump_pieces import TextPlan

SMALL_TRIPLES: Final = 250_000
"""Up to this size a release is small: all formats, plain and compressed, cost seconds."""
LINES: Final = (formats.N_TRIPLES, formats.N_QUADS)
"""What is lines: whoever gives the triples has these already."""


@dataclass(frozen=True)
class DumpKind:
    """A format and a compression, such as `ttl.gz`."""

    format: RdfFormat
    compression: Compression

    @property
    def extension(self) -> str:
        """The end of the file name."""
        return self.format.extension + self.compression.suffix

    @classmethod
    def parse(cls, extension: str) -> "DumpKind":
        """Read the end of a file name.

        Raises FormatError for an unknown format or compression.

        >>> DumpKind.parse("nq.zst").extension
        'nq.zst'
        """
        name, dot, suffix = extension.partition(".")
        return cls(formats.by_extension(name), by_suffix(dot + suffix))


@dataclass(frozen=True)
class DumpPolicy:
    """Which dumps a release gets."""

    whole: tuple[DumpKind, ...]
    """Of the whole release. A format without graphs gets the union of all graphs, each triple once: keep
    that for small releases, the set of triples already written is held in memory (100 bytes each)."""
    graphs: tuple[DumpKind, ...]
    """Of each graph apart."""

    @classmethod
    def parse(cls, whole: str, graphs: str) -> "DumpPolicy":
        """Read both from endings of file names, separated by spaces.

        Raises FormatError for an unknown one.
        """
        return cls(*(tuple(DumpKind.parse(extension) for extension in text.split()) for text in (whole, graphs)))

    @classmethod
    def for_size(cls, triples: int, whole: str = "", graphs: str = "") -> "DumpPolicy":
        """Return the policy for a release of about so many triples; what is named replaces what is usual.

        >>> [kind.extension for kind in DumpPolicy.for_size(10**8).whole]
        ['nq.gz', 'nq.zst']
        """
        usual = SMALL if triples <= SMALL_TRIPLES else LARGE
        named = cls.parse(whole, graphs)
        return cls(named.whole or usual.whole, named.graphs or usual.graphs)

    def plan(self, graph: str) -> tuple[TextPlan, ...]:
        """Return what is to be made of the triples of a graph, for `write_pieces`."""
        named = [(kinds, graph) for kinds in by_format(self.whole).items() if kinds[0].holds_named_graphs]
        own = [(kinds, None) for kinds in by_format(self.graphs).items()]
        return tuple(text_plan(*kinds, name) for kinds, name in (*own, *named))


def by_format(kinds: Iterable[DumpKind]) -> dict[RdfFormat, list[Compression]]:
    """Return the compressions wished of each format, in the order given."""
    found: dict[RdfFormat, list[Compression]] = {}
    for kind in kinds:
        found.setdefault(kind.format, []).append(kind.compression)
    return found


def text_plan(format_: RdfFormat, compressions: list[Compression], graph: str | None) -> TextPlan:
    """Return what is to be made of triples for one format, wherever the graph is named in it."""
    plain = needs_plain(compressions) and format_ not in LINES
    return TextPlan(format_.name, graph, plain, GZIP in compressions)


def needs_plain(compressions: Iterable[Compression]) -> bool:
    """Tell whether a text is needed as it is, and not only deflated."""
    return any(compression in (NONE, ZSTD) for compression in compressions)


def _all_kinds(chosen: Iterable[RdfFormat]) -> tuple[DumpKind, ...]:
    return tuple(DumpKind(format_, compression) for format_ in chosen for compression in COMPRESSIONS)


SMALL: Final = DumpPolicy(
    whole=_all_kinds(formats.RDF_FORMATS),
    graphs=_all_kinds((formats.TURTLE, formats.N_TRIPLES, formats.JSON_LD, formats.RDF_XML)),
)
LARGE: Final = DumpPolicy.parse(whole="nq.gz nq.zst", graphs="ttl.gz nt.zst")
