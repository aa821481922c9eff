# SPDX-License-Identifier: Apache-2.0
"""Hashes of block headers as JSON-RPC tells them (Yellow Paper, 4.4), for tests that make up blocks."""


def keccak256(data):
    """FIPS 202's permutation with Keccak's first padding; Python's sha3_256 pads otherwise."""
    mask = (1 << 64) - 1
    rol = lambda v, n: ((v << n) | (v >> (64 - n))) & mask if n else v
    block = bytearray(data) + b"\x01" + bytes(-(len(data) + 1) % 136)
    block[-1] |= 0x80
    s = [[0] * 5 for _ in range(5)]
    for at in range(0, len(block), 136):
        for i in range(17):
            s[i % 5][i // 5] ^= int.from_bytes(block[at + 8 * i:at + 8 * i + 8], "little")
        lfsr = 1
        for _ in range(24):
            c = [s[x][0] ^ s[x][1] ^ s[x][2] ^ s[x][3] ^ s[x][4] for x in range(5)]
            for x in range(5):
                d = c[(x + 4) % 5] ^ rol(c[(x + 1) % 5], 1)
                s[x] = [v ^ d for v in s[x]]
            x, y, cur = 1, 0, s[1][0]
            for t in range(24):
                x, y = y, (2 * x + 3 * y) % 5
                cur, s[x][y] = s[x][y], rol(cur, (t + 1) * (t + 2) // 2 % 64)
            for y in range(5):
                row = [s[x][y] for x in range(5)]
                for x in range(5):
                    s[x][y] = row[x] ^ (~row[(x + 1) % 5] & mask & row[(x + 2) % 5])
            for j in range(7):
                if lfsr & 1:
                    s[0][0] ^= 1 << ((1 << j) - 1)
                lfsr = (lfsr << 1) ^ (0x171 if lfsr & 0x80 else 0)
    return b"".join(s[i % 5][i // 5].to_bytes(8, "little") for i in range(4))


def rlp(item):
    """RLP of bytes or of a list of bytes (Yellow Paper, appendix B)."""
    is_list = isinstance(item, list)
    body = b"".join(map(rlp, item)) if is_list else item
    if not is_list and len(body) == 1 and body[0] < 0x80:
        return body
    first = 0xc0 if is_list else 0x80
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return (bytes([first + len(body)]) if len(body) < 56 else bytes([first + 55 + len(size)]) + size) + body


# In the header's order; those from baseFeePerGas on came with later forks.
FIELDS = ("parentHash sha3Uncles miner stateRoot transactionsRoot receiptsRoot logsBloom difficulty number gasLimit gasUsed timestamp "
          "extraData mixHash nonce baseFeePerGas withdrawalsRoot blobGasUsed excessBlobGas parentBeaconBlockRoot requestsHash").split()
QUANTITIES = {"difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed", "excessBlobGas"}


def field(name, text):
    if name not in QUANTITIES:
        return bytes.fromhex(text[2:])
    n = int(text, 16)
    return n.to_bytes((n.bit_length() + 7) // 8, "big")


def header_hash(block):
    return "0x" + keccak256(rlp([field(name, block[name]) for name in FIELDS if name in block])).hex()
