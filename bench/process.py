"""Memory and start-up of the real thing: `make run`'s two steps on a copy of the demo town, measured from outside.

    python -m bench.process

Prints seconds from the command to the first answer (second start: the database is there), and the proportional memory
(PSS) of master + one worker after some pages. Goals: <= 3 s, <= 130 MB (issue "A market day").
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = ("/", "/waren", "/laeden", "/neu", "/suche?q=brot", "/korb")


def free_port() -> int:
    """A port nobody listens on, with a free one after it for the sandbox."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(url: str) -> int:
    """The status of a page; 0 when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def pss_mb(pid: int) -> float:
    """Proportional set size of a process in MB (Linux)."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(next(line for line in text.splitlines() if line.startswith("Pss:")).split()[1]) / 1024


def web_processes(master: int) -> list[int]:
    """The master and its workers, without the sandbox beside them."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return [master, *(int(c) for c in children if b"payments.sandbox" not in Path(f"/proc/{c}/cmdline").read_bytes())]


def start(env: dict[str, str]) -> tuple[subprocess.Popen[bytes], float]:
    """Prepare and start, as `make run` does; the process and the seconds until the home page answered."""
    began = time.perf_counter()
    if subprocess.run([sys.executable, "-m", "market.core.ready"], cwd=ROOT, env=env, check=False).returncode:
        subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", "prepare"], cwd=ROOT, env=env, check=True)
    command = [str(Path(sys.executable).with_name("gunicorn")), "--config", "gunicorn.conf.py", "wsgi:create_app()"]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while get(f"http://127.0.0.1:{env['PORT']}/") != 200:
        if process.poll() is not None or time.perf_counter() - began > 120:
            sys.exit("the market did not start")
        time.sleep(0.02)
    return process, time.perf_counter() - began


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ctrl-C."""
    process.send_signal(signal.SIGINT)
    process.wait(timeout=40)


def main() -> None:
    """Measure and print a table."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        env = {**os.environ, "INSTANCE_DIR": folder, "PORT": str(port), "SANDBOX_PORT": str(free_port())}
        process, first = start(env)
        time.sleep(3)  # a visitor stays a while: the first day's jobs get done
        stop(process)
        process, second = start(env)
        for page in PAGES * 3:
            get(f"http://127.0.0.1:{port}{page}")
        memory = sum(pss_mb(pid) for pid in web_processes(process.pid))
        stop(process)
    print(f"first start, demo town included   {first:6.1f} s")
    print(f"second start until the home page  {second:6.1f} s   (goal <= 3)")
    print(f"master + one worker, PSS          {memory:6.0f} MB  (goal <= 130)")


if __name__ == "__main__":
    main()
