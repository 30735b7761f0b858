"""Which packages there are; all else is in setup.cfg. The scenarios at the top level are installed as package data."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["engine", "engine.*"]), "engine.scenarios"],
    package_dir={"engine.scenarios": "scenarios"},
)
