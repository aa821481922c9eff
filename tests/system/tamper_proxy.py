# SPDX-License-Identifier: Apache-2.0
"""A man in the middle for tests: hands requests to a node and changes the answers as a file says.

usage: tamper_proxy.py NODE_URL FAULT_FILE PORT_FILE
The fault file holds one word of FAULTS, of RELAY, of STATES or "wrap-other", a fault of tamper_heads.py, or nothing; it is read anew
for each request; or "state-before" (the owner state that was asked for first), "state-hidden" (none) and "state-version" (the
present one under another version). Each PUT and DELETE of a wrap and each POST to /relay is appended to FAULT_FILE.sent. How often an answer was changed is appended to FAULT_FILE.count, one line each.
What FAULT_FILE.run holds is run by a shell before each POST to /relay, which waits for it; what
FAULT_FILE.run-state holds before the next PUT to /state, once."""
import http.client
import http.server
import json
import os
import re
import subprocess
import sys
import urllib.parse

sys.dont_write_bytecode = True
from tamper_heads import Exchanges  # noqa: E402

node = urllib.parse.urlsplit(sys.argv[1])
fault_file, port_file = sys.argv[2], sys.argv[3]


def flip(data, at):
    """The bytes with one bit changed, at a fraction of their length."""
    i = min(int(len(data) * at), len(data) - 1)
    return data[:i] + bytes([data[i] ^ 1]) + data[i + 1:]


def digit(text):
    """A hex text with its last digit changed."""
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def each_result(answer, change):
    """change() on the result of each answer of a JSON-RPC exchange; None when none was changed."""
    doc = json.loads(answer)
    hits = [change(one["result"]) for one in (doc if isinstance(doc, list) else [doc])
            if isinstance(one.get("result"), (dict, list))]
    return json.dumps(doc).encode() if any(hits) else None


def set_path(root, path, change):
    """root[path[0]][path[1]]… = change(old). False when it is not there or stays the same."""
    try:
        for step in path[:-1]:
            root = root[step]
        old = root[path[-1]]
        root[path[-1]] = change(old)
        return root[path[-1]] != old
    except (KeyError, IndexError, TypeError):
        return False


def rpc(*path, change=digit):
    return r"^/rpc$", lambda a: each_result(a, lambda r: set_path(r, path, change))


def other_author(result):
    """Another author in the event of a record: third word of the data."""
    if not isinstance(result, list) or not result or len(result[0].get("data", "")) != 2 + 4 * 64:
        return False
    for log in result:
        at = 2 + 3 * 64
        log["data"] = log["data"][:at - 1] + digit(log["data"][at - 1]) + log["data"][at:]
    return True


def no_event(result):
    """The event of a record withheld."""
    if not isinstance(result, list) or not result or "topics" not in result[0]:
        return False
    result.clear()
    return True


def no_block(answer, instead):
    """Blocks that the node says it does not have."""
    doc = json.loads(answer)
    hits = [one for one in (doc if isinstance(doc, list) else [doc])
            if isinstance(one.get("result"), dict) and "stateRoot" in one["result"]]
    for one in hits:
        del one["result"]
        one.update(instead)
    return json.dumps(doc).encode() if hits else None


def json_change(change):
    def apply(answer):
        doc = json.loads(answer)
        return json.dumps(doc).encode() if change(doc) else None
    return apply


