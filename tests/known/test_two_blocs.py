"""Two blocs: the sign of what export control of the open bloc does to those who take up its models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import engine

SEED = 20_231_115
SCENARIO = engine.load_scenario(Path(__file__).parents[2] / "scenarios" / "two_blocs.yaml")


@pytest.mark.statistics
@pytest.mark.parametrize("policy", ["export_control", "export_control_on_training"])
def test_slowing_the_open_bloc_slows_those_who_take_up_its_models(policy):
    """Smaller models do not come to malicious groups sooner: later by more than three errors by replicate.

    `export_control` makes the groups' own chips dearer too; `export_control_on_training` binds the eastern bloc alone.
    When only models that could be run at their release were taken up, they came 0.64 +- 0.05 years earlier.
    """
    results = engine.simulate(SCENARIO, 256, 2, SEED, policies=[policy], keep="samples")
    times = results.attainment_time.sel(actor_class="malicious_group").astype(float).fillna(SCENARIO.horizon)
    for capability in ("autonomous_cyber_attack", "novice_bioweapon_uplift", "autonomous_replication"):
        later = (times.sel(policy=policy) - times.sel(policy="baseline")).sel(capability=capability).mean("future")
        means = np.array([later.values[replicate::16].mean() for replicate in range(16)])
        assert means.mean() > 3.0 * means.std(ddof=1) / 4.0, capability
