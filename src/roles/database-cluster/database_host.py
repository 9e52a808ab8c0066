"""What runs in Patroni's container besides Patroni.

  start    becomes Patroni, with a watch over the disk and etcd in a child process
  members  a line for each database host that etcd knows: name, role, state, bytes behind the primary
"""

import os
import sys
import time

from etcd_leader import move_away
from full_disk import hand_over_if_full
from patroni_rest import FOLDER, log, members

INTERVAL = 5


def main(command):
    if command == "start":
        # In a separate process. Not by a health check of podman's, which needs to write to the disk.
        if os.fork() == 0:
            watch()
        os.execvp("patroni", ["patroni", f"{FOLDER}/patroni.yml"])
    elif command == "members":
        for member in members():
            print(*member)
    else:
        sys.exit(f"'{command}' is no command")


def watch():
    while True:
        time.sleep(INTERVAL)
        for look in (hand_over_if_full, move_away):
            try:
                look()
            # Whatever it is, it may be gone next time; for `members`, Patroni does not answer.
            except (Exception, SystemExit) as error:
                log(f"{look.__name__}: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
