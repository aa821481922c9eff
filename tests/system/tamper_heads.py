# SPDX-License-Identifier: Apache-2.0
"""What tamper_proxy.py does to JSON-RPC exchanges by question and answer, for faults that a changed answer alone is not:

"block-zero"      every block is made up: numbered 0, its hash made to fit, unsigned; whatever is asked of it is answered
"old-head N K"    once a wrap was erased, the K-th head from there on is the block N, which the authority did sign
"old-heads N K"   so are all that follow
"quote-ahead"     the head of which a call's deadline is made is of ten years from now, and its hash fits
"card-before"     hash and text of each key card as they were asked for first
"""
import json

from block_hash import header_hash


def each(doc):
    return doc if isinstance(doc, list) else [doc]


def is_block(result):
    return isinstance(result, dict) and "stateRoot" in result


class Exchanges:
    def __init__(self, count):
        self.count = count
        self.made = {}  # made-up hash -> the block's own hash
        self.number = "latest"  # of the block that was made up last
        self.erased = False
        self.heads = 0  # since a wrap was erased, under the present fault
        self.fault = ""
        self.before = {}  # what was answered first, by question

    def seen(self, method, target):
        """A request other than of JSON-RPC."""
        if method == "DELETE" and "/wraps/" in target:
            self.erased, self.heads = True, 0

    # ---- questions ----
    def asked(self, fault, body):
        words = fault.split()
        if fault != self.fault:
            self.fault, self.erased, self.heads = fault, False, 0
        doc = json.loads(body)
        for call in each(doc):
            if words[:1] == ["block-zero"]:
                self.real_block(call)
            elif words[0:1] in (["old-head"], ["old-heads"]) and call["method"] == "eth_getBlockByNumber" and call["params"][0] == "latest":
                self.old_head(call, words[0], int(words[1]), int(words[2]))
        return json.dumps(doc).encode()

    def old_head(self, call, fault, number, at):
        self.heads += self.erased
        if self.heads == at or (self.heads > at and fault == "old-heads"):
            call["params"][0] = hex(number)
            self.count(fault)

    def real_block(self, call):
        text = json.dumps(call["params"])
        for made, own in self.made.items():
            text = text.replace(made, own)
        call["params"] = json.loads(text)
        if call["method"] == "eth_getBlockByNumber" and call["params"][0] == "0x0":
            call["params"][0] = self.number

    # ---- answers ----
    def told(self, fault, body, data):
        doc = json.loads(data)
        questions = {c["id"]: c for c in each(json.loads(body))}
        is_quote = any(q["method"] == "eth_estimateGas" for q in questions.values())
        for one in each(doc):
            if fault == "block-zero" and is_block(one.get("result")):
                one["result"] = self.zero(one["result"])
                self.count(fault)
            elif fault == "quote-ahead" and is_quote and is_block(one.get("result")):
                one["result"]["timestamp"] = hex(int(one["result"]["timestamp"], 16) + 315360000)
                one["result"]["hash"] = header_hash(one["result"])
                self.count(fault)
            elif "result" in one and questions[one["id"]]["method"] == "eth_call":
                one["result"] = self.first(fault, json.dumps(questions[one["id"]]["params"]), one["result"])
        return json.dumps(doc).encode()

    def zero(self, block):
        self.number = block["number"]
        made = {k: v for k, v in block.items() if k != "authoritySignature"} | {"number": "0x0"}
        made["hash"] = header_hash(made)
        self.made[made["hash"]] = block["hash"]
        return made

    def first(self, fault, question, answer):
        before = self.before.setdefault(question, answer)
        if fault != "card-before" or before == answer:
            return answer
        self.count(fault)
        return before
