"""What a second buys, and whether errors are right: spread over seeds against the errors reported, by sampling.

    python benchmarks/errors.py [--policy NAME] [--worlds N] [--futures N] [--seeds N] [--sampling A,B,...]

Every sampling is run with many seeds, in turns. The headline figures are medians and 5% quantiles of first attainment,
and for three years probabilities of attainment, actors with access and models above thresholds; exposure; benefit; and
what one policy changes, in the same futures: first attainments by its classes, exposure and benefit. The
first table has, by kind of figure, the median over figures of the ratio of variances to the first sampling at the same
size, and the ratio of costs. The second has the coverage of 95% intervals (Student's t, 15 degrees), and the range of
the ratio of the spread over seeds to the reported error. Figures are left out whose distribution over seeds is far from
Normal: probabilities within 2% of 0 and 1, and counts with a relative spread above 15%. The third table has the
coverage of 95% limits where errors do not say enough: of these probabilities, and of the tail of losses. The true
figure is taken to be the mean over all other seeds.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

import engine

YEARS = (2028.0, 2030.0, 2035.0)
DEGREES = 15
SCENARIO = "policies"


def figures(results: xr.Dataset, suffix: str = "") -> pd.Series:
    """The headline figures of the baseline and changes by a policy, or with `_se` their errors, by kind and place."""
    of, changed = (results.isel(policy=policy, drop=True) for policy in (0, 1))
    times = of[f"attainment_time_quantile{suffix}"]
    parts = {
        "median": times.sel(quantile=0.5),
        "5% quantile": times.sel(quantile=0.05),
        "probability": of[f"attainment_probability{suffix}"].sel(time=list(YEARS)),
        "access": of[f"actors_with_access_mean{suffix}"].sel(time=list(YEARS)),
        "models": of[f"runs_above_mean{suffix}"].sel(time=list(YEARS)),
        "exposure": of[f"exposure_mean{suffix}"],
        "benefit": of[f"benefit_mean{suffix}"],
        "change of attainment": changed[f"attainment_delay{suffix}"],
        "change of exposure": changed[f"exposure_mean_difference{suffix}"],
        "change of benefit": changed[f"benefit_mean_difference{suffix}"],
    }
    return pd.concat({kind: pd.Series(part.values.ravel().astype(float)) for kind, part in parts.items()})


def limited(results: xr.Dataset) -> pd.DataFrame:
    """Figures of the baseline with 95% limits (value, lower, upper), by kind and place."""
    of = results.isel(policy=0, drop=True)
    years = [*YEARS, float(of["time"][-1])]
    parts = {"probability": ("attainment_probability", {"time": years})} | {
        name.replace("_", " "): (name, {"period": "total"}) for name in ("value_at_risk", "expected_shortfall")
    }
    tables = {}
    for kind, (name, place) in parts.items():
        limits = of[f"{name}_limits"].sel(place)
        columns = [of[name].sel(place), limits.sel(limit="lower"), limits.sel(limit="upper")]
        values = np.stack([column.transpose(*columns[0].dims).values.ravel() for column in columns], axis=-1)
        tables[kind] = pd.DataFrame(values, columns=["value", "lower", "upper"])
    return pd.concat(tables)


def one(given: tuple[str, int, int, int, str]) -> tuple[pd.Series, pd.Series, float, pd.DataFrame]:
    """(figures, errors, processor seconds, figures with limits) of a run."""
    policy, worlds, futures, seed, sampling = given
    scenario = engine.load_scenario(SCENARIO)
    began = time.process_time()
    results = engine.simulate(
        scenario, worlds, futures, seed, policies=[policy], sampling=sampling, execution=engine.Execution(threads=1)
    )
    return figures(results), figures(results, "_se"), time.process_time() - began, limited(results)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run all seeds of all samplings, and print all tables."""
    parser = argparse.ArgumentParser(description="Errors of headline figures: how small, and how right.")
    parser.add_argument("--policy", default="export_control")
    parser.add_argument("--worlds", type=int, default=1024)
    parser.add_argument("--futures", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=300)
    parser.add_argument("--sampling", default="random,qmc,lhs")
    given = parser.parse_args(arguments)
    samplings = given.sampling.split(",")
    jobs = [
        (given.policy, given.worlds, given.futures, seed, sampling)
        for seed in range(given.seeds)
        for sampling in samplings
    ]
    engine.simulate(engine.load_scenario(SCENARIO), 1, 1, policies=[given.policy])  # compiles
    with multiprocessing.get_context("spawn").Pool() as pool:
        found = pool.map(one, jobs, chunksize=len(samplings))
    variance, cost, coverage = {}, {}, {}
    for n, sampling in enumerate(samplings):
        mine = found[n :: len(samplings)]
        values, errors = (pd.DataFrame([run[part] for run in mine]) for part in (0, 1))
        cost[sampling] = np.mean([run[2] for run in mine])
        others = (values.sum() - values) / (given.seeds - 1)
        inside = (values - others).abs() <= stats.t.ppf(0.975, DEGREES) * errors
        table = pd.DataFrame(
            {
                "inside": inside.sum(),
                "spread": values.std(),
                "ratio": values.std() / np.sqrt((errors**2).mean()),
                "mean": values.mean(),
            }
        )
        kind = table.index.get_level_values(0)
        probable = (kind != "probability") | table["mean"].between(0.02, 0.98)
        steady = (kind != "models") | (table["spread"] < 0.15 * table["mean"])
        known = values.notna().all() & errors.notna().all() & (table["spread"] > 0.0)
        coverage[sampling] = table[probable & steady & known]
        variance[sampling] = values.var()
    _print(given.seeds, samplings, variance, cost, coverage)
    print("\ncoverage of 95% limits:")
    covered = {name: _covered([run[3] for run in found[n :: len(samplings)]]) for n, name in enumerate(samplings)}
    print(pd.DataFrame(covered).to_string(float_format="{:.2%}".format))


