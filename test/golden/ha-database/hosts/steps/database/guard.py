"""Stands between Patroni and a database that is not the newest. Runs in Patroni's container.

etcd keeps everything in memory, so after a power cut it knows nothing: neither who was primary nor which standby had all
that was acknowledged. Patroni alone would then make the first host that comes back the primary. What etcd forgot is
taken from the data folders instead:

  start        before Patroni: notes whether this host was a primary without a standby, whose data nobody can be ahead of,
               and gives an empty etcd the history of timelines and the settings back; then becomes Patroni
  may-promote  Patroni's `pre_promote`: whether this host may become the primary
  new          whether neither etcd nor any other database host knows of a database: prints yes or no
  members      a line for each database host that etcd knows: name, role, state, bytes behind the primary
  reaches-etcd whether etcd has a majority: fails if not
  alive        health check: whether Patroni says that it works
"""

import base64
import http.client
import json
import os
import re
import ssl
import subprocess
import sys
import time

FOLDER = os.environ.get("PATRONI_FOLDER", "/etc/patroni")
STATE = os.environ.get("PATRONI_STATE", "/var/lib/patroni")
DATA = f"{STATE}/data"
# The timeline on which this host was a primary without a standby.
SOLE = f"{STATE}/sole"
# Made by a person who accepts that what another host has alone is lost; good for one promotion.
ANYWAY = f"{STATE}/promote-anyway"


def main(command):
    if command == "start":
        note_whether_sole()
        restore()
        os.execvp("patroni", ["patroni", f"{FOLDER}/patroni.yml"])
    elif command == "may-promote":
        sys.exit(0 if may_promote() else 1)
    elif command == "new":
        print("yes" if is_new() else "no")
    elif command == "members":
        for name, role, state, lag in members():
            print(name, role, state, lag)
    elif command == "reaches-etcd":
        read_key("initialize")
    elif command == "alive":
        answer = ask(config()["restapi"]["connect_address"], "GET", "/liveness")
        sys.exit(0 if answer and answer[0] == 200 else 1)
    else:
        sys.exit(f"'{command}' is no command")


def config():
    with open(f"{FOLDER}/patroni.yml") as file:
        return json.load(file)


def others():
    """Addresses of Patroni on the other database hosts, by their names."""
    with open(f"{FOLDER}/guard.json") as file:
        return json.load(file)["others"]


# --- What the data folder tells


def note_whether_sole():
    """Only a host that runs as primary has no signal file; Patroni makes one before it starts Postgres again."""
    if not os.path.exists(f"{DATA}/PG_VERSION") or any(
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
    """Otherwise Postgres would start with Patroni's, and need a restart for those of the cluster."""
    if not read_key("config"):
        with open(f"{FOLDER}/patroni-dynamic.yml") as file:
            put_key("config", json.dumps(json.load(file)), None)


def restore_history():
    """Patroni lets nobody become primary who is on an older timeline than etcd knows of."""
    mine = newest_history()[1] if os.path.exists(f"{DATA}/PG_VERSION") else []
    found = read_key("history")
    if not mine or found and len(json.loads(found["value"])) >= len(mine):
        return
    if put_key("history", json.dumps(mine), found):
        log(f"gave etcd the history of {len(mine)} timelines back")


# --- Whether to promote


def may_promote():
    sync = read_key("sync")
    if sync and json.loads(sync["value"]).get("leader"):
        # etcd knows who has everything, and Patroni has kept to it.
        return True
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
                f"with 'k3s-cdk database promote' (docs/database.md)"
            )
        if not theirs.get("database_system_identifier"):
            continue  # It has no data.
        if theirs.get("role") in ("primary", "master"):
            return refuse(f"'{name}' is a primary")
        if position(theirs) is None:
            return refuse(f"'{name}' does not say yet how new its data is")
        if position(theirs) > (position(mine) or 0):
            return refuse(f"'{name}' has newer data")
    log("etcd knows of no primary: promoting, no other database host has newer data")
    return True


def refuse(reason):
    log(f"etcd knows of no primary, and this host does not become one: {reason}")
    return False


def position(found):
    """The end of what a standby has, in bytes; nothing when its Postgres does not run."""
    xlog = found.get("xlog")
    if not xlog:
        return None
    return max(xlog.get(key) or 0 for key in ("received_location", "replayed_location", "location"))


def is_new():
    if read_key("initialize"):
        return False
    for name, address in others().items():
        theirs = status(address)
        if theirs is None:
            sys.exit(f"'{name}' does not answer at {address}, which may have a database already")
        if theirs.get("database_system_identifier"):
            return False
    return True


# --- Patroni and etcd over TLS, both sides with certificates


def context():
    rest = config()["restapi"]
    result = ssl.create_default_context(cafile=rest["cafile"])
    result.load_cert_chain(rest["certfile"], rest["keyfile"])
    return result


def ask(address, method, path, body=None):
    """Status and text; nothing when there is no answer."""
    host, _, port = address.rpartition(":")
    connection = http.client.HTTPSConnection(host.strip("[]"), int(port), timeout=2, context=context())
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        return response.status, response.read().decode()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def status(address):
    answer = ask(address, "GET", "/patroni")
    try:
        return json.loads(answer[1]) if answer else None
    except ValueError:
        return None


def members():
    answer = ask(config()["restapi"]["connect_address"], "GET", "/cluster")
    if not answer or answer[0] != 200:
        sys.exit("Patroni does not answer")
    for member in json.loads(answer[1])["members"]:
        role = member["role"]
        yield member["name"], role, member["state"].replace(" ", "_"), 0 if role == "leader" else member.get("lag", "unknown")


def etcd(path, message):
    """Answer of whichever member answers. Raises OSError when none does."""
    for address in config()["etcd3"]["hosts"]:
        answer = ask(address, "POST", f"/v3/{path}", json.dumps(message))
        if answer and answer[0] == 200:
            return json.loads(answer[1])
    raise OSError("no member answers")


def key_path(name):
    settings = config()
    return encode(f"{settings['namespace']}{settings['scope']}/{name}")


def read_key(name):
    found = etcd("kv/range", {"key": key_path(name)}).get("kvs")
    return found and {"value": decode(found[0]["value"]), "revision": found[0]["mod_revision"]}


def put_key(name, value, before):
    """Whether it was written: not if it has changed since it was read."""
    compare = {"key": key_path(name), "target": "MOD", "mod_revision": before["revision"] if before else 0}
    put = {"request_put": {"key": key_path(name), "value": encode(value)}}
    return etcd("kv/txn", {"compare": [compare], "success": [put]}).get("succeeded", False)


def encode(text):
    return base64.b64encode(text.encode()).decode()


def decode(text):
    return base64.b64decode(text).decode()


# --- Files


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


def log(line):
    print(f"guard: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
