"""A primary whose disk is full hands over: Postgres runs but cannot write, which Patroni does not notice."""

import json
import os
import time

from patroni_rest import ask, config, log, members

STATE = os.environ.get("PATRONI_STATE", "/var/lib/patroni")
# Two segments of WAL.
ENOUGH = 32 * 1024 * 1024
# The other host may be full, too: the primary must not go back and forth.
PAUSE = 600

handed_over = -PAUSE


def hand_over_if_full():
    global handed_over
    if time.monotonic() - handed_over >= PAUSE and is_full() and hand_over():
        handed_over = time.monotonic()


def is_full():
    space = os.statvfs(STATE)
    return space.f_bavail * space.f_frsize < ENOUGH


def hand_over():
    """Whether Patroni has been asked to make the synchronous standby the primary."""
    found = list(members())
    mine = config()["name"]
    standby = next((name for name, role, *_ in found if role == "sync_standby"), None)
    if not standby or not any(name == mine and role == "leader" for name, role, *_ in found):
        return False
    log(f"the disk is full: handing over to '{standby}'")
    # Patroni answers when it is done; do not wait for that.
    message = json.dumps({"leader": mine, "candidate": standby})
    ask(config()["restapi"]["connect_address"], "POST", "/switchover", message)
    return True
