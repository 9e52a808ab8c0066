"""Stands between Patroni and a database that is not the newest. Runs in Patroni's container.

etcd keeps everything in memory, so after a power cut it knows nothing: neither who was primary nor which standby had all
that was acknowledged. Patroni alone would then make the first host that comes back the primary. What etcd forgot is
taken from the data folders instead:

  start        before Patroni: notes whether this host was a primary without a standby, whose data nobody can be ahead of,
               and gives an empty etcd the history of timelines and the settings back; then becomes Patroni, with a
               watch over the disk aside
  may-promote  Patroni's `pre_promote`: whether this host may become the primary
  new          whether neither etcd nor any other database host knows of a database: prints yes or no
  alone        no other host becomes the primary from now on: this one goes back to a single Postgres
  together     takes that back
  members      a line for each database host that etcd knows: name, role, state, bytes behind the primary
  reaches-etcd whether etcd has a majority: fails if not
  alive        health check: whether Patroni says that it works
"""

import os
import sys

from guard_data import note_whether_sole
from guard_disk import watch_aside
from guard_etcd_memory import restore
from guard_links import FOLDER, ask, config, delete_key, members, others, put_key, read_key, status
from guard_promotion import may_promote


def main(command):
    if command == "start":
        note_whether_sole()
        restore()
        watch_aside()
        os.execvp("patroni", ["patroni", f"{FOLDER}/patroni.yml"])
    elif command == "may-promote":
        sys.exit(0 if may_promote() else 1)
    elif command == "new":
        print("yes" if is_new() else "no")
    elif command == "alone":
        if not put_key("alone", config()["name"], read_key("alone")):
            sys.exit("etcd has been told something else meanwhile")
    elif command == "together":
        delete_key("alone")
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


if __name__ == "__main__":
    main(*sys.argv[1:])
