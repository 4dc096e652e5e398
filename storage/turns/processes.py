"""Processes by more than their number, which is given to others later: when they began, and on which machine."""

from __future__ import annotations

import os
import socket
import subprocess
from functools import cache
from pathlib import Path


def began(pid: int) -> str:
    """When a process of this machine began, as its system tells it; empty where it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if fields[0] == "Z" else fields[19]
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return ""
    told = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return " ".join(told.stdout.split())


def this_process() -> str:
    """This process, as no other is called, on whatever machine it runs."""
    return f"{_machine()}|{os.getpid()}|{began(os.getpid())}"


def is_gone(process: str) -> bool:
    """Whether a process, named as by `this_process`, has ended for certain; of another machine's nobody here knows."""
    machine, _, rest = process.partition("|")
    pid, _, then = rest.partition("|")
    then = then.partition("|")[0]
    return machine == _machine() and pid.isdecimal() and then != "" and began(int(pid)) != then


@cache
def _machine() -> str:
    """This machine since it was started; containers on one machine do not see one another's processes."""
    parts = [socket.gethostname()]
    for path in (Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")):
        try:
            parts.append(path.read_text().strip() if path.name == "boot_id" else os.readlink(path))
        except OSError:  # another system
            continue
    return "/".join(parts).replace("|", "_")
