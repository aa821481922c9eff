#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""failing_node.py FILE PID FROM STEP CHECK COMMAND: run COMMAND against a node in which time FROM, FROM + STEP … of
something fails (failing.c, EHRD_FAIL_FILE), until it ends before that. The command must end by itself, and CHECK must
succeed whenever nothing fails. The node must stay up, but for a store that stopped: then it says so, ends with exit
code 1, and is started again as it was. The last line names its process."""
import os
import struct
import subprocess
import sys
import time

path, pid, start, step, check, command = sys.argv[1:]
n, runs, failed, bad, restarts = int(start), 0, 0, 0, 0
with open(f"/proc/{pid}/cmdline", "rb") as f:
    node = f.read().split(b"\0")[:-1]
with open(f"/proc/{pid}/environ", "rb") as f:
    environ = dict(x.split(b"=", 1) for x in f.read().split(b"\0") if b"=" in x)
log = os.readlink(f"/proc/{pid}/fd/2")
begun = os.path.getsize(log)  # of the log when this node was started, or found
port_file = node[node.index(b"--port-file") + 1]


def arm(at):
    with open(path, "r+b") as f:
        f.write(struct.pack("<QQ", at, 0))


def count():
    with open(path, "rb") as f:
        return struct.unpack("<QQ", f.read(16))[1]


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


while True:
    arm(n)
    done = run(command)
    seen = count()
    arm(0)
    runs += 1
    failed += done.returncode != 0
    checked = run(check) if runs % 10 == 1 or seen < n else None
    troubled = done.returncode != 0 or checked and checked.returncode != 0
    # An earlier failure may show only now, when nothing of this run has failed.
    if troubled and (seen < n or not is_up() or run(check).returncode != 0):
        if not has_stopped():
            print(f"FAIL at {n}: the node is gone or refuses: {done.stderr.decode()[-300:]}")
            print(pid)
            sys.exit(1)
        restarts += 1
        pid = start_again()
        checked = run(check)
        if seen < n:
            continue  # what failed before had not shown yet
    if not is_up():
        print(f"FAIL at {n}: the node is gone")
        print(pid)
        sys.exit(1)
    if done.returncode >= 90 or done.returncode < 0 or checked and checked.returncode != 0:
        bad += 1
        print(f"FAIL at {n}: command {done.returncode}, check {checked and checked.returncode}",
              (checked or done).stderr.decode()[-300:])
    if seen < n:
        print(f"{runs} runs, {failed} ended with an error, {seen} times in the last, {restarts} restarts, {bad} bad")
        if done.returncode != 0:
            print("though nothing failed:", done.stderr.decode()[-300:])
        print(pid)
        sys.exit(bad > 0 or done.returncode != 0)
    if runs % 25 == 0:  # a node takes so many notes at once
        os.kill(int(pid), 15)
        while is_up():
            time.sleep(0.1)
        pid = start_again()
    n += int(step)
