"""From record to graph: the tree of fields compiled into functions that write triples.

A `Writer` is told a JSON value and the subject it belongs to, and returns whether the value fitted. What did
not fit is noted with its place and becomes `tg:unmapped` nodes at the end, so nothing is lost.
"""

from collections.abc import Callable
from itertools import chain
from typing import Any, Final

from trialgraph import terms, vocabulary
from trialgraph.mapping import unmapped
from trialgraph.mapping.declarations import TG
from trialgraph.mapping.field_tree import Branch, Elements, Leaf, Node, Tree, Values
from trialgraph.mapping.labels import LabelOf
from trialgraph.mapping.literals import ENCODERS, Encoder
from trialgraph.mapping.shortcuts import Hook, Joins
from trialgraph.mapping.write_context import Item, Run
from trialgraph.terms import RDF_TYPE, RDFS_LABEL, Term, Triple

Writer = Callable[[Any, Term, list[Triple], Run], bool]
ToTriples = Callable[[dict[str, Any], str], list[Triple]]

POSITION: Final = f"<{TG}position>"
ORDER: Final = f"<{TG}arrayOrder>"
ROLE: Final = f"<{TG}outcomeRole>"
_RECORD: Final = f"<{TG}record>"
_TRIAL_CLASS: Final = f"<{TG}Trial>"
_RECORD_CLASS: Final = f"<{TG}RegistryRecord>"


def compile_forward(
    tree: Tree, hooks: dict[str, list[Hook]], joins: Joins, label_of: Callable[[str], LabelOf]
) -> ToTriples:
    """Return the function from a record and its NCT number to triples.

    `hooks` are the shortcuts to make from a field, by its path; `joins` says what to look up where; `label_of` gives
    for a class what labels those of its things that no field labels.
    """
    plans = _Plans(hooks, joins, label_of)
    root = plans.node(tree.root)

    def to_triples(record: dict[str, Any], nct: str) -> list[Triple]:
        trial = f"<{vocabulary.RESOURCE}{nct}>"
        run = Run(trial)
        out = run.block(trial)
        out.append((trial, RDF_TYPE, _TRIAL_CLASS))
        out.append((trial, _RECORD, run.record))
        run.block(run.record).append((run.record, RDF_TYPE, _RECORD_CLASS))
        run.block(run.record).append((run.record, RDFS_LABEL, f'"registry record of {nct}"'))
        root.write(record, trial, out, run, {})
        if not _is_labelled(out):
            out.append((trial, RDFS_LABEL, f'"{nct}"'))
        for item in run.queue:  # it grows while it is read
            item[0](item, run)
        for triple in run.late:
            run.blocks[triple[0]].append(triple)
        if run.misfits:
            unmapped.write(run, nct)
        return list(chain.from_iterable(run.blocks.values()))

    return to_triples


class _NodePlan:
    """How the object of one node is written."""

    def __init__(self, node: Node, joins: Joins) -> None:
        self.node = node
        self.table: dict[str, Writer] = {}
        self.indexes = joins.scopes.get(node.path, ())

    def write(self, value: dict[str, Any], subject: Term, out: list[Triple], run: Run, keys: dict[int, Any]) -> None:
        if self.indexes:
            keys = {**keys, **{slot: index(value, subject) for slot, index in self.indexes}}
        run.keys = keys
        table = self.table
        for key, item in value.items():
            writer = table.get(key)
            if writer is None or not writer(item, subject, out, run):
                run.misfits.append((self.node, subject, (key,), item))


class _Plans:
    """Makes the writers; each node plan once."""

    def __init__(self, hooks: dict[str, list[Hook]], joins: Joins, label_of: Callable[[str], LabelOf]) -> None:
        self._hooks = hooks
        self._joins = joins
        self._label_of = label_of

    def node(self, node: Node) -> _NodePlan:
        plan = _NodePlan(node, self._joins)
        plan.table = self._table(node, node.root)
        return plan

    def _table(self, node: Node, branch: Branch) -> dict[str, Writer]:
        return {key: self._writer(node, child) for key, child in branch.children.items()}

    def _writer(self, node: Node, child: Branch | Leaf) -> Writer:
        if isinstance(child, Branch):
            return _branch_writer(node, child, self._table(node, child))
        if isinstance(child, Elements):
            writer = _elements_writer(
                node, child, _element_writer(child, self.node(child.node), self._label_of(child.declared.range))
            )
        elif isinstance(child, Values):
            writer = _values_writer(child, self._hooks.get(child.path, []))
        else:
            writer = _leaf_writer(child, self._hooks.get(child.path, []))
        return _on_record(writer) if child.on_record else writer


def _on_record(writer: Writer) -> Writer:
    def write(value: Any, _subject: Term, _out: list[Triple], run: Run) -> bool:
        return writer(value, run.record, run.blocks[run.record], run)

    return write


