"""Finishes the parts of a book as the typesetter makes them, and joins them into one file.

Each part is a whole tagged PDF. Its first page tells the typesetter of the rest of the book and is
taken off. Links between parts go through the typesetter as addresses, ``book:`` and a number, and
become links to named places here: left to look for their places by itself, the typesetter sets
every paragraph with a link twice, and it knows no places of other parts.

Everything that a file has once is one again after joining: the tree of tags, with its ways from
the page to the tag and from a name to the tag, the named places, the outline.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

from pikepdf import (
    Array,
    Dictionary,
    Name,
    Object,
    ObjectStreamMode,
    OutlineItem,
    Page,
    PageCopyWarning,
    Pdf,
    String,
)

_ADDRESS = "book:"
# Above the place itself, so that it does not touch the edge of the window.
_AIR = 10  # points
_CORNERS = 8  # numbers that give a box


class JoiningError(Exception):
    """The typesetter writes files in another way than is known here; the message says how."""


def finish(
    content: bytes, name: str, links: Sequence[Sequence[str]], places: Iterable[Sequence[Any]]
) -> bytes:
    """Return a part without its first page, its links and places named.

    Args:
        content: As the typesetter makes it.
        name: Of the part, which no other part of the book has.
        links: The name of the place that each address leads to, and what a reader is told of it.
        places: Of the part: name, page from 1, and position in points from the top left.

    Raises:
        JoiningError: The file is not built as expected.
    """
    with Pdf.open(BytesIO(content)) as pdf:
        _take_off_first(pdf)
        _rename_elements(pdf, name.encode())
        borders = pdf.make_indirect(Array([0, 0, 0]))
        for page in pdf.pages:
            for annotation in page.obj.get("/Annots", ()):
                _link(annotation, links)
                _lighten(annotation, borders)
        pages = list(pdf.pages)
        pdf.Root.Names = Dictionary(
            Dests=_name_tree(
                {
                    bytes(String(place)): _destination(pages[page - 2], x, y)
                    for place, page, x, y in places
                }
            )
        )
        return _saved(pdf)


def join(parts: Iterable[bytes], levels: Sequence[int]) -> tuple[bytes, int]:
    """Return one file of finished parts, and the number of its pages.

    Args:
        parts: In order. Title, date and the like are those of the first.
        levels: Of all entries of the outline, from 1.

    Raises:
        JoiningError: A part is not built as expected, or a link leads nowhere.
    """
    first, *others = parts
    digest = hashlib.sha256(first)
    with Pdf.open(BytesIO(first)) as book:
        joined = _Joined(book)
        for part in others:
            digest.update(part)
            with Pdf.open(BytesIO(part)) as pdf:
                joined.add(pdf)
        joined.close(levels)
        _describe(book, digest.hexdigest()[:32])
        return _saved(book), len(book.pages)


class _Joined:
    """What has been joined so far, in the file of the first part."""

    def __init__(self, book: Pdf) -> None:
        self._book = book
        self._root = book.Root.StructTreeRoot
        self._document = _document(self._root)
        self._elements: list[Object] = list(self._document.K)
        self._parents = _flat(self._root.ParentTree, "/Nums")
        self._next = int(self._root.ParentTreeNextKey)
        self._named = dict(_names(self._root.get("/IDTree")))
        self._places = dict(_names(book.Root.Names.Dests))
        self._entries = list(_entries(book))
        self._roles = dict(self._root.RoleMap.items())

    def add(self, part: Pdf) -> None:
        """Put a part behind what is there."""
        for page in part.pages:
            _shift(page.obj, "/StructParents", self._next)
            for annotation in page.obj.get("/Annots", ()):
                _shift(annotation, "/StructParent", self._next)
        count = len(self._book.pages)
        with warnings.catch_warnings():
            # Named places are taken over below, and forms there are none.
            warnings.simplefilter("ignore", PageCopyWarning)
            self._book.pages.extend(part.pages)
        pages = [page.obj for page in list(self._book.pages)[count:]]
        # After the pages, which they refer to.
        root = self._book.copy_foreign(part.Root.StructTreeRoot)
        for element in _document(root).K:
            element.P = self._document
            self._elements.append(element)
        numbers = _flat(root.ParentTree, "/Nums")
        for number, value in zip(numbers[::2], numbers[1::2], strict=True):
            self._parents += [int(number) + self._next, value]
        self._next += int(root.ParentTreeNextKey)
        self._roles.update(root.RoleMap.items())
        _add(self._named, _names(root.get("/IDTree")))
        order = {page.obj.objgen: at for at, page in enumerate(part.pages)}

        def moved(place: Any) -> Array:  # noqa: ANN401 - any object of a file
            return Array([pages[order[place[0].objgen]], *list(place)[1:]])

        _add(self._places, ((name, moved(at)) for name, at in _names(part.Root.Names.Dests)))
        self._entries += [(title, moved(at)) for title, at in _entries(part)]

    def close(self, levels: Sequence[int]) -> None:
        """Write what the file has once."""
        self._document.K = Array(self._elements)
        root = self._root
        root.ParentTree = Dictionary(Nums=Array(self._parents))
        root.ParentTreeNextKey = self._next
        root.RoleMap = Dictionary(self._roles)
        if self._named:
            root.IDTree = _name_tree(self._named)
        self._book.Root.Names = Dictionary(Dests=_name_tree(self._places))
        for page in self._book.pages:
            for annotation in page.obj.get("/Annots", ()):
                place = annotation.get("/Dest")
                if isinstance(place, String) and bytes(place) not in self._places:
                    raise JoiningError(f"a link leads to {place}, which no part has")
        if len(levels) != len(self._entries):
            raise JoiningError(f"{len(self._entries)} bookmarks are there, not {len(levels)}")
        with self._book.open_outline() as outline:
            del outline.root[:]
            below: list[list[OutlineItem]] = [outline.root]
            for level, (title, at) in zip(levels, self._entries, strict=True):
                entry = OutlineItem(title, at)
                entry.is_closed = True
                del below[level:]
                below[-1].append(entry)
                below.append(entry.children)


# --- one part -------------------------------------------------------------------------------------


def _take_off_first(pdf: Pdf) -> None:
    """Remove the first page, and what the tree of tags has of it."""
    root = pdf.Root.StructTreeRoot
    number = int(pdf.pages[0].obj.StructParents)
    numbers = _flat(root.ParentTree, "/Nums")
    at = next(i for i in range(0, len(numbers), 2) if int(numbers[i]) == number)
    gone = {element.objgen for element in numbers[at + 1]}
    document = _document(root)
    kept = [element for element in document.K if element.objgen not in gone]
    if len(document.K) - len(kept) != len(gone):
        raise JoiningError("the first page holds more than headings")
    document.K = Array(kept)
    root.ParentTree = Dictionary(Nums=Array(numbers[:at] + numbers[at + 2 :]))
    del pdf.pages[0]


def _rename_elements(pdf: Pdf, name: bytes) -> None:
    """Give the elements that have a name, notes and heads of tables, one that no other has."""

    def renamed(old: Any) -> String:  # noqa: ANN401 - any object of a file
        return String(name + b" " + bytes(old))

    for element in pdf.objects:
        if not isinstance(element, Dictionary) or element.get("/Type") != "/StructElem":
            continue
        # It may be left out, and a book has hundreds of thousands.
        del element["/Type"]
        if "/ID" in element:
            element.ID = renamed(element.ID)
        for attributes in element.get("/A", ()):
            if "/Headers" in attributes:
                attributes.Headers = Array(map(renamed, attributes.Headers))
    root = pdf.Root.StructTreeRoot
    if "/IDTree" in root:
        named = _names(root.IDTree)
        root.IDTree = _name_tree({bytes(renamed(old)): element for old, element in named})


def _link(annotation: Any, links: Sequence[Sequence[str]]) -> None:  # noqa: ANN401
    """Let an annotation lead to a place of the book if its address is one."""
    action = annotation.get("/A")
    address = str(action.get("/URI", "")) if action is not None else ""
    if address.startswith(_ADDRESS):
        place, told = links[int(address.removeprefix(_ADDRESS))]
        del annotation["/A"]
        annotation.Dest = String(place)
        annotation.Contents = String(told)


def _lighten(annotation: Any, borders: Object) -> None:  # noqa: ANN401
    """Say the same in fewer objects: books of thousands of links are joined in memory."""
    del annotation["/Type"]
    annotation.Border = borders
    corners = annotation.get("/QuadPoints")
    if corners is not None:
        lines = _lines([float(number) for number in corners])
        if len(lines) == 1:
            # That is the rectangle of the link itself.
            del annotation["/QuadPoints"]
        else:
            annotation.QuadPoints = Array([number for line in lines for number in line])


def _lines(corners: Sequence[float]) -> list[Sequence[float]]:
    """Return one box for each line of a link, of which every change of type has its own.

    Args:
        corners: Bottom left, bottom right, top right and top left of every box.
    """
    lines: list[Sequence[float]] = []
    for box in zip(*[iter(corners)] * _CORNERS, strict=True):
        if lines and lines[-1][1::2] == box[1::2]:
            left, right = min(lines[-1][0], box[0]), max(lines[-1][2], box[2])
            lines[-1] = (left, box[1], right, box[3], right, box[5], left, box[7])
        else:
            lines.append(box)
    return lines


def _destination(page: Page, x: float, y: float) -> Array:
    height = float(page.mediabox[3])
    return Array([page.obj, Name.XYZ, round(x, 2), round(height - max(0, y - _AIR), 2), 0])


# --- what files are made of -----------------------------------------------------------------------


def _document(root: Object) -> Object:
    (document,) = root.K
    return document


def _flat(tree: Object, key: str) -> list[Any]:
    """Return the entries of a tree that is one list."""
    if key not in tree:
        raise JoiningError(f"a tree has no list of {key}")
    return list(tree[key])


def _names(tree: Object | None) -> Iterator[tuple[bytes, Any]]:
    if tree is not None:
        entries = _flat(tree, "/Names")
        yield from ((bytes(name), at) for name, at in zip(*[iter(entries)] * 2, strict=True))


def _name_tree(named: Mapping[bytes, Object]) -> Dictionary:
    """Return a tree of names, which have to be in order."""
    return Dictionary(
        Names=Array([part for name in sorted(named) for part in (String(name), named[name])])
    )


def _add(known: dict[bytes, Any], new: Iterable[tuple[bytes, Any]]) -> None:
    for name, value in new:
        if name in known:
            raise JoiningError(f"two parts have the name {name.decode('utf-8', 'replace')}")
        known[name] = value


def _shift(holder: Object, key: str, by: int) -> None:
    if key in holder:
        holder[key] = int(holder[key]) + by


def _entries(pdf: Pdf) -> Iterator[tuple[str, Any]]:
    """Yield title and place of every entry of the outline, in order."""

    def walk(items: Iterable[OutlineItem]) -> Iterator[tuple[str, Any]]:
        for item in items:
            yield item.title, item.destination
            yield from walk(item.children)

    with pdf.open_outline() as outline:
        yield from walk(outline.root)


def _describe(book: Pdf, digest: str) -> None:
    """Let the file say of itself what is true of the whole."""
    with book.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        metadata["{http://ns.adobe.com/xap/1.0/t/pg/}NPages"] = str(len(book.pages))
        metadata["xmpMM:InstanceID"] = digest


def _saved(pdf: Pdf) -> bytes:
    stream = BytesIO()
    # The objects of the tree of tags take more room than all text unless they are compressed.
    pdf.save(stream, object_stream_mode=ObjectStreamMode.generate, deterministic_id=True)
    return stream.getvalue()
