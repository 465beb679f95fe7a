"""What a server's whole process tree has used, from /proc, and instructions from perf where the machine counts them."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """The process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def cpu_seconds(root: int) -> float:
    """User and system time of the tree, of children that have ended too."""
    return sum(sum(map(int, fields[11:15])) for pid in tree(root) if (fields := _stat(pid))) / _TICKS


def _stat(pid: int) -> list[str]:
    """The fields behind the command's name: state, parent …; nothing for a process that has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return []


@dataclass(frozen=True)
class Memory:
    """Megabytes of a tree. `pss` shares what processes have in common among them."""

    rss: float
    pss: float
    peak: float


def memory(root: int) -> Memory:
    rss = pss = peak = 0
    for pid in tree(root):
        rss += _kilobytes(pid, "smaps_rollup", "Rss:")
        pss += _kilobytes(pid, "smaps_rollup", "Pss:")
        peak += _kilobytes(pid, "status", "VmHWM:")
    return Memory(*(round(value / 1024, 1) for value in (rss, pss, peak)))


def forget_peak(root: int) -> None:
    """Lets the peaks begin at what is in use now; where the kernel refuses, they go on counting."""
    for pid in tree(root):
        with suppress(OSError):
            Path(f"/proc/{pid}/clear_refs").write_text("5")


def _kilobytes(pid: int, file: str, name: str) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1])
    return 0


class Instructions:
    """`perf stat` attached to a tree. `supported()` is False in most virtual machines."""

    _checked: bool | None = None

    def __init__(self, root: int) -> None:
        self._file = Path(tempfile.mkstemp(prefix="bench-perf-")[1])
        self._perf: subprocess.Popen[bytes] | None = None
        if self.supported():
            pids = ",".join(map(str, tree(root)))
            self._perf = subprocess.Popen(
                ["perf", "stat", "-e", "instructions", "-x", ",", "-o", self._file, "-p", pids],
                stderr=subprocess.DEVNULL,
            )
            time.sleep(0.2)

    @classmethod
    def supported(cls) -> bool:
        if cls._checked is None:
            perf = shutil.which("perf")
            command = ["perf", "stat", "-e", "instructions", "-x", ",", "true"]
            done = subprocess.run(command, capture_output=True, text=True, check=False) if perf else None
            cls._checked = done is not None and done.returncode == 0 and done.stderr.split(",")[0].isdigit()
        return cls._checked

    def stop(self) -> int | None:
        """Instructions since the beginning, None where nobody counted."""
        try:
            if self._perf is None:
                return None
            self._perf.send_signal(signal.SIGINT)
            self._perf.wait(10)
            for line in self._file.read_text().splitlines():
                if "instructions" in line and line.split(",")[0].isdigit():
                    return int(line.split(",")[0])
            return None
        finally:
            self._file.unlink(missing_ok=True)
