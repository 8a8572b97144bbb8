"""The bench of the records gives its figures."""

from __future__ import annotations

import json

from bench.records import main


def test_the_last_line_has_the_figures_of_each_run(capsys):
    assert main(["--calls", "2", "--seconds", "1", "--json"]) == 0

    result = json.loads(capsys.readouterr().out.splitlines()[-1])

    assert [(run["calls"], run["kept"]) for run in result["runs"]] == [(2, False), (2, True)]
    for run in result["runs"]:
        assert run["late_ms"].keys() == run["put_ms"].keys() == {"p50", "p99", "max"}
    assert result["replayed_events_per_s"] > 0
