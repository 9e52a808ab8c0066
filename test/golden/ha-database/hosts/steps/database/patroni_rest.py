"""Patroni's REST API, queried over mutual TLS."""

import http.client
import json
import os
import ssl
import sys

FOLDER = os.environ.get("PATRONI_FOLDER", "/etc/patroni")


def config():
    with open(f"{FOLDER}/patroni.yml") as file:
        return json.load(file)


def ask(address, method, path, body=None):
    """Status and text; nothing if there is no answer."""
    rest = config()["restapi"]
    context = ssl.create_default_context(cafile=rest["cafile"])
    context.load_cert_chain(rest["certfile"], rest["keyfile"])
    host, _, port = address.rpartition(":")
    connection = http.client.HTTPSConnection(host.strip("[]"), int(port), timeout=2, context=context)
    try:
        connection.request(method, path, body)
        response = connection.getresponse()
        return response.status, response.read().decode()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def members():
    """Name, role, state and bytes behind the primary of each database host that etcd knows."""
    answer = ask(config()["restapi"]["connect_address"], "GET", "/cluster")
    if not answer or answer[0] != 200:
        sys.exit("Patroni does not answer")
    for member in json.loads(answer[1])["members"]:
        role = member["role"]
        yield member["name"], role, member["state"].replace(" ", "_"), 0 if role == "leader" else member.get("lag", "unknown")


def log(line):
    print(f"database host: {line}", file=sys.stderr, flush=True)
