import os
from contextlib import closing
from pathlib import Path

from bot.adapters.http import Http
from bot.adapters.tools.workshop import LocalWorkshop
from bot.adapters.tools.world import tools
from tests.bot.adapters.http_server import Reply, running


def test_remediators_run_tools_and_fetch_documents(tmp_path: Path) -> None:
    workshop = LocalWorkshop(tmp_path / "scratch", tmp_path / "caches", dict(os.environ))
    with running(lambda asked: Reply(200, asked.headers["accept"].encode())) as server, closing(Http()) as http:
        both = tools(http, workshop)
        assert both.fetch(server.url, "text/html").body == b"text/html"
        with workshop.scratch() as work:
            assert both.run(["sh", "-c", "echo $UV_OFFLINE"], work, {"UV_OFFLINE": "1"}).stdout == "1\n"
