#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Looks for secrets where they must not be: tests/system/secrets.sh.

  files SECRETS [--but PATH]… PATH…   files and folders, those in --but left out
  memory SECRETS PID                  every copy of a key lies in memory that is locked and left out of dumps
  watch SECRETS PROGRAM…              until standard input ends: arguments, environment and nameless or
                                      temporary files of all processes of these programs
  core COMMAND…                       started with cores allowed and sent SIGABRT: does it dump?
  plant SECRETS FILE                  write each form of the first secret to FILE.1, FILE.2 …, to be found

SECRETS has a line "NAME HEX" for each. Each is looked for as it is, backwards, as hex, base64 and bech32.
Exit code: 0 nothing found, 1 found (named, never shown), 2 the search itself failed.
"""
import base64
import os
import re
import resource
import select
import signal
import stat
import subprocess
import sys
import time

BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
FILE_MAX = 512 << 20


def bech32_digits(b):
    """The five-bit groups of the bytes as bech32 writes them, without the last, padded one."""
    bits = "".join(f"{x:08b}" for x in b)
    return "".join(BECH32[int(bits[i:i + 5], 2)] for i in range(0, len(bits) - 4, 5)).encode()


def base64_forms(b):
    """The part of the text that does not depend on what stands before and after, for each alignment."""
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + b + b"\0" * ((-shift - len(b)) % 3))
        first = (0, 2, 3)[shift]
        last = len(text) - (0, 2, 3)[(-shift - len(b)) % 3]
        yield text[first:last]
        yield text[first:last].translate(bytes.maketrans(b"+/", b"-_"))


def forms(b):
    yield "as it is", b
    yield "backwards", b[::-1]
    yield "hex", b.hex().encode()
    yield "HEX", b.hex().upper().encode()
    yield "bech32", bech32_digits(b)
    yield "BECH32", bech32_digits(b).upper()
    for text in base64_forms(b):
        yield "base64", text


def secrets_read(path):
    secrets = []
    with open(path) as f:
        for line in f:
            name, digits = line.split()
            b = bytes.fromhex(digits)
            if len(b) < 12:
                sys.exit(f"secrets: {name} is too short to be told from chance")
            secrets.append((name, b))
    if not secrets:
        sys.exit("secrets: none given")
    return secrets


def needles_of(secrets):
    return [(f"{name}, {form}", needle) for name, b in secrets for form, needle in dict(
        (n, (f, n)) for f, n in forms(b)).values()]


def found_in(data, needles):
    return [what for what, needle in needles if needle in data]


def files_of(paths):
    for top in paths:
        if os.path.isfile(top):
            yield top
        for folder, _, names in os.walk(top):
            for name in names:
                yield os.path.join(folder, name)


def scan_files(paths, but, needles):
    hits, n = [], 0
    left_out = {os.path.realpath(p) for p in but}
    for path in files_of(paths):
        try:
            if os.path.realpath(path) in left_out or not stat.S_ISREG(os.lstat(path).st_mode):
                continue
            with open(path, "rb") as f:
                data = f.read(FILE_MAX)
        except FileNotFoundError:
            continue
        n += 1
        hits += [f"{path}: {what}" for what in found_in(data, needles)]
    return hits, n


def mappings(pid):
    """(from, to, permissions, inode, flags) of each mapping."""
    head, flags = None, None
    with open(f"/proc/{pid}/smaps") as f:
        for line in f:
            m = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ (\d+)", line)
            if m:
                head = (int(m[1], 16), int(m[2], 16), m[3], int(m[4]))
            elif line.startswith("VmFlags:"):
                flags = line.split()[1:]
                yield (*head, flags)


def memory(secrets, pid):
    """Copies of each secret: inside locked memory, and elsewhere."""
    inside, outside = {}, []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as mem:
        for start, end, mode, inode, flags in mappings(pid):
            # Files are looked at as files; what a program may write of its own is memory.
            if "w" not in mode or ("s" in mode and inode) or end - start > FILE_MAX:
                continue
            try:
                mem.seek(start)
                data = mem.read(end - start)
            except OSError:
                continue
            for name, b in secrets:
                for form, needle in (("as it is", b), ("backwards", b[::-1]), ("hex", b.hex().encode())):
                    if needle not in data:
                        continue
                    if "lo" in flags and "dd" in flags:
                        inside[name] = inside.get(name, 0) + 1
                    else:
                        outside.append(f"{name}, {form}, at {start + data.index(needle):x} in {start:x}-{end:x} {mode}")
    return inside, outside


def processes(programs):
    wanted = {os.path.realpath(p) for p in programs}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/exe") in wanted:
                yield pid
        except OSError:
            pass


def look_at(pid, needles):
    hits = []
    for what in ("cmdline", "environ"):
        with open(f"/proc/{pid}/{what}", "rb") as f:
            hits += [f"{what}: {x}" for x in found_in(f.read(), needles)]
    for fd in os.listdir(f"/proc/{pid}/fd"):
        at = f"/proc/{pid}/fd/{fd}"
        target = os.readlink(at)
        if (target.endswith("(deleted)") or ".tmp" in target or ".part" in target) and os.path.isfile(at):
            with open(at, "rb") as f:
                hits += [f"nameless or temporary file: {x}" for x in found_in(f.read(FILE_MAX), needles)]
    return hits


def watch(needles, programs):
    hits, seen = set(), set()
    print("watching", flush=True)
    while not select.select([sys.stdin], [], [], 0.004)[0]:
        for pid in processes(programs):
            try:
                hits.update(look_at(pid, needles))
                seen.add(pid)
            except OSError:
                pass
    return sorted(hits), len(seen)


def core(command):
    """The status of a process that was sent SIGABRT while it ran."""
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    p = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, unlimited))
    time.sleep(0.5)
    if p.poll() is not None:
        sys.exit(f"secrets: {command[0]} ended by itself")
    with open(f"/proc/{p.pid}/limits") as f:
        limit = next(line for line in f if line.startswith("Max core file size")).split()[4]
    os.kill(p.pid, signal.SIGABRT)
    _, status = os.waitpid(p.pid, 0)
    return limit, os.WCOREDUMP(status)


def tell(hits, looked_at):
    for hit in hits:
        print(f"FOUND {hit}")
    print(f"{looked_at}, {len(hits)} found")
    return 1 if hits else 0


def main():
    what, args = sys.argv[1], sys.argv[2:]
    if what == "core":
        limit, dumped = core(args)
        print(f"core limit {limit}, dumped: {dumped}")
        return 1 if dumped or limit != "0" else 0
    secrets = secrets_read(args[0])
    if what == "plant":
        for i, (_, needle) in enumerate(dict((n, (f, n)) for f, n in forms(secrets[0][1])).values()):
            with open(f"{args[1]}.{i + 1}", "wb") as f:
                f.write(b"before " + needle + b" after")
        return 0
    if what == "files":
        but = [args[i + 1] for i in range(1, len(args)) if args[i] == "--but"]
        paths = [args[i] for i in range(1, len(args)) if args[i] != "--but" and args[i - 1] != "--but"]
        hits, n = scan_files(paths, but, needles_of(secrets))
        if n == 0:
            return 2
        return tell(hits, f"{n} files")
    if what == "memory":
        inside, outside = memory(secrets, int(args[1]))
        if not inside and not outside:
            print("no copy of any secret was seen: nothing was tested")
            return 2
        return tell(outside, f"copies in locked memory: {inside}")
    hits, n = watch(needles_of(secrets), args[1:])
    return 2 if n == 0 else tell(hits, f"{n} processes")


if __name__ == "__main__":
    sys.exit(main())