def _branch_writer(node: Node, branch: Branch, table: dict[str, Writer]) -> Writer:
    def write(value: Any, subject: Term, out: list[Triple], run: Run) -> bool:
        if type(value) is not dict or not value:
            return False
        for key, item in value.items():
            writer = table.get(key)
            if writer is None or not writer(item, subject, out, run):
                run.misfits.append((node, subject, (*branch.keys, key), item))
        return True

    return write


def _encoder(leaf: Leaf) -> Encoder:
    if leaf.declared.scheme is None:
        return ENCODERS[leaf.declared.range]
    scheme = leaf.declared.scheme
    concepts = {concept.notation: f"<{concept.iri}>" for concept in scheme.literals}

    def encode(value: Any) -> Term | None:
        if type(value) is not str:
            return None
        known = concepts.get(value)
        if known is None and (undeclared := scheme.undeclared(value)):
            return f"<{undeclared}>"
        return known

    return encode


def _leaf_writer(leaf: Leaf, hooks: list[Hook]) -> Writer:
    predicate, encode = f"<{leaf.declared.iri}>", _encoder(leaf)

    def write(value: Any, subject: Term, out: list[Triple], _run: Run) -> bool:
        term = encode(value)
        if term is None:
            return False
        out.append((subject, predicate, term))
        return True

    def write_labelled(value: Any, subject: Term, out: list[Triple], run: Run) -> bool:
        if not write(value, subject, out, run):
            return False
        out.append((subject, RDFS_LABEL, out[-1][2]))
        return True

    plain = write_labelled if leaf.declared.also_label else write
    if not hooks:
        return plain

    def write_and_more(value: Any, subject: Term, out: list[Triple], run: Run) -> bool:
        if not plain(value, subject, out, run):
            return False
        for hook in hooks:
            hook((value,), subject, out, run)
        return True

    return write_and_more


def _values_writer(leaf: Leaf, hooks: list[Hook]) -> Writer:
    predicate, encode, name = f"<{leaf.declared.iri}>", _encoder(leaf), leaf.keys[-1]
    rank = ranking(leaf)

    def write(values: Any, subject: Term, out: list[Triple], run: Run) -> bool:
        if type(values) is not list or not values:
            return False
        encoded = [encode(value) for value in values]
        if None in encoded:
            return False
        distinct = values
        if len(values) > 1:
            distinct = sorted(set(values), key=rank)
            if distinct != values:
                ranks = {value: number for number, value in enumerate(distinct)}
                order = " ".join([str(ranks[value]) for value in values])
                out.append((subject, ORDER, f'"{name} {order}"'))
        out.extend([(subject, predicate, term) for term in dict.fromkeys(encoded) if term is not None])
        for hook in hooks:
            hook(distinct, subject, out, run)
        return True

    return write


def ranking(leaf: Leaf) -> Callable[[str], Any] | None:
    """Return the key by which the values of an array are sorted: the scheme's order, or else the text itself.

    Values that no concept is declared for come after those of the scheme.
    """
    if leaf.declared.scheme is None:
        return None
    positions = {concept.notation: concept.position for concept in leaf.declared.scheme.literals}
    last = max(positions.values(), default=0) + 1
    return lambda value: (positions.get(value, last), value)


def _elements_writer(node: Node, array: Elements, write_element: Callable[[Item, Run], None]) -> Writer:
    predicates = [f"<{array.declared.iri}>", *(f"<{above}>" for above in array.declared.supers)]
    segment, keys = array.declared.segment, array.keys

    def write(values: Any, subject: Term, out: list[Triple], run: Run) -> bool:
        if type(values) is not list or not values:
            return False
        stem = f"{subject[:-1]}/{segment}/"
        for number, value in enumerate(values, 1):
            if type(value) is dict:
                element = f"{stem}{number}>"
                out.extend([(subject, predicate, element) for predicate in predicates])
                run.queue.append((write_element, element, number, value, run.keys))
            else:
                run.misfits.append((node, subject, (*keys, str(number - 1)), value))
        return True

    return write


def _element_writer(array: Elements, plan: _NodePlan, label_of: LabelOf) -> Callable[[Item, Run], None]:
    class_, role = f"<{array.declared.range}>", array.declared.role

    def write(item: Item, run: Run) -> None:
        _, subject, number, value, keys = item
        out = [(subject, RDF_TYPE, class_), (subject, POSITION, terms.integer(number))]
        if role:
            out.append((subject, ROLE, f"<{role}>"))
        run.blocks[subject] = out
        plan.write(value, subject, out, run, keys)
        if not _is_labelled(out):
            out.append((subject, RDFS_LABEL, label_of(value, number)))

    return write


def _is_labelled(out: list[Triple]) -> bool:
    return any(triple[1] is RDFS_LABEL for triple in out)
