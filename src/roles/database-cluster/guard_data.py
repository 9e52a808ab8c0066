"""What the data folder of this host reports, and the guard's own notes beside it."""

import os
import re
import subprocess

STATE = os.environ.get("PATRONI_STATE", "/var/lib/patroni")
DATA = f"{STATE}/data"
# The timeline on which this host was a primary without a standby.
SOLE = f"{STATE}/sole"
# Made by a person who accepts that what another host has alone is lost; good for one promotion.
ANYWAY = f"{STATE}/promote-anyway"


def has_data():
    return os.path.exists(f"{DATA}/PG_VERSION")


def note_whether_sole():
    """Only a host that runs as primary has no signal file; Patroni makes one before it starts Postgres again."""
    if not has_data() or any(
        os.path.exists(f"{DATA}/{name}") for name in ("standby.signal", "recovery.signal", "backup_label")
    ):
        return
    with open(f"{DATA}/postgresql.conf") as file:
        standbys = re.findall(r"^synchronous_standby_names\s*=\s*'(.*)'", file.read(), re.MULTILINE)
    if any(standbys[-1:]):
        remove(SOLE)
    else:
        write(SOLE, str(timeline()))


def timeline():
    """Of the last checkpoint, or of a promotion after it."""
    text = subprocess.run(
        ["pg_controldata", "-D", DATA], capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C"}
    ).stdout
    return max(int(re.search(r"^Latest checkpoint's TimeLineID: +(\d+)", text, re.MULTILINE).group(1)), newest_history()[0])


def newest_history():
    """The newest timeline that has a history file, and its lines: timeline, where it ended, why."""
    names = [name for name in os.listdir(f"{DATA}/pg_wal") if re.fullmatch(r"[0-9A-F]{8}\.history", name)]
    if not names:
        return 1, []
    name = max(names)
    with open(f"{DATA}/pg_wal/{name}") as file:
        found = re.findall(r"^\s*(\d+)\s+([0-9A-F]+)/([0-9A-F]+)\s*(.*)$", file.read(), re.MULTILINE)
    return int(name[:8], 16), [[int(tli), int(high, 16) << 32 | int(low, 16), why] for tli, high, low, why in found]


def write(path, text):
    """On the disk when this returns."""
    with open(f"{path}.next", "w") as file:
        file.write(text)
        os.fsync(file.fileno())
    os.rename(f"{path}.next", path)
    sync_folder(path)


def remove(path):
    if os.path.exists(path):
        os.remove(path)
        sync_folder(path)


def sync_folder(path):
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def read(path):
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return file.read()
