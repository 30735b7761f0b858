"""The stress test: how policies hold up over worlds, where they fail, what turns their ranking round, what is worst."""

from engine.analysis.stress.discovery import failure_boxes, failure_boxes_in_words
from engine.analysis.stress.flips import flipping_assumptions, flips_in_words, pair_flips
from engine.analysis.stress.robustness import (
    Requirement,
    meets,
    meets_each,
    parse_requirement,
    preferred,
    robustness,
    robustness_in_words,
    world_means,
)
from engine.analysis.stress.run import USUAL_REQUIREMENTS, stress_test
from engine.analysis.stress.tree import failure_tree, failure_tree_in_words
from engine.analysis.stress.words import stress_in_words
from engine.analysis.stress.worst import plausibility, replay_command, worst_worlds, worst_worlds_in_words

__all__ = [
    "USUAL_REQUIREMENTS",
    "Requirement",
    "failure_boxes",
    "failure_boxes_in_words",
    "failure_tree",
    "failure_tree_in_words",
    "flipping_assumptions",
    "flips_in_words",
    "meets",
    "meets_each",
    "pair_flips",
    "parse_requirement",
    "plausibility",
    "preferred",
    "replay_command",
    "robustness",
    "robustness_in_words",
    "stress_in_words",
    "stress_test",
    "world_means",
    "worst_worlds",
    "worst_worlds_in_words",
]
