"""What a tool in a sandbox can see of the machine, and what it can leave there."""

from __future__ import annotations

import os
import sys
import uuid
from pathlib import Path

import pytest

from remediators.errors import ToolError
from tests.bot.adapters.confinement.places import POSSIBLE, PYTHON, Places

pytestmark = POSSIBLE

LEFT = {
    "a link in place of the lockfile": (
        "import os; os.remove('lock'); os.symlink('/etc/hostname', 'lock')",
        "lock",
    ),
    "a link in place of a folder": ("import os; os.rename('sub', 'x'); os.symlink('/etc', 'sub')", "sub"),
    "a pipe in place of the lockfile": ("import os; os.remove('lock'); os.mkfifo('lock')", "lock"),
    "a new pipe": ("import os; os.mkfifo('sub/new')", "sub/new"),
    "a second name of a file": ("import os; os.link('lock', 'same')", "same|lock"),
    "a huge file": ("open('lock', 'r+').truncate(65 * 2**20)", "lock"),
}


class TestSight:
    @pytest.mark.parametrize(
        "what", ["home", "database", "other scratch", "checkouts", "shadow", "passwd", "hosts", "host keys"]
    )
    def test_nothing_of_the_bot_or_the_machine_is_seen(self, places: Places, tmp_path: Path, what: str) -> None:
        place = places()
        with place.workshop.scratch() as other:
            (other / "requirements.txt").write_text("secret")
            (tmp_path / "bot.db").write_text("secret")
            (tmp_path / "cache" / "git").mkdir(parents=True, exist_ok=True)
            hidden = {
                "home": str(Path.home() / ".bashrc"),
                "database": str(tmp_path / "bot.db"),
                "other scratch": str(other / "requirements.txt"),
                "checkouts": str(tmp_path / "cache" / "git"),
                "shadow": "/etc/shadow",
                "passwd": "/etc/passwd",
                "hosts": "/etc/hosts",
                "host keys": "/etc/ssl/private",
            }[what]
            assert place.python(f"import os; print(os.path.lexists({hidden!r}))") == "False"

    def test_the_environment_is_scrubbed_and_so_is_that_of_every_process_in_sight(self, places: Places) -> None:
        code = (
            "import os, pathlib; print(*[p.read_bytes() for p in pathlib.Path('/proc').glob('[0-9]*/environ')]);"
            "print(*[p.read_bytes() for p in pathlib.Path('/proc').glob('[0-9]*/cmdline')])"
        )
        os.environ["CANARY_OF_THE_TEST"] = "secret-canary"
        try:
            seen = places(BOT_TOKEN="secret-token").python(code)
        finally:
            del os.environ["CANARY_OF_THE_TEST"]
        assert "secret" not in seen
        assert "HTTPS_PROXY=http://127.0.0.1:" in seen

    def test_it_has_processes_a_network_and_a_name_of_its_own(self, places: Places) -> None:
        code = (
            "import os, socket; print(sorted(n for n in os.listdir('/proc') if n.isdigit())[0], socket.gethostname(),"
            "[n for _, n in socket.if_nameindex()], os.getpid() < 10)"
        )
        assert places().python(code) == "1 sandbox ['lo'] True"

    def test_it_has_no_capability(self, places: Places) -> None:
        seen = places().python("print([l for l in open('/proc/self/status') if l.startswith('CapBnd')])")
        assert seen == r"['CapBnd:\t0000000000000000\n']"

    def test_nothing_of_the_bots_own_descriptors_is_inherited(self, places: Places) -> None:
        code = "import os; [os.path.exists(p := f'/proc/self/fd/{n}') and print(os.readlink(p)) for n in range(100)]"
        kept = places().python(code)
        assert "socket" not in kept
        assert kept.count("memfd:netrc") == 1

    def test_credentials_reach_it_in_memory(self, places: Places) -> None:
        said = places().python("import os; print(open(os.environ['NETRC']).read())")
        assert said == "machine registry.example login bot password pass-of-the-test"


class TestWriting:
    @pytest.mark.parametrize(
        "where", ["/etc", "/usr", "/", "/dev", "/proc/sys/kernel", f"{sys.prefix}/bin", "../..", ".."]
    )
    def test_nothing_outside_is_written(self, places: Places, where: str) -> None:
        code = (
            f"import os\ntry: open(os.path.join({where!r}, 'planted'), 'w'); print('written')\n"
            "except OSError: print('refused')"
        )
        place = places()
        before = set(place.folder.rglob("planted"))
        said = place.python(code)
        assert said == "refused" or where.startswith("..")
        assert set(place.folder.rglob("planted")) == before
        assert not Path(sys.prefix, "bin", "planted").exists()

    def test_the_scratch_is_written_and_home_and_tmp_are_gone_afterwards(self, places: Places) -> None:
        place = places()
        name = f"x-{uuid.uuid4()}"
        places_of_it = "('.', os.environ['HOME'], '/tmp')"
        code = f"import os, pathlib; [pathlib.Path(p, '{name}').write_text('x') for p in {places_of_it}]"
        with place.workshop.scratch() as work:
            place.workshop.run([PYTHON, "-c", code], work)
            assert (work / name).read_text() == "x"
            assert list((work.parent / "home").iterdir()) == []
        assert not Path("/tmp", name).exists()

    def test_the_caches_of_the_tools_stay(self, places: Places) -> None:
        place = places()
        place.python("import os, pathlib; pathlib.Path(os.environ['UV_CACHE_DIR']).mkdir()")
        assert (place.folder / "cache" / "tools" / "uv").is_dir()

    @pytest.mark.parametrize("case", LEFT)
    def test_what_is_no_plain_file_is_not_read_back(self, places: Places, case: str) -> None:
        code, name = LEFT[case]
        place = places()
        with place.workshop.scratch() as work:
            (work / "sub").mkdir()
            (work / "lock").write_text("x")
            with pytest.raises(ToolError, match=rf"^({name}): the package manager (left|replaced)"):
                place.workshop.run([PYTHON, "-c", code], work)

    def test_links_in_folders_of_its_own_are_a_tools_business(self, places: Places) -> None:
        assert places().python("import os; os.mkdir('.venv'); os.symlink('/usr/bin/python3', '.venv/python')") == ""

    def test_a_tree_too_deep_for_python_is_removed(self, places: Places) -> None:
        place = places()
        code = "import os\nfor _ in range(3000):\n os.mkdir('d'); os.chdir('d')"
        place.python(code)
        assert list((place.folder / "cache" / "scratch").iterdir()) == []
