"""SLURM: the configuration, the job it makes, and jobs that a stand-in for SLURM starts on this machine."""

from __future__ import annotations

import asyncio
import os
import sys
from types import SimpleNamespace

import pytest

from engine.execution import slurm
from engine.execution.cluster import ClusterError, check_place, open_cluster
from engine.execution.slurm import read_config, slurm_cluster

psutil = pytest.importorskip("psutil")
pytest.importorskip("dask_jobqueue")

CONFIG = """workers: 6
processes: 2
cores: 4
memory: 8GB
walltime: 02:00:00
"""


@pytest.fixture
def config(tmp_path):
    """A function that writes a configuration, with further lines or other ones."""

    def write(text=CONFIG):
        path = tmp_path / "slurm.yaml"
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CONFIG.replace("6", "0"), ":1: workers: must be greater than or equal to 1, not 0"),
        (CONFIG.replace("6", "many"), ":1: workers: must be a valid integer, not 'many'"),
        (CONFIG.replace("8GB", "8"), ":4: memory: must be a valid string, not 8"),
        (CONFIG.replace("8GB", "much"), ":4: memory: 'much' is no amount of memory; write one such as 8GB"),
        (CONFIG.replace("02:00:00", "2h"), ":5: walltime: '2h' is no walltime; write hours:minutes:seconds, such as"),
        (CONFIG.replace("02:00:00", "00:04:59"), ":5: walltime: too short to compile and play; give at least 00:05:00"),
        (CONFIG.replace("processes: 2", "processes: 5"), "5 processes need at least as many cores, not 4; give more"),
        (CONFIG.replace("memory: 8GB\n", ""), ": memory: missing; add this key"),
        (CONFIG + "acount: me\n", ":6: acount: unknown key; did you mean 'account'?"),
        (CONFIG + "job_extra_directives: --exclusive\n", ":6: job_extra_directives: must be a valid list"),
        ("- workers\n", ":1: not a configuration of SLURM; a configuration of SLURM is keys with values, such as"),
    ],
)
def test_mistakes_are_named_with_file_line_and_key(config, text, said):
    path = config(text)
    with pytest.raises(ClusterError) as wrong:
        check_place(f"slurm:{path}")
    assert str(wrong.value).startswith(f"{path}{said}" if said.startswith(":") else f"{path}")
    assert said in str(wrong.value)
    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize("walltime", ["00:05:00", "00:30:00", "02:00:00", "12:00:00", "7-00:00:00"])
def test_workers_leave_between_one_minute_and_a_quarter_of_an_hour_before_the_walltime(config, walltime):
    asked = read_config(config(CONFIG.replace("02:00:00", walltime)))
    left = slurm.seconds(walltime) - asked.lifetime
    assert left - asked.stagger >= 60
    assert left + asked.stagger <= 900


def test_the_job_is_what_was_asked_for(config, tmp_path):
    more = """queue: short
account: risk
interface: lo
local_directory: /scratch
log_directory: LOGS
job_extra_directives: [--exclusive, "--mail-type=END"]
job_script_prologue: [module load python, export A=B]
python: /opt/engine/bin/python
""".replace("LOGS", str(tmp_path / "logs"))
    with slurm_cluster(read_config(config(CONFIG + more)), str(tmp_path)) as cluster:
        lines = cluster.job_script().splitlines()
    for directive in ("-p short", "-A risk", "--cpus-per-task=4", "--mem=8G", "-t 02:00:00", "--exclusive"):
        assert f"#SBATCH {directive}" in lines
    assert lines.index("module load python") < lines.index("export A=B") < len(lines) - 1
    command = lines[-1]
    assert command.startswith("/opt/engine/bin/python -m distributed.cli.dask_worker tcp://127.0.0.1:")
    assert "--nthreads 2 " in command
    assert "--nworkers 2 --nanny" in command
    assert "--lifetime 6600s --lifetime-stagger 300s" in command
    assert "--interface lo" in command
    assert "--local-directory /scratch" in command


def test_without_sbatch(config, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ClusterError, match="there is no `sbatch` here"), open_cluster(f"slurm:{config()}"):
        pass


def stand_in(folder, monkeypatch, sbatch):
    """Commands called sbatch and scancel, first on the PATH; what is cancelled is noted in a file."""
    for name, body in (("sbatch", sbatch), ("scancel", f'echo "$1" >> {folder}/cancelled\nkill -KILL -- "-$1"')):
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_jobs_play_and_are_cancelled(config, tmp_path, monkeypatch, capsys):
    submit = f"""cp "$1" {tmp_path}/job
setsid sh {tmp_path}/job > {tmp_path}/job.log 2>&1 &
echo $! >> {tmp_path}/submitted
echo "Submitted batch job $!"
"""
    stand_in(tmp_path, monkeypatch, submit)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(slurm, "_LOOK", 0.1)
    text = CONFIG.replace("6", "1").replace("processes: 2\ncores: 4", "cores: 1")
    path = config(f"{text}interface: lo\nlocal_directory: {tmp_path}\n")
    with open_cluster(f"slurm:{path}") as pool:
        assert pool.workers() == 1
        worker = pool.executor.submit(os.getpid).result()
        assert psutil.Process(worker).is_running()
    assert capsys.readouterr().err == "engine: waiting for the first of 1 workers from SLURM (Ctrl-C stops)\n"
    assert (tmp_path / "cancelled").read_text() == (tmp_path / "submitted").read_text()
    gone = [process for process in psutil.process_iter() if process.pid == worker]
    assert not psutil.wait_procs(gone, timeout=10)[1]


def test_what_sbatch_refuses_is_said(config, tmp_path, monkeypatch):
    stand_in(tmp_path, monkeypatch, "echo 'sbatch: error: invalid account' >&2\nexit 1")
    with (
        pytest.raises(ClusterError, match=r"sbatch refuses the jobs \(sbatch: error: invalid account\)"),
        open_cluster(f"slurm:{config(CONFIG + 'interface: lo')}"),
    ):
        pass


class Job:
    def __init__(self):
        self.job_id = "7"
        self.closed = False

    async def close(self):
        self.closed = True


class Jobs:
    """What `_replace_ended` sees of a cluster."""

    def __init__(self, *names):
        self.workers = {name: Job() for name in names}
        self.asked = []
        self.scheduler = SimpleNamespace(workers={})

    def present(self, *names):
        self.scheduler.workers = {name: SimpleNamespace(name=name) for name in names}

    def scale(self, workers):
        self.asked.append(workers)


def test_a_job_whose_workers_stay_away_is_replaced_and_one_that_waits_is_not():
    cluster, absent = Jobs("jobs-1", "jobs-10"), {}
    ended, waiting = cluster.workers.values()

    def look():
        asyncio.run(slurm._replace_ended(cluster, 6, absent))

    look()
    cluster.present("jobs-1-0", "jobs-1-1")
    look()
    cluster.present()
    for _ in range(slurm._LOOKS):
        look()
    cluster.present("jobs-1-0")
    look()
    cluster.present()
    for _ in range(slurm._LOOKS):
        look()
    assert list(cluster.workers) == ["jobs-1", "jobs-10"]
    look()
    assert list(cluster.workers) == ["jobs-10"]
    assert (ended.closed, waiting.closed) == (True, False)
    assert set(cluster.asked) == {6}
