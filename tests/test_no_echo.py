"""Errors about a file that is not what it should be tell its name and a line, and nothing that is in it.

Another person may have written the name, in `extends:` or on a shared machine, and who runs the engine may be allowed
to read more than that person is.
"""

from __future__ import annotations

import pytest
from broken_scenarios import MINIMAL

import engine
from engine.analyses.published.forecast_table import read_forecasts
from engine.analyses.published.table import read_figures
from engine.execution.cluster_address import ClusterError
from engine.execution.slurm import read_config
from engine.record import read_observations
from engine.scenario.errors import MAX_LINES

SECRET = "hunter2"
#: Files of every sort, none of them one of the engine's.
FILES = {
    "shadow": f"root:${SECRET}$:19000:0:99999:7:::\ndaemon:{SECRET}:19000:0:99999:7:::\n",
    "mapping": f"password: {SECRET}\n{SECRET}: 1\n",
    "named mapping": f"name: {SECRET}\ndescription: {SECRET}\nsource: {SECRET}\n",
    "key given twice": f"{SECRET}: 1\n{SECRET}: 2\n",
    "tag": f"token: !{SECRET} x\n",
    "alias": f"token: *{SECRET}\n",
    "anchor": f"token: &{SECRET} 1\n{SECRET}: *{SECRET}\n",
    "bracket": f"[{SECRET}\n",
    "quote": f'token: "{SECRET}\n',
    "escape": f'token: "\\{SECRET}"\n',
    "list": f"- {SECRET}\n",
    "key of a list": f"? [{SECRET}]\n: 1\n",
    "json": f'{{"token": "{SECRET}", "{SECRET}": 1}}\n',
    "directive": f"%{SECRET} 1\n---\na: 1\n",
    "tab": f"a:\n\t{SECRET}: 1\n",
    "columns": f"{SECRET},{SECRET}\n1,2\n",
    "other columns": f"{SECRET},token\n1,2\n",
    "quoted": f'"{SECRET}\n',
    "semicolons": f"{SECRET};year_of_birth\n1;2\n",
    "number": f"1{SECRET}\n",
    "control character": f"{SECRET}\x07\n",
}


def said(read, path):
    with pytest.raises((engine.ScenarioError, engine.ResultsError, ClusterError, ValueError)) as caught:
        read(path)
    return str(caught.value)


@pytest.mark.parametrize("content", FILES)
@pytest.mark.parametrize(
    "read", [engine.load_scenario, read_config, read_observations, read_figures, read_forecasts, engine.open_results]
)
def test_nothing_of_a_strange_file_is_told(read, content, tmp_path):
    path = tmp_path / "strange"
    path.write_text(FILES[content])
    message = said(read, path)
    assert message.startswith(str(path))
    assert SECRET not in message
    assert message.count("\n") == 0


@pytest.mark.parametrize("content", FILES)
def test_nothing_of_a_strange_file_is_told_by_extends(content, tmp_path):
    """Kind: `extends: /etc/shadow` let root print lines of it."""
    (tmp_path / "strange").write_text(FILES[content])
    (tmp_path / "link").symlink_to("strange")
    (tmp_path / "mine.yaml").write_text("extends: link\n")
    message = said(engine.load_scenario, tmp_path / "mine.yaml")
    assert message.startswith(str(tmp_path / "link"))
    assert SECRET not in message


def test_a_scenario_with_a_mistake_is_told_what_it_is(tmp_path):
    """Where a key of a scenario is there, the mistake is quoted as before."""
    for text, part in (
        ("start: 2025\nhorizn: 2040\n", "horizn: unknown key"),
        ("start: soon\n", "not 'soon'"),
        ("start: 2025\ntoken: !mine x\n", "the tag !mine is not allowed"),
        ("start: 2025\nhorizon: [\n", "not valid YAML"),
    ):
        (tmp_path / "mine.yaml").write_text(text)
        assert part in said(engine.load_scenario, tmp_path / "mine.yaml")


def test_of_many_mistakes_the_first_are_told_and_how_many_more(tmp_path):
    """Kind: a small file that fills the screen. One of 3 kB had 206 lines of errors."""
    path = tmp_path / "many.yaml"
    path.write_text(MINIMAL + "".join(f"k{number}: 1\n" for number in range(206)))
    with pytest.raises(engine.ScenarioError) as caught:
        engine.load_scenario(path)
    lines = str(caught.value).splitlines()
    assert len(caught.value.problems) == 206
    assert len(lines) == MAX_LINES + 1
    assert lines[-1] == "and 186 more; correct these first"
    path.write_text("workers: 1\n" + "".join(f"k{number}: 1\n" for number in range(50)))
    assert said(read_config, path).splitlines()[-1] == "and 33 more; correct these first"
