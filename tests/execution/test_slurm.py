"""SLURM: the configuration, the job it makes, and jobs that a stand-in for SLURM starts on this machine."""

from __future__ import annotations

import os
import sys

import pytest
from waiting import PATIENCE

from engine.execution import slurm
from engine.execution.cluster import check_place, open_cluster
from engine.execution.cluster_address import ClusterError
from engine.execution.slurm import job_script, read_config

psutil = pytest.importorskip("psutil")
pytest.importorskip("distributed")

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
        (CONFIG.replace("6", "6.0"), ":1: workers: must be a valid integer, not 6.0; write 6"),
        (CONFIG.replace("6", "1,000"), ":1: workers: must be a valid integer, not '1,000'; write 1000 or 1, whichever"),
        (CONFIG.replace("8GB", "8"), ":4: memory: must be a valid string, not 8"),
        (CONFIG.replace("8GB", "much"), ":4: memory: 'much' is not an amount of memory; write one such as 8GB"),
        (
            CONFIG.replace("02:00:00", "2h"),
            ":5: walltime: '2h' is not a walltime; write hours:minutes:seconds, such as",
        ),
        (
            CONFIG.replace("02:00:00", "00:04:59"),
            ":5: walltime: too short to compile and simulate; give at least 00:05:00",
        ),
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
    lines = job_script(read_config(config(CONFIG + more)), "tcp://10.0.0.1:8786", "engine-1", "worker-1").splitlines()
    asked = ["--partition=short", "--account=risk", "--cpus-per-task=4", "--mem=7630M", "--time=02:00:00", "--ntasks=1"]
    for directive in (*asked, "--exclusive", "--mail-type=END", f"--output={tmp_path}/logs/engine-%j.out"):
        assert f"#SBATCH {directive}" in lines
    first_command = next(number for number, line in enumerate(lines) if not line.startswith("#"))
    assert lines[first_command:-1] == ["module load python", "export A=B"]
    command = lines[-1]
    assert command.startswith("/opt/engine/bin/python -m distributed.cli.dask_worker tcp://10.0.0.1:8786 ")
    for option in ("--name worker-1", "--nworkers 2", "--nthreads 2", "--memory-limit 4000000000", "--interface lo"):
        assert option in command
    assert "--lifetime 6600s --lifetime-stagger 300s" in command
    assert "--local-directory /scratch" in command


def test_the_job_of_the_fewest_keys_leaves_the_rest_to_slurm(config):
    lines = job_script(read_config(config()), "tcp://10.0.0.1:8786", "engine-1", "worker-1").splitlines()
    assert not [line for line in lines if "--partition" in line or "--account" in line]
    assert "#SBATCH --output=slurm-%j.out" in lines
    assert lines[-1].startswith(f"{sys.executable} -m")
    assert "--interface" not in lines[-1]


@pytest.mark.parametrize("missing", ["sbatch", "squeue", "scancel"])
def test_without_a_command_of_slurm(config, tmp_path, monkeypatch, missing):
    for name in {"sbatch", "squeue", "scancel"} - {missing}:
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ClusterError, match=f"there is no `{missing}` here"), open_cluster(f"slurm:{config()}"):
        pass


