"""A primary whose disk is full hands over: Postgres goes on there, and fails whatever needs space."""

import json
import os
import time

from guard_data import STATE
from guard_links import ask, config, log, members

# Two segments of WAL.
ENOUGH = 32 * 1024 * 1024
INTERVAL = 5
# The other host may be full too: the primary must not go to and fro.
PAUSE = 600


def watch_aside():
    """In a process of its own. Not by podman's health check, which wants to write to that disk."""
    if os.fork() == 0:
        watch()


def watch():
    handed_over = -PAUSE
    while True:
        time.sleep(INTERVAL)
        try:
            if time.monotonic() - handed_over >= PAUSE and is_full() and hand_over():
                handed_over = time.monotonic()
        # Whatever it is, it may be gone next time; of `members`, that Patroni does not answer.
        except (Exception, SystemExit) as error:
            log(f"whether the disk is full is not known: {error}")


def is_full():
    space = os.statvfs(STATE)
    return space.f_bavail * space.f_frsize < ENOUGH


def hand_over():
    """Whether another host has been asked to take over."""
    found = list(members())
    mine = config()["name"]
    standby = next((name for name, role, *_ in found if role == "sync_standby"), None)
    if not standby or not any(name == mine and role == "leader" for name, role, *_ in found):
        return False
    log(f"the disk is full: handing over to '{standby}'")
    # Patroni answers when it is done, which is not waited for.
    message = json.dumps({"leader": mine, "candidate": standby})
    ask(config()["restapi"]["connect_address"], "POST", "/switchover", message)
    return True
