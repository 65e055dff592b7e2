"""The instance's own region: the folder copied from a template, and the imprint written into its region.toml."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path

from market.core.config import BadConfiguration, Config, load_region

IMPRINT = ("operator", "street", "city", "represented_by", "email", "phone")
"""What § 5 DDG asks of every operator; `flask legal check` misses the rest of these until they are filled."""
IMPRINT_MORE = (
    "register",
    "vat_id",
    "editor",
    "mail_sender",
    "data_protection_authority",
    "accessibility_authority",
)
_SECTION = re.compile(r"^\[imprint\][^\n]*\n(?:(?!\[)[^\n]*\n)*", re.MULTILINE)


def own(config: Config) -> Path:
    """The instance's region folder, whether it is there or not."""
    return config.instance / "region"


def adopt(config: Config, source: Path) -> None:
    """Copy a region's folder into the instance. Raises BadConfiguration when region.toml cannot be read."""
    load_region(source)
    if source.resolve() != own(config).resolve():
        shutil.copytree(source, own(config), dirs_exist_ok=True)


def write_imprint(config: Config, values: Mapping[str, str]) -> None:
    """Set lines of [imprint] in the instance's region.toml (copied from the region in use when there is none).

    Raises BadConfiguration when the file is laid out so that a line cannot be set safely: nothing is changed then.
    """
    if not (own(config) / "region.toml").exists():
        adopt(config, config.region.folder)
    path = own(config) / "region.toml"
    before = path.read_text(encoding="utf-8")
    after = _with_imprint(before if before.endswith("\n") else before + "\n", values)
    try:
        as_wished = tomllib.loads(after) == _merged(tomllib.loads(before), values)
    except tomllib.TOMLDecodeError:
        as_wished = False
    if not as_wished:
        raise BadConfiguration(f"{path}: write {', '.join(values)} into [imprint] by hand")
    draft = path.with_suffix(".part")
    draft.write_text(after, encoding="utf-8")
    draft.replace(path)


def _with_imprint(text: str, values: Mapping[str, str]) -> str:
    """The file's text with these lines in [imprint]; comments and order stay. A JSON string is a TOML string."""
    found = _SECTION.search(text)
    section = found[0].rstrip("\n") + "\n" if found else "[imprint]\n"
    for key, value in values.items():
        line = f"{key} = {json.dumps(value, ensure_ascii=False)}\n"
        present = re.compile(rf"^{key}\s*=[^\n]*\n", re.MULTILINE)
        section, replaced = present.subn(line.replace("\\", r"\\"), section)
        section += "" if replaced else line
    if found is None:
        return f"{text}\n{section}"
    rest = text[found.end() :]
    return text[: found.start()] + section + ("\n" if rest else "") + rest


def _merged(data: Mapping[str, object], values: Mapping[str, str]) -> dict[str, object]:
    imprint = data.get("imprint", {})
    return {**data, "imprint": {**(imprint if isinstance(imprint, dict) else {}), **values}}
