"""Children are watched, stopped in reverse order, and never left behind."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from infra.tooling.stack.processes import Children, Failed, is_alive, look_up, wait_until

ENV = {"PATH": os.environ["PATH"]}
ROOT = os.getcwd()


@pytest.fixture
def children(tmp_path):
    with Children(register=tmp_path / "children.json", logs=tmp_path) as made:
        yield made


def sleeper(children, name="sleeper"):
    return children.start(name, ["sleep", "60"], env=ENV)


def test_a_zombie_is_not_alive():
    zombie = subprocess.Popen(["true"])
    assert wait_until(lambda: look_up(zombie.pid).state == "Z", seconds=5)
    assert not is_alive(zombie.pid)
    zombie.wait()


def test_a_reused_pid_is_not_the_old_process():
    assert is_alive(os.getpid(), born=look_up(os.getpid()).born)
    assert not is_alive(os.getpid(), born="another time")


def test_a_pid_of_nobody_is_not_alive():
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert look_up(gone.pid) is None
    assert not is_alive(gone.pid)


def test_check_names_the_dead_child_and_shows_its_log(children):
    child = children.start("talker", ["sh", "-c", "echo last words; exit 3"], env=ENV)
    child.process.wait()
    with pytest.raises(Failed, match=r"talker stopped by itself \(exit 3\)[\s\S]*last words"):
        children.check()


def test_check_is_quiet_while_all_run(children):
    sleeper(children)
    children.check()


def test_a_program_that_is_not_there_is_a_failure_in_words(children):
    with pytest.raises(Failed, match="no-such-program"):
        children.start("absent", ["/no-such-program"], env=ENV)


def test_stops_the_last_started_first(tmp_path):
    order = tmp_path / "order"
    script = 'trap "echo $0 >> $1; exit" TERM; echo up; while :; do sleep 0.05; done'
    with Children(register=tmp_path / "children.json", logs=tmp_path) as children:
        for name in ("database", "web"):
            children.start(name, ["sh", "-c", script, name, order], env=ENV)
            assert wait_until(lambda n=name: "up" in (tmp_path / f"{n}.log").read_text(), seconds=5)
    assert order.read_text().split() == ["web", "database"]


def test_a_child_that_ignores_the_signal_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr("infra.tooling.stack.processes.STOP_SECONDS", 0.2)
    with Children(register=tmp_path / "children.json", logs=tmp_path) as children:
        script = 'trap "" TERM; echo up; while :; do sleep 0.05; done'
        child = children.start("stubborn", ["sh", "-c", script], env=ENV)
        assert wait_until(lambda: "up" in child.log.read_text(), seconds=5)
    assert child.process.returncode == -signal.SIGKILL


def test_the_next_run_stops_what_a_killed_run_left(tmp_path):
    """As on macOS, where the kernel does not do it."""
    register = tmp_path / "children.json"
    left = sleeper(Children(register=register, logs=tmp_path))
    Children(register=register, logs=tmp_path)
    assert left.process.wait(timeout=5) == -signal.SIGTERM
    assert not register.exists()


def test_a_stranger_with_a_remembered_pid_is_left_alone(tmp_path):
    stranger = subprocess.Popen(["sleep", "60"])
    register = tmp_path / "children.json"
    register.write_text(f'[{{"pid": {stranger.pid}, "born": "long ago", "signal": 15}}]')
    Children(register=register, logs=tmp_path)
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


if sys.platform == "linux":  # other kernels do not tell a child of its parent's death

    def test_children_end_when_we_are_killed(tmp_path):
        script = f"""
            import time
            from pathlib import Path
            from infra.tooling.stack.processes import Children
            here = Path({str(tmp_path)!r})
            child = Children(register=here / "r.json", logs=here).start("c", ["sleep", "60"], env={ENV!r})
            print(child.process.pid, flush=True)
            time.sleep(60)
        """
        parent = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(script)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.kill()
        parent.wait()
        parent.stdout.close()
        assert wait_until(lambda: not is_alive(pid), seconds=5)


def test_wait_until_gives_up():
    before = time.monotonic()
    assert not wait_until(lambda: False, seconds=0.1)
    assert time.monotonic() - before < 2
