#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""failing_node.py FILE PID WHEN CHECK BEFORE COMMAND: run COMMAND against a node in which time FROM, FROM + STEP … of
something fails (WHEN is FROM:STEP; failing.c, EHRD_FAIL_FILE), until it ends before that; or each place once (WHEN is
places) until it meets none that has not failed. The command must end by itself; BEFORE, which is run before each, and
CHECK must succeed whenever nothing fails. The node must stay up, but for a store that stopped: then it says so, ends with
exit code 1, and is started again as it was. The last line names its process."""
import os
import struct
import subprocess
import sys
import time

path, pid, when, check, before, command = sys.argv[1:]
by_place = when == "places"
n, step = (0, 1) if by_place else map(int, when.split(":"))
runs, failed, bad, restarts = 0, 0, 0, 0
with open(f"/proc/{pid}/cmdline", "rb") as f:
    node = f.read().split(b"\0")[:-1]
with open(f"/proc/{pid}/environ", "rb") as f:
    environ = dict(x.split(b"=", 1) for x in f.read().split(b"\0") if b"=" in x)
log = os.readlink(f"/proc/{pid}/fd/2")
begun = os.path.getsize(log)  # of the log when this node was started, or found
port_file = node[node.index(b"--port-file") + 1]


def arm(at):
    """struct failing of failing.h: at, count, failed, run."""
    with open(path, "r+b") as f:
        run = struct.unpack("<4Q", f.read(32).ljust(32, b"\0"))[3]
        f.seek(0)
        f.write(struct.pack("<4Q", 0, 0, 0, run + 1))
        f.seek(0)
        f.write(struct.pack("<Q", at))


def look():
    """How often it was asked for, and whether nothing has failed."""
    with open(path, "rb") as f:
        _, count, has_failed, _ = struct.unpack("<4Q", f.read(32))
    return count, has_failed == 0 if by_place else count < n


def places():
    with open(path, "rb") as f:
        return sum(place[0] != 0 for place in struct.iter_unpack("<4Q", f.read()[32:]))


def run(line):
    return subprocess.run(["bash", "-c", line], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)


def is_up():
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def has_stopped():
    """It ends, and has said since its start that a store failed."""
    for _ in range(300):
        if not is_up():
            with open(log, "rb") as f:
                return b"store-failed" in f.read()[begun:]
        time.sleep(0.1)
    return False


def start_again():
    global begun
    os.unlink(port_file)
    begun = os.path.getsize(log)
    with open(log, "ab") as f:
        p = subprocess.Popen(node, env=environ, stdin=subprocess.DEVNULL, stdout=f, stderr=f)
    for _ in range(300):
        if os.path.exists(port_file) and os.path.getsize(port_file) > 0:
            return str(p.pid)
        time.sleep(0.1)
    print(f"FAIL at {n}: the node does not come up again")
    print(pid)
    sys.exit(1)


def prepare():
    """BEFORE. What failed in the run before it may show only now."""
    global pid, restarts
    done = run(before)
    if done.returncode != 0 and has_stopped():
        restarts += 1
        pid = start_again()
        done = run(before)
    if done.returncode != 0:
        print(f"FAIL at {n}: what is run before: {done.returncode}, {done.stderr.decode()[-600:]}")
        print(pid)
        sys.exit(1)


while True:
    prepare()
    arm(2**64 - 1 if by_place else n)
    done = run(command)
    seen, is_through = look()
    arm(0)
    runs += 1
    failed += done.returncode != 0
    checked = run(check) if runs % 10 == 1 or is_through else None
    troubled = done.returncode != 0 or checked and checked.returncode != 0
    # An earlier failure may show only now, when nothing of this run has failed.
    if troubled and (is_through or not is_up() or run(check).returncode != 0):
        if not has_stopped():
            print(f"FAIL at {n}: the node is gone or refuses: {done.stderr.decode()[-300:]}")
            print(pid)
            sys.exit(1)
        restarts += 1
        pid = start_again()
        checked = run(check)
        if is_through:
            continue  # what failed before had not shown yet
    if not is_up():
        print(f"FAIL at {n}: the node is gone")
        print(pid)
        sys.exit(1)
    if done.returncode >= 90 or done.returncode < 0 or checked and checked.returncode != 0:
        bad += 1
        print(f"FAIL at {n}: command {done.returncode}, check {checked and checked.returncode}",
              (checked or done).stderr.decode()[-300:])
    if is_through:
        print(f"{runs} runs, {failed} ended with an error, {seen} times in the last, {restarts} restarts, {bad} bad",
              f"{places()} places" if by_place else "")
        if done.returncode != 0:
            print("though nothing failed:", done.stderr.decode()[-300:])
        print(pid)
        sys.exit(bad > 0 or done.returncode != 0)
    if runs % 25 == 0:  # a node takes so many notes at once
        os.kill(int(pid), 15)
        while is_up():
            time.sleep(0.1)
        pid = start_again()
    n += step
