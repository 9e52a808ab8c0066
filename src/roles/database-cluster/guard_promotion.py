"""Whether this host may become the primary."""

import json
import os

from guard_data import ANYWAY, SOLE, read, remove, timeline
from guard_links import config, delete_key, dynamic_config, has_primary, log, others, put_keys, read_key, status


def may_promote():
    alone = read_key("alone")
    if alone and alone["value"] != config()["name"]:
        return refuse(f"'{alone['value']}' goes on alone, as a single Postgres")
    if is_remembered():
        # etcd knows who has everything, and Patroni has kept to it.
        return True
    if may_begin() and note_promotion():
        return True
    # Patroni has put this host there, alone, and would let no other one become the primary.
    delete_key("sync")
    return False


def note_promotion():
    """Whether etcd takes note that it knows from now on who has everything; with it begins `failsafe_mode`."""
    found = read_key("config")
    settings = {**(json.loads(found["value"]) if found else dynamic_config()), "failsafe_mode": True}
    if put_keys({"promoted": (config()["name"], None), "config": (json.dumps(settings), found)}):
        return True
    return refuse("the settings in etcd have changed at the same time")


def is_remembered():
    """Whether etcd knew who has everything before Patroni, just now, has put this host there."""
    if read_key("promoted"):
        return True
    found = read_key("sync")
    while found and is_of_this_promotion(json.loads(found["value"])):
        try:
            found = read_key("sync", found["revision"] - 1)
        except OSError:
            # It is so old that etcd has dropped what was before, if it answers at all.
            return bool(read_key("sync"))
    return bool(found and json.loads(found["value"]).get("leader"))


def is_of_this_promotion(sync):
    return sync.get("leader") == config()["name"] and not sync.get("sync_standby")


def may_begin():
    """Whether this host may become the first primary that etcd knows of."""
    if os.path.exists(ANYWAY):
        remove(ANYWAY)
        log("etcd knows of no primary: promoting, as a person has decided")
        return True
    mine = status(config()["restapi"]["connect_address"])
    if mine is None:
        return refuse("Patroni here does not answer")
    now = timeline()
    history = read_key("history")
    newest = json.loads(history["value"])[-1][0] + 1 if history else 1
    if newest > now:
        return refuse(f"timeline {newest} is newer than {now}, which is here")
    if read(SOLE) == str(now):
        log("etcd knows of no primary: promoting, this host was one and had no standby")
        return True
    for name, address in others().items():
        theirs = status(address)
        if theirs is None:
            return refuse(
                f"'{name}' does not answer, which may have newer data: start it, or accept the loss of what only it has "
                f"with 'k3s-cdk database promote' (docs/how-to/database.md)"
            )
        if not theirs.get("database_system_identifier"):
            continue  # It has no data.
        if has_primary(theirs):
            return refuse(f"'{name}' is a primary")
        if position(theirs) is None:
            return refuse(f"'{name}' does not say yet how new its data is")
        if position(theirs) > (position(mine) or 0) and not is_left_behind(theirs, now):
            return refuse(f"'{name}' has newer data")
    log("etcd knows of no primary: promoting, no other database host has newer data")
    return True


def refuse(reason):
    log(f"this host does not become the primary: {reason}")
    return False


def is_left_behind(found, now):
    """Whether all that a standby has is of an older timeline: more of it was never acknowledged."""
    return found.get("timeline", now) < now and found["xlog"].get("replayed_location") == position(found)


def position(found):
    """The end of what a standby has, in bytes; nothing when its Postgres does not run."""
    xlog = found.get("xlog")
    if not xlog:
        return None
    return max(xlog.get(key) or 0 for key in ("received_location", "replayed_location", "location"))
