"""Patroni on all database hosts and etcd, asked over TLS with certificates of both sides."""

import base64
import http.client
import json
import os
import ssl
import sys
import urllib.parse

FOLDER = os.environ.get("PATRONI_FOLDER", "/etc/patroni")


def config():
    with open(f"{FOLDER}/patroni.yml") as file:
        return json.load(file)


def dynamic_config():
    """The settings of all database hosts that Patroni keeps in etcd."""
    with open(f"{FOLDER}/patroni-dynamic.yml") as file:
        return json.load(file)


def others():
    """Addresses of Patroni on the other database hosts, by their names."""
    with open(f"{FOLDER}/guard.json") as file:
        return json.load(file)["others"]


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
        if role == "leader" and not is_primary(member["api_url"]):
            # It has asked to be, and the guard has not answered yet, or no.
            role = "candidate"
        yield member["name"], role, member["state"].replace(" ", "_"), 0 if role == "leader" else member.get("lag", "unknown")


def is_primary(url):
    """What its Postgres says. Patroni itself counts as the primary already while it asks."""
    return has_primary(status(urllib.parse.urlsplit(url).netloc) or {})


def has_primary(found):
    return found.get("role") in ("primary", "master")


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


def read_key(name, revision=0):
    """What etcd has, or had at an earlier revision."""
    found = etcd("kv/range", {"key": key_path(name), "revision": revision}).get("kvs")
    return found and {"value": decode(found[0]["value"]), "revision": int(found[0]["mod_revision"])}


def put_key(name, value, before):
    """Whether it was written: not if it has changed since it was read."""
    return put_keys({name: (value, before)})


def put_keys(values):
    """Writes all values, each given with what was read before, or none; whether they were written."""
    compare, put = [], []
    for name, (value, before) in values.items():
        compare.append({"key": key_path(name), "target": "MOD", "mod_revision": before["revision"] if before else 0})
        put.append({"request_put": {"key": key_path(name), "value": encode(value)}})
    return etcd("kv/txn", {"compare": compare, "success": put}).get("succeeded", False)


def delete_key(name):
    etcd("kv/deleterange", {"key": key_path(name)})


def encode(text):
    return base64.b64encode(text.encode()).decode()


def decode(text):
    return base64.b64decode(text).decode()


def log(line):
    print(f"guard: {line}", file=sys.stderr, flush=True)
