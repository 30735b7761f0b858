"""What stands in more than one file of the project is the same in all."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

from ruamel.yaml import YAML

import engine

ROOT = Path(__file__).parents[1]


def read(name):
    """A YAML file of the project."""
    return YAML(typ="safe").load((ROOT / name).read_text(encoding="utf-8"))


def steps_of_ci():
    """The steps that .ci/run knows."""
    return re.findall(r"^        ([\w*-]+)\)$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_citation_is_of_this_version_and_licence():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    citation = read("CITATION.cff")
    assert citation["version"] == engine.__version__
    assert citation["license"] == config["metadata"]["license"]
    assert citation["references"][0]["url"] in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_image_is_made_by_the_first_command_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    command = re.search(r"^    (python3 -m venv .*)$", readme, re.MULTILINE)[1]
    assert f"RUN {command}\n" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_forge_runs_every_step_of_ci():
    steps = read(".github/workflows/test.yml")["jobs"]["step"]["strategy"]["matrix"]["step"]
    known = [step for step in steps_of_ci() if step != "*"]
    assert known
    assert all(any(re.fullmatch(one.replace("*", ".*"), step) for one in known) for step in steps)
    assert all(any(re.fullmatch(one.replace("*", ".*"), step) for step in steps) for one in known)


def test_hooks_before_a_commit_need_no_network():
    assert {repository["repo"] for repository in read(".pre-commit-config.yaml")["repos"]} == {"local"}
