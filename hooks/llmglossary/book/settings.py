"""What mkdocs.yml says, read without MkDocs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml


class _SettingsLoader(yaml.SafeLoader):
    """Reads mkdocs.yml, whose ``!ENV`` takes values from the environment."""


def _from_environment(loader: _SettingsLoader, node: yaml.Node) -> Any:  # noqa: ANN401
    if isinstance(node, yaml.SequenceNode):
        *names, default = loader.construct_sequence(node)
    else:
        names, default = [loader.construct_scalar(cast("yaml.ScalarNode", node))], None
    return next((os.environ[name] for name in names if name in os.environ), default)


_SettingsLoader.add_constructor("!ENV", _from_environment)
_SettingsLoader.add_multi_constructor("tag:yaml.org,2002:python/", lambda *_: None)


def read(root: Path) -> Mapping[str, Any]:
    """Return the settings of the project in `root`.

    Raises:
        OSError: There is no mkdocs.yml.
        yaml.YAMLError: It is not YAML.
    """
    text = (root / "mkdocs.yml").read_text("utf-8")
    return cast("Mapping[str, Any]", yaml.load(text, _SettingsLoader))  # noqa: S506 - a safe one


def address(settings: Mapping[str, Any]) -> str:
    """Return the address of the site with a trailing slash."""
    return str(settings.get("site_url") or "").rstrip("/") + "/"


def repository(settings: Mapping[str, Any]) -> str:
    """Return the address of the sources without a trailing slash; empty if unknown."""
    return str(settings.get("extra", {}).get("repository") or "").rstrip("/")
