# SPDX-License-Identifier: Apache-2.0
"""Prints the key-derivation vectors of test_identity.c by Python's own hmac: docs/formats.md, section 2."""
import hashlib, hmac

N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141
root = bytes(range(32))
net = (31337).to_bytes(32, "big") + bytes.fromhex("11" * 20)


def K(label, ctx, n):
    prk = hmac.new(b"ehrd/v1", root, hashlib.sha256).digest()
    out, t, i = b"", b"", 1
    while len(out) < n:
        t = hmac.new(prk, t + label + b"\0" + ctx + bytes([i]), hashlib.sha256).digest()
        out, i = out + t, i + 1
    return out[:n]


def scalar(label, ctx):
    return ((int.from_bytes(K(label, ctx, 48), "big") % (N - 1)) + 1).to_bytes(32, "big").hex()


print("age 0   ", K(b"age", bytes(4), 32).hex())
print("age 1   ", K(b"age", (1).to_bytes(4, "big"), 32).hex())
for name in ("spend", "view", "cert", "account"):
    print(name.ljust(8), scalar(name.encode(), net))
print("state   ", K(b"state", net, 32).hex())
print("owner 7 ", scalar(b"owner", net + (7).to_bytes(4, "big")))
