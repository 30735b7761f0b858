"""The command line as a test calls it."""

from __future__ import annotations

import sys

import pytest

from engine import cli


def call(monkeypatch, capsys, *arguments):
    """(exit code, standard output, standard error) of the command line."""
    monkeypatch.setattr(sys, "argv", ["engine", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    out, err = capsys.readouterr()
    return stop.value.code or 0, out, err
