"""What a proof says of the tools that ran."""

from __future__ import annotations

from bot.pipeline.making.fix import several


def test_units_that_different_versions_of_a_tool_locked_show_both() -> None:
    ran = {"poetry": ["1.8.3", "2.1.0", "1.8.3"], "uv": ["0.13.8", "0.13.8"]}
    assert several(ran) == {"poetry": "1.8.3 and 2.1.0", "uv": "0.13.8"}