ENVELOPE = r"/records/0x[0-9a-f]+(\?|$)|/envelopes/query$"
FAULTS = {
    "grants": (r"/grants$", json_change(lambda d: bool(d["grants"]) and (d["grants"].clear() or True))),
    "grant-status": (r"/grants$", json_change(lambda d: set_path(d, ["grants", 0, "status"], lambda s: "revoked"))),
    "grant-until": (r"/grants$", json_change(lambda d: set_path(d, ["grants", 0, "notAfter"], lambda s: 1))),
    "grant-holder": (r"/grants$", json_change(lambda d: set_path(d, ["grants", 0, "holder"], lambda s: s[:20] + digit(s[20]) + s[21:]))),
    "state": (r"/api/v1/state$", lambda a: flip(a, 0.5)),
    "state-mac": (r"/api/v1/state$", lambda a: flip(a, 0)),
    "body": (r"/bodies/", lambda a: flip(a, 0.5)),
    "body-first": (r"/bodies/", lambda a: flip(a, 0)),
    "body-cut": (r"/bodies/", lambda a: a[:-1]),
    "body-longer": (r"/bodies/", lambda a: a + b"x"),
    "envelope-place": (ENVELOPE, lambda a: flip(a, 0.1)),
    "envelope-header": (ENVELOPE, lambda a: re.sub(rb"(X25519 .)(.)", lambda m: m[1] + (b"A" if m[2] != b"A" else b"B"),
                                                   a, count=1)),
    "envelope-meta": (ENVELOPE, lambda a: flip(a, 0.99)),
    "wrap": (r"/wraps/", lambda a: flip(a, 0.5)),
    "wrap-signature": (r"/wraps/", lambda a: flip(a, 0.97)),
    "folder-key": (r"/keys$", json_change(lambda d: set_path(d, ["keys", 0, "prevKeyHash"], digit))),
    "folder-key-signature": (r"/keys$", json_change(
        lambda d: set_path(d, ["keys", 0, "signature"], lambda s: s[:20] + digit(s[20]) + s[21:]))),
    "card": (r"/cards/", json_change(lambda d: set_path(d, ["name"], lambda s: s + "x"))),
    "slot-value": rpc("storageProof", 0, "value"),
    "slot-proof": rpc("storageProof", 0, "proof", 0),
    "account-proof": rpc("accountProof", 0),
    "storage-root": rpc("storageHash"),
    "header-state-root": rpc("stateRoot"),
    "header-time": rpc("timestamp"),
    "header-hash": rpc("hash"),
    "block-null": (r"^/rpc$", lambda a: no_block(a, {"result": None})),
    "block-error": (r"^/rpc$", lambda a: no_block(a, {"error": {"code": -32000, "message": "header not found"}})),
    "block-rate": (r"^/rpc$", lambda a: no_block(a, {"error": {"code": -32005, "message": "slow down"}})),
    "author": (r"^/rpc$", lambda a: each_result(a, other_author)),
    "author-withheld": (r"^/rpc$", lambda a: each_result(a, no_event)),
    "log-entry": (r"/log(\?|$)", json_change(
        lambda d: set_path(d, ["entries", 0, "entry"], lambda s: s.replace('"time":1', '"time":2')))),
    "log-gap": (r"/log(\?|$)", json_change(lambda d: bool(d["entries"]) and d["entries"].pop(0) is not None)),
    "log-end": (r"/log(\?|$)", json_change(lambda d: bool(d["entries"]) and d["entries"].pop() is not None)),
    "log-signature": (r"/log(\?|$)", json_change(
        lambda d: set_path(d, ["head", "signature"], lambda s: s[:20] + digit(s[20]) + s[21:]))),
}


# What becomes of a POST to /relay, or of a PUT of a wrap: whether it is handed on, and what is answered; None: nothing.
RELAY = {
    "relay-refused": (False, lambda n: (503, {"error": {"code": "E_UNAVAILABLE", "message": "not now"}})),
    "relay-lost": (True, lambda n: None),
    "relay-again": (True, lambda n: (409, {"error": {"code": "E_CONFLICT", "message": "one is on its way"}})),
    "relay-lie": (False, lambda n: (200, {
        "tx": "0x" + "11" * 32, "block": 1, "blockHash": "0x" + "11" * 32, "gasUsed": 1,
        "results": [{"from": "0x" + "00" * 20, "nonce": 0, "success": True}] * n})),
}
# The same of a PUT of the owner state, which is kept: FAULT "state-first" gives it out as the version that came after.
STATES = {
    "state-kept": (False, lambda n: (500, {"error": {"code": "E_INTERNAL", "message": "not now"}})),
    "state-lost": (True, lambda n: None),
}
WRAPS = {"wraps-refused": (False, lambda n: (422, {"error": {"code": "E_MISMATCH", "message": "no"}}))}
wraps = {}  # as they were put last, by target
put_states = []  # as they were put while STATES were at work
states = []  # owner states as they were got: status, headers, bytes


def fault_now():
    with open(fault_file, encoding="ascii") as f:
        return f.read().strip()


