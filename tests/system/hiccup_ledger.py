# SPDX-License-Identifier: Apache-2.0
"""A ledger that fails for tests: hands JSON-RPC to a node's /rpc, but answers a node's own questions for the head as a file says.

usage: hiccup_ledger.py RPC_URL FAULT_FILE PORT_FILE
The fault file holds a word of FAULTS and the number of the first head that it meets, or nothing; it is read anew for each
question. What a client asks through the node is handed on always: only a node asks for eth_syncing. How often it failed is
appended to FAULT_FILE.count, one line each."""
import http.server
import json
import os
import sys
import urllib.request

upstream, fault_file, port_file = sys.argv[1:4]
asked = {"fault": [], "heads": 0}


def heads(request, change):
    """The honest answers, but for those to the head."""
    answers = json.loads(honest(json.dumps(request).encode()))
    ids = [one["id"] for one in request if one["method"] == "eth_getBlockByNumber"]
    return 200, json.dumps([{"jsonrpc": "2.0", "id": one["id"], **change} if one["id"] in ids else one for one in answers]).encode()


def error(code, message):
    return {"error": {"code": code, "message": message}}


FAULTS = {
    "null": lambda r: heads(r, {"result": None}),
    "missing": lambda r: heads(r, error(-32000, "header not found")),
    "unknown": lambda r: heads(r, error(-39999, "today is Sunday")),
    "slow-down": lambda r: heads(r, error(429, "slow down")),
    "rate": lambda r: (429, json.dumps({"jsonrpc": "2.0", "id": None, **error(429, "exceeded its compute units per second")}).encode()),
    "senseless": lambda r: (200, b"<html>"),
}


def honest(body):
    request = urllib.request.Request(upstream, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def fault_of(request):
    """What becomes of this request; None: it is handed on."""
    if not isinstance(request, list) or not any(one["method"] == "eth_syncing" for one in request):
        return None
    with open(fault_file, encoding="ascii") as f:
        fault = f.read().split()
    if fault != asked["fault"]:
        asked.update(fault=fault, heads=0)
    asked["heads"] += 1
    return FAULTS[fault[0]] if fault and asked["heads"] >= int(fault[1]) else None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = json.loads(body)
        fault = fault_of(request)
        if fault:
            with open(fault_file + ".count", "a", encoding="ascii") as f:
                f.write("x\n")
        code, answer = fault(request) if fault else (200, honest(body))
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(port_file + ".new", "w", encoding="ascii") as out:
    out.write(str(server.server_address[1]))
os.rename(port_file + ".new", port_file)
server.serve_forever()
