"""Shared by all commands: options, their parsing, and the printing of results."""