def count(fault):
    with open(fault_file + ".count", "a", encoding="ascii") as f:
        f.write(fault + "\n")


exchanges = Exchanges(count)


def other_wrap(target, answer):
    """The wraps of the two holders in FAULT_FILE.swap exchanged."""
    with open(fault_file + ".swap", encoding="ascii") as f:
        one, two = f.read().split()
    folder, holder = target.rsplit("/", 1)
    return wraps.get(folder + "/" + {one: two, two: one}.get(holder, ""), answer)


def tampered(target, answer):
    fault = fault_now()
    if "/cards/" in target:
        answer = exchanges.first(fault, target, answer)
    if fault == "wrap-other":
        changed = other_wrap(target, answer)
    elif fault in FAULTS and re.search(FAULTS[fault][0], target):
        changed = FAULTS[fault][1](answer)
    else:
        return answer
    if changed is None or changed == answer:
        return answer
    count(fault)
    return changed


def overtaken(method, target):
    if method == "POST" and target.endswith("/relay") and os.path.exists(fault_file + ".run"):
        subprocess.run(["bash", fault_file + ".run"], check=False)
    if method == "PUT" and target.endswith("/state") and os.path.exists(fault_file + ".run-state"):
        os.rename(fault_file + ".run-state", fault_file + ".running")
        subprocess.run(["bash", fault_file + ".running"], check=False)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def forward(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        overtaken(self.command, self.path)
        is_wrap = self.command == "PUT" and "/wraps/" in self.path
        if is_wrap:
            wraps[self.path] = body
        if self.command != "GET" and re.search(r"/wraps/|/relay$", self.path):
            with open(fault_file + ".sent", "a", encoding="ascii") as f:
                f.write(self.command + " " + self.path + "\n")
        fault = fault_now()
        is_state = self.command == "PUT" and self.path.endswith("/api/v1/state")
        if is_state and fault in STATES:
            put_states.append(body)
        faults = WRAPS if is_wrap else STATES if is_state else RELAY if self.path.endswith("/relay") else {}
        if fault in faults:
            self.instead(fault, *faults[fault], body)
        elif self.command == "GET" and self.path.endswith("/api/v1/state"):
            self.state(fault, self.ask(body))
        else:
            self.answer(*self.ask(body))

    def instead(self, fault, handed_on, answer, body):
        count(fault)
        if handed_on:
            self.ask(body)
        said = answer(body.count(b'"signature"'))
        if said is None:
            self.close_connection = True
        else:
            self.answer(said[0], [("Content-Type", "application/json")], json.dumps(said[1]).encode())

    def state(self, fault, honest):
        states.append(honest)
        status, headers, data = honest
        if fault == "state-hidden":
            status, data = 404, b'{"error":{"code":"E_NOT_FOUND","message":"none"}}'
        elif fault == "state-before":
            status, headers, data = states[0]
        elif fault == "state-first":
            data = put_states[0]
        elif fault == "state-version":
            headers = [(k, '"%d"' % (int(v.strip('"')) + 1)) if k.lower() == "etag" else (k, v) for k, v in headers]
        else:
            fault = None
        if fault:
            count(fault)
        self.answer(status, headers, data)

    def ask(self, body):
        is_rpc = self.path == "/rpc"
        if is_rpc:
            body = exchanges.asked(fault_now(), body)
        exchanges.seen(self.command, self.path)
        up = http.client.HTTPConnection(node.hostname, node.port, timeout=60)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection", "expect", "content-length")}
        up.request(self.command, self.path, body=body, headers=headers)
        ans = up.getresponse()
        data = ans.read()
        if is_rpc and ans.status == 200:
            data = exchanges.told(fault_now(), body, data)
        if 200 <= ans.status < 300 and data:
            data = tampered(self.path, data)
        up.close()
        return ans.status, ans.getheaders(), data

    def answer(self, status, headers, data):
        self.send_response(status)
        for k, v in headers:
            if k.lower() not in ("content-length", "connection", "transfer-encoding", "date", "server"):
                self.send_header(k, v)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = forward

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(port_file + ".new", "w", encoding="ascii") as out:
    out.write(str(server.server_address[1]))
os.rename(port_file + ".new", port_file)
server.serve_forever()
