#!/usr/bin/env bash
# One task for each seed, on a SLURM cluster:
#
#     sbatch --array=1-20 scripts/slurm_array.sh scenarios/baseline.yaml
#     .venv/bin/python scripts/pool_seeds.py outputs/baseline-*.nc
#
# Seeds give independent futures; a task that fails can be run again by itself and gives the same file.
#SBATCH --job-name=engine
#SBATCH --cpus-per-task=8
#SBATCH --mem=4G
#SBATCH --time=01:00:00
set -euo pipefail
scenario=${1:?name a scenario file}
seed=${SLURM_ARRAY_TASK_ID:?run this with sbatch --array}
name=$(basename "$scenario" .yaml)
.venv/bin/engine run "$scenario" --worlds 10000 --futures 100 --seed "$seed" \
    --threads "${SLURM_CPUS_PER_TASK:-1}" -o "outputs/$name-$seed.nc"
