"""Keeps etcd's leader on the witness, or, where there is none, off the host of the primary.

The loss of a database host together with etcd's leader is noticed later: etcd first elects another leader, which
renews every lease in full, and until then Patroni cannot record that commits continue without a standby. Which host is
the primary does not depend on it.
"""

import json

from patroni_rest import ask, config, log


def move_away():
    settings = config()
    local, *others = settings["etcd3"]["hosts"]
    status = etcd(local, "maintenance/status")
    if status is None or status["leader"] != status["header"]["member_id"]:
        return
    databases = settings["restapi"]["allowlist"]
    candidates = [address for address in others if bare(address) not in databases]
    if is_primary():
        candidates += [address for address in others if bare(address) in databases]
    for address in candidates:
        # While a leader waits for a member that is off to take over, it does nothing else.
        follower = etcd(address, "maintenance/status")
        if follower is None or follower["leader"] != status["leader"]:
            continue
        target = follower["header"]["member_id"]
        if etcd(local, "maintenance/transfer-leadership", {"targetID": target}) is not None:
            log(f"the leader of etcd moves to {address}")
            return


def bare(address):
    return address.rpartition(":")[0].strip("[]")


def is_primary():
    answer = ask(config()["restapi"]["connect_address"], "GET", "/primary")
    return bool(answer) and answer[0] == 200


def etcd(address, path, message=None):
    """The answer; nothing if the request failed."""
    answer = ask(address, "POST", f"/v3/{path}", json.dumps(message or {}))
    return json.loads(answer[1]) if answer and answer[0] == 200 else None
