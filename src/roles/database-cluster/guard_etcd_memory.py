"""Gives an etcd that has forgotten everything back what the data folder and the configuration know."""

import json
import time

from guard_data import has_data, newest_history
from guard_links import dynamic_config, log, put_key, read_key


def restore():
    while True:
        try:
            restore_settings()
            restore_history()
            return
        except OSError as error:
            log(f"waiting for etcd: {error}")
            time.sleep(1)


def restore_settings():
    """Otherwise Postgres would start with Patroni's, and need a restart for those of the cluster.

    Without `failsafe_mode` until the guard has let a host become the primary: a host that asks, and is refused, would list
    itself there, alone, and Patroni lets nobody become the primary who is not in that list.
    """
    if not read_key("config"):
        put_key("config", json.dumps({**dynamic_config(), "failsafe_mode": False}), None)


def restore_history():
    """Patroni lets nobody become primary who is on an older timeline than etcd knows of."""
    mine = newest_history()[1] if has_data() else []
    found = read_key("history")
    if not mine or found and len(json.loads(found["value"])) >= len(mine):
        return
    if put_key("history", json.dumps(mine), found):
        log(f"gave etcd the history of {len(mine)} timelines back")
