"""A line of an agreement: the tickets it fits and the targets it gives them."""

import yaml

from beforehand.engine.codes import FIELDS
from beforehand.promises.file.document import LinePart, Path
from beforehand.promises.file.keys import KEYS
from beforehand.promises.file.notation import Promise, read_promise
from beforehand.promises.file.reader import Reader
from beforehand.promises.file.settings import PROMISED


def read_line(reader: Reader, node: yaml.Node, path: Path) -> LinePart:
    """One line; a fault where it promises nothing."""
    table = reader.table(node, path, KEYS["line"])
    words = {
        key: text
        for key in ("name", "coverage", *FIELDS)
        if key in table
        for text in [reader.text(table[key], (*path, key))]
        if text is not None
    }
    targets: dict[str, Promise] = {}
    for metric in PROMISED:
        if metric in table:
            promise = reader.read(table[metric], (*path, metric), read_promise)
            if promise is not None:
                targets[metric] = promise
    if isinstance(node, yaml.MappingNode) and not any(metric in table for metric in PROMISED):
        reader.fault(path, "no target", "at least one of " + ", ".join(PROMISED), "response: 4h")
    match = {name: words[name] for name in FIELDS if name in words}
    return LinePart(match, targets, words.get("name", ""), words.get("coverage", ""))
