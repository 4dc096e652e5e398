"""Only our own modules run, although their names are common words."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline.desks import ROOT


def python(folder: Path, code: str, **more: str) -> subprocess.CompletedProcess[str]:
    surroundings = os.environ | {"PYTHONPATH": str(ROOT)} | more
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=surroundings, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", ["model", "storage", "review"])
def test_a_module_of_the_working_folder_in_place_of_ours_is_named_before_anything_runs(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / f"{name}.py").write_text("print('a stranger ran')\n")
    refused = python(tmp_path, "import flows.prefect.quiet", PYTHONSAFEPATH="")
    assert f"{tmp_path}/{name}.py would be imported in place of a module of Tallybook" in refused.stderr
    assert "a stranger ran" not in refused.stdout
    # What runs are started with.
    assert python(tmp_path, "import flows.prefect.quiet", PYTHONSAFEPATH="1").returncode == 0


def test_a_file_that_another_package_wrote_over_ours_is_found(tmp_path: Path) -> None:
    about, ours = tmp_path / "tallybook-0.1.0.dist-info", tmp_path / "cli"
    about.mkdir()
    ours.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: tallybook\nVersion: 0.1.0\n")
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"kept\n").digest()).rstrip(b"=").decode()
    names = ("cli/kept.py", "cli/changed.py", "cli/gone.py")
    (about / "RECORD").write_text("".join(f"{name},sha256={digest},5\n" for name in names))
    (ours / "kept.py").write_text("kept\n")
    (ours / "changed.py").write_text("not ours\n")
    code = "from flows.operation.ours import altered; print(altered())"
    found = python(ROOT, f"import sys; sys.path.insert(0, {str(tmp_path)!r}); sys.path[0:0] = [{str(ROOT)!r}]; {code}")
    assert found.stdout.strip() == "['cli/changed.py', 'cli/gone.py']", found.stderr


def test_who_serves_from_a_folder_of_its_own_keeps_its_settings(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TALLYBOOK_CONTACT=desk@example.org\nTALLYBOOK_DATABASE_URL=sqlite:///l.sqlite\n")
    code = (
        "from pathlib import Path; from flows.settings import Settings; first = Settings.load();"
        "first.settle_in(Path('var/runs')); then = Settings.load(); print(then.contact, then.home, then.database_url);"
        "print(Path.cwd(), first.home == then.home, first.archive == then.archive)"
    )
    told = python(tmp_path, code, PYTHONSAFEPATH="1", TALLYBOOK_HOME="var")
    assert told.stdout.split("\n")[:2] == [
        f"desk@example.org {tmp_path}/var sqlite:///{tmp_path}/l.sqlite",
        f"{tmp_path}/var/runs True True",
    ], told.stderr
