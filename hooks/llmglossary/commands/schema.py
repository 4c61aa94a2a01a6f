"""``cli.py schema``."""

from __future__ import annotations

import argparse
import json
import sys

from pydantic import BaseModel

from ..linked_data import glossary_schema
from ..record import ConceptRecord, FrontMatter, ReadingPath

SCHEMAS: dict[str, type[BaseModel]] = {
    "term": ConceptRecord,
    "path": ReadingPath,
    "article": FrontMatter,
}


def run(arguments: argparse.Namespace) -> int:
    """Write the schemas, or say which are out of date."""
    schemas = {name: model.model_json_schema() for name, model in SCHEMAS.items()}
    schemas["glossary"] = glossary_schema()
    stale = []
    for name, schema in schemas.items():
        path = arguments.root / "docs" / "contribute" / "schema" / f"{name}.json"
        text = json.dumps(schema, ensure_ascii=False, indent=2)
        if path.exists() and path.read_text("utf-8") == text + "\n":
            continue
        stale.append(path)
        if not arguments.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", "utf-8")
    for path in stale:
        state = "out of date" if arguments.check else "written"
        sys.stdout.write(f"{path.relative_to(arguments.root)}: {state}\n")
    return int(bool(stale) and arguments.check)
