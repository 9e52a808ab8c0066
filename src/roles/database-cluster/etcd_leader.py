"""Keeps etcd's leader off the host of the primary.

Lost together, the next leader of etcd gives the primary's lease its whole time anew, and the standby takes over some
seconds later than it could. Who is the primary does not depend on it.
"""

import json

from patroni_rest import ask, config, log


def move_away():
    local, *others = config()["etcd3"]["hosts"]
    status = etcd(local, "maintenance/status")
    if status is None:
        return
    if status["leader"] != status["header"]["member_id"] or not is_primary():
        return
    for member in by_preference(etcd(local, "cluster/member/list")["members"], local, others):
        if etcd(local, "maintenance/transfer-leadership", {"targetID": member["ID"]}) is not None:
            log(f"the leader of etcd moves to '{member['name']}'")
            return


def by_preference(members, local, others):
    """Those that run: a witness before standbys, whose loss costs less when they do not lead."""
    at = {address: index for index, address in enumerate([local, *others])}
    found = [(at.get(url.split("://")[-1], 0), member) for member in members for url in member.get("clientURLs", [])]
    return [member for index, member in sorted(found, key=lambda pair: -pair[0]) if index > 0]


def is_primary():
    answer = ask(config()["restapi"]["connect_address"], "GET", "/primary")
    return bool(answer) and answer[0] == 200


def etcd(address, path, message=None):
    """Nothing when it does not do that."""
    answer = ask(address, "POST", f"/v3/{path}", json.dumps(message or {}))
    return json.loads(answer[1]) if answer and answer[0] == 200 else None