#: What `sbatch` does in place of SLURM: the job is a process of this machine, and its number that of the process.
SUBMIT = """cp "$1" {0}/job.$$
log=$(sed -n 's/^#SBATCH --output=//p' "$1")
setsid sh -c "exec sh {0}/job.$$ > \\$(echo $log | sed s/%j/\\$\\$/) 2>&1" &
echo $! >> {0}/submitted
echo "Submitted batch job $!"
"""
QUEUE = """for job in $(cat {0}/submitted); do
    state=$(ps -o stat= -p $job) && case $state in Z*) ;; *) echo "$job RUNNING None" ;; esac
done
exit 0
"""
CANCEL = """for job in "$@"; do echo $job >> {0}/cancelled; kill -KILL -- "-$job"; done"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """A function that puts commands called as SLURM's first on the PATH; what they do is noted in files."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(slurm, "_LOOK", 0.1)

    def put(sbatch=SUBMIT, squeue=QUEUE):
        for name, body in (("sbatch", sbatch), ("squeue", squeue), ("scancel", CANCEL)):
            (tmp_path / name).write_text(f"#!/bin/sh\n{body.format(tmp_path)}\n")
            (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    return put


def test_jobs_play_and_are_cancelled(config, tmp_path, stand_in, capsys):
    stand_in()
    text = CONFIG.replace("6", "1").replace("processes: 2\ncores: 4", "cores: 1")
    path = config(f"{text}interface: lo\nlocal_directory: {tmp_path}\nlog_directory: new/logs\n")
    with open_cluster(f"slurm:{path}") as pool:
        assert pool.workers() == 1
        worker = pool.executor.submit(os.getpid).result()
        assert psutil.Process(worker).is_running()
    submitted = (tmp_path / "submitted").read_text()
    assert (tmp_path / "new/logs" / f"engine-{submitted.strip()}.out").read_text()
    assert capsys.readouterr().err.startswith("engine: waiting for the first of 1 workers from SLURM (Ctrl-C stops)\n")
    assert (tmp_path / "cancelled").read_text() == submitted
    gone = [process for process in psutil.process_iter() if process.pid == worker]
    assert not psutil.wait_procs(gone, timeout=PATIENCE)[1]


def test_jobs_that_fail_before_a_worker_comes_stop_the_run(config, tmp_path, stand_in, capsys):
    """A kind of fault: waiting for ever, in silence, for what cannot come. The job and its log are named."""
    stand_in()
    path = config(f"{CONFIG}interface: lo\njob_script_prologue: [echo begun, echo error of mine, echo end, exit 1]\n")
    with pytest.raises(ClusterError) as stopped, open_cluster(f"slurm:{path}"):
        pass
    said = str(stopped.value)
    last = said.partition("job ")[2].split()[0]
    assert said == (
        f"slurm:{path}: 3 jobs have failed in a row. The last: job {last} ended before any of its workers joined; "
        f"its log slurm-{last}.out says: error of mine; correct this"
    )
    assert last in (tmp_path / "submitted").read_text().split()
    assert capsys.readouterr().err.count("ended before any of its workers joined") == 3


def test_what_sbatch_refuses_is_said(config, stand_in):
    stand_in(sbatch="echo 'sbatch: error: invalid account' >&2\nexit 1")
    with (
        pytest.raises(ClusterError, match=r"sbatch refuses a job \(sbatch: error: invalid account\)"),
        open_cluster(f"slurm:{config(CONFIG + 'interface: lo')}"),
    ):
        pass


def test_an_interface_that_is_not_there_is_said(config, stand_in):
    stand_in()
    with (
        pytest.raises(ClusterError, match=r"'none0' is not a valid network interface.*; correct the configuration"),
        open_cluster(f"slurm:{config(CONFIG + 'interface: none0')}"),
    ):
        pass


class Slurm:
    """What the commands of SLURM answer: numbers from 1 on to `sbatch`, the jobs of `queue` to `squeue`."""

    def __init__(self):
        self.submitted, self.queue, self.refusing, self.cancelled = 0, {}, "", ()

    def said_by(self, command, *words):
        if self.refusing == command:
            raise slurm._Refused("Socket timed out")
        if command == "sbatch":
            self.submitted += 1
            self.queue[str(self.submitted)] = "RUNNING None"
            return f"Submitted batch job {self.submitted}\n"
        if command == "scancel":
            self.cancelled = words
        return "".join(f"{number} {state}\n" for number, state in self.queue.items())


@pytest.fixture
def played(monkeypatch):
    """SLURM as a test has it."""
    answers = Slurm()
    monkeypatch.setattr(slurm, "_said_by", answers.said_by)
    return answers


@pytest.fixture
def jobs(config, tmp_path, played):
    """Three jobs of two workers each."""
    jobs = slurm._Jobs(read_config(config()), "slurm:x", "tcp://10.0.0.1:1", tmp_path)
    jobs.begin()
    assert played.submitted == 3
    return jobs


def test_a_job_that_has_ended_is_replaced_and_one_that_waits_is_not(jobs, played):
    played.queue["3"] = "PENDING Resources"
    jobs.look(["worker-1-0", "worker-1-1", "worker-2-0"])
    jobs.look(["worker-1-0"])
    assert played.submitted == 3
    del played.queue["1"]
    jobs.look([])
    assert played.submitted == 4
    jobs.cancel()
    assert played.cancelled == ("2", "3", "4")


def test_while_workers_are_there_failures_stop_no_run(jobs, played, capsys):
    """Nor are jobs that fail asked for again and again; when the last worker has gone, the run stops."""
    for _ in range(9):
        for number in set(played.queue) - {"1"}:
            del played.queue[number]
        jobs.look(["worker-1-0"])
    assert played.submitted == 5
    assert capsys.readouterr().err.count("ended before any of its workers joined; there is no log") == 4
    with pytest.raises(ClusterError, match=r"slurm:x: 4 jobs have failed in a row. The last: job \d ended"):
        jobs.look([])


def test_a_worker_that_comes_ends_the_count_of_failures(jobs, played):
    for comes in range(3, 9):
        del played.queue[str(comes)]
        jobs.look([])
        jobs.look([f"worker-{comes + 1}-0"])
    assert played.submitted == 9


def test_a_refusal_later_on_is_told_once_and_asked_again(jobs, played, capsys):
    played.refusing = "sbatch"
    del played.queue["1"]
    for _ in range(5):
        jobs.look(["worker-1-0", "worker-2-0"])
    assert capsys.readouterr().err.count("sbatch refuses a job (Socket timed out); trying again") == 1
    played.refusing = ""
    jobs.look(["worker-2-0"])
    assert "4" in played.queue


def test_a_queue_that_cannot_be_asked_is_told_once_and_ends_no_job(jobs, played, capsys):
    played.refusing = "squeue"
    for _ in range(5):
        jobs.look([])
    assert capsys.readouterr().err == "engine: squeue fails (Socket timed out); trying again\n"
    assert played.submitted == 3


def test_what_jobs_wait_for_is_told_when_it_changes(jobs, played, capsys):
    """A job that waits for what it can never get is not waited for in silence."""
    played.queue = {"1": "RUNNING None", "2": "PENDING QOSMaxCpuPerUserLimit", "3": "PENDING QOSMaxCpuPerUserLimit"}
    for _ in range(3):
        jobs.look([])
    assert capsys.readouterr().err == (
        "engine: there is no worker; SLURM reports for the jobs: 2 PENDING (QOSMaxCpuPerUserLimit), 1 RUNNING\n"
    )