def _covered(runs: Sequence[pd.DataFrame]) -> pd.Series:
    """The share of runs whose limits hold the mean over the others, by kind of figure."""
    values, lower, upper = (
        pd.DataFrame([run[column].to_numpy() for run in runs], columns=runs[0].index)
        for column in ("value", "lower", "upper")
    )
    truth = (values.sum() - values) / (len(runs) - 1)
    # Without an upper limit, with too few losses beyond it, there is only the lower one.
    inside = ((lower <= truth) & ((truth <= upper) | upper.isna())).where(lower.notna())
    kind, mean = values.columns.get_level_values(0), values.mean()
    groups = {
        "probabilities below 2%": (kind == "probability") & (mean > 0.0) & (mean < 0.02),
        "probabilities above 98%": (kind == "probability") & (mean > 0.98) & (mean < 1.0),
        **{name: kind == name for name in ("value at risk", "expected shortfall")},
    }
    return pd.Series({name: inside.loc[:, held].mean().mean() for name, held in groups.items()})


def _print(
    seeds: int,
    samplings: list[str],
    variance: dict[str, pd.Series],
    cost: dict[str, float],
    coverage: dict[str, pd.DataFrame],
) -> None:
    first = samplings[0]
    used = coverage[first].index
    for sampling in samplings[1:]:
        used = used.intersection(coverage[sampling].index)
    ratios = pd.DataFrame({name: variance[name][used] / variance[first][used] for name in samplings})
    by_kind = ratios.groupby(level=0).median()
    by_kind.loc["all"] = ratios.median()
    by_kind.loc["processor seconds"] = [cost[name] / cost[first] for name in samplings]
    print(f"variance over {seeds} seeds, and cost, in units of {first}:\n{by_kind.round(3).to_string()}\n")
    for name in samplings:
        table = coverage[name]
        inside, ratio = table["inside"].sum() / (seeds * len(table)), table["ratio"]
        print(f"{name}: {len(table)} figures; 95% intervals hold {inside:.2%}; ", end="")
        print(f"spread / error {ratio.min():.2f} to {ratio.max():.2f}, median {ratio.median():.3f}")


if __name__ == "__main__":
    main()
