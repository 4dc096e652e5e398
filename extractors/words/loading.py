"""Our own YAML files, read by libyaml where it is there: in Python alone they take ten times as long."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def load_yaml(path: Path, *, plain: bool = False) -> dict[str, Any]:
    """What a file holds; with `plain` every scalar stays text, since `no` and `on` are words."""
    name = "BaseLoader" if plain else "SafeLoader"
    loader: Any = getattr(yaml, f"C{name}", getattr(yaml, name))
    loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    return loaded if isinstance(loaded, dict) else {}
