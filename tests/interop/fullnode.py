#!/usr/bin/env python3
"""Calls the example `fullnode` through `call.py`, which knows no more than the node says of itself.

Usage: fullnode.py FOLDER_OF_THE_EXAMPLES
"""

import hashlib
import json
import pathlib
import signal
import subprocess
import sys
import tempfile

PATIENCE = 60
CALL = pathlib.Path(__file__).resolve().parents[2] / "examples" / "fullnode" / "call.py"


def call(url, *arguments):
    command = [sys.executable, str(CALL), url, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    return done.returncode, done.stdout, done.stderr


def result(url, *arguments):
    code, out, err = call(url, *arguments)
    assert code == 0, (arguments, err)
    return json.loads(out)


def refused(url, why, *arguments):
    code, _, err = call(url, *arguments)
    assert code == 1 and why in err, (arguments, code, err)


def checks(url):
    code, listed, _ = call(url)
    assert code == 0 and "store.get hash [encoding]" in listed, listed

    name = hashlib.sha256(b"hello").hexdigest()
    assert result(url, "store.put", "data=hello") == {"hash": name, "size": 5}
    content = {"data": "hello", "encoding": "utf8", "size": 5}
    assert result(url, "store.get", f"hash={name}") == content
    assert result(url, "store.get", f"hash={name}", "encoding=base64")["data"] == "aGVsbG8="
    assert result(url, "store.has", f"hash={name}") is True
    assert result(url, "store.list", "limit=1") == {"hashes": [name], "next": None}
    assert result(url, "node.info")["name"] == "fullnode"

    refused(url, "no method `store.lst`", "store.lst")
    refused(url, "`store.get` needs `hash`", "store.get")
    refused(url, "has no param `hsh`", "store.get", f"hsh={name}", f"hash={name}")
    refused(url, "is a subscription", "store.follow")
    refused(url, "no blob 0000", "store.get", f"hash={'0' * 64}")
    refused(url, "(-32602)", "store.list", "limit=0")
    assert result(url, "node.stop") == {"stopping": True}


def main(examples):
    with tempfile.TemporaryDirectory() as folder:
        command = [str(examples / "fullnode"), "--rpc", "127.0.0.1:0", "--data", f"{folder}/data"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, text=True, **pipes) as node:
            try:
                ready = node.stdout.readline()
                url = next(word[4:] for word in ready.split() if word.startswith("rpc="))
                checks(url)
                assert node.wait(PATIENCE) == 0
            finally:
                if node.poll() is None:
                    node.send_signal(signal.SIGKILL)
    print("fullnode.py: all calls as the node says")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
