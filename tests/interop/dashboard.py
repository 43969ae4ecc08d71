#!/usr/bin/env python3
"""Drives the control socket of `fullnode` and `supervised` through every method, every refusal that
a client can bring about, and both subscriptions. Knows the protocol, and none of its types.

Usage: dashboard.py FOLDER_OF_THE_EXAMPLES
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid

PATIENCE = 30.0
RUNNING = []
COMMANDS = ["restart_child", "pause_child", "resume_child", "quarantine_child", "remove_child",
            "add_child", "shutdown_tree", "reload", "request_shutdown"]
DANGEROUS = {"remove_child", "add_child", "shutdown_tree", "request_shutdown"}


class Client:
    """One connection: lines there, lines back."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(str(path))
        self.rest = b""
        self.count = 0
        self.target = None

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def line(self):
        while b"\n" not in self.rest:
            data = self.socket.recv(65536)
            if not data:
                return None
            self.rest += data
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line.decode("utf-8"))

    def raw(self, data):
        self.send(data + b"\n")
        return self.line()

    def call(self, method, params=None):
        self.count += 1
        request = {"request_id": f"r-{self.count}", "method": method}
        if params is not None:
            request["params"] = params
        while True:
            response = self.raw(json.dumps(request).encode())
            assert response["request_id"] == f"r-{self.count}", response
            if response.get("error", {}).get("code") != "rate_limit_exceeded":
                return response
            time.sleep(0.1)

    def result(self, method, params=None):
        response = self.call(method, params)
        assert response["ok"] is True and "error" not in response, response
        return response["result"]

    def refusal(self, method, params=None):
        response = self.call(method, params)
        assert response["ok"] is False and "result" not in response, response
        return check_error(response["error"])

    def params(self, command, **changes):
        params = {
            "command_id": str(uuid.uuid4()),
            "target_id": self.target or self.result("hello")["registration"]["target_id"],
            "command": command,
            "target": {"child_path": None, "child_manifest": None},
            "reason": "an independent client",
            "requested_by": "python",
            "confirmed": command in DANGEROUS,
            "requested_at_unix_nanos": str(time.time_ns()),
        }
        params.update(changes)
        return params

    def command(self, command, path=None, manifest=None, **changes):
        params = self.params(command, **changes)
        params["target"] = {"child_path": path, "child_manifest": manifest}
        answer = self.result(f"command.{command}", params)
        assert answer["type"] == "command_result", answer
        result = answer["result"]
        assert result["command_id"] == params["command_id"], result
        assert result["completed_at_unix_nanos"].isdigit(), result
        assert (result["status"] == "completed") == result["accepted"] == (result["error"] is None)
        return result


def check_error(error):
    assert set(error) == {"code", "stage", "target_id", "message", "retryable"}, error
    return f'{error["code"]} @ {error["stage"]}'


def eventually(what, look):
    deadline = time.monotonic() + PATIENCE
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)


def start(program, path, *arguments):
    process = subprocess.Popen(
        [str(program), "--dashboard", str(path), *map(str, arguments)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    RUNNING.append(process)
    eventually("the socket is there", lambda: path.exists() or process.poll() is not None)
    assert process.poll() is None, f"{program} does not start"
    client = Client(path)
    eventually("it runs", lambda: client.result("state")["state"]["service"]["phase"] == "running")
    return process, client


def check_hello(client, path, target):
    hello = client.result("hello")
    assert hello["type"] == "hello" and hello["protocol_version"] == "dashboard-ipc.v1", hello
    registration = hello["registration"]
    assert registration["target_id"] == target
    assert registration["ipc_path"] == str(path)
    assert registration["lease_seconds"] == 0
    names = [command["name"] for command in registration["supported_commands"]]
    assert sorted(names) == sorted(COMMANDS), names
    assert all(set(c) == {"name", "idempotent", "timeout_seconds"}
               for c in registration["supported_commands"])
    client.target = target


def check_state(client):
    answer = client.result("state")
    assert answer["type"] == "state"
    state = answer["state"]
    assert set(state) == {
        "target", "topology", "runtime_state", "child_runtime_records", "recent_events",
        "recent_logs", "dropped_event_count", "dropped_log_count", "config_version",
        "generated_at_unix_nanos", "state_generation", "service", "providers", "tasks"}, set(state)
    assert set(state["target"]) == {
        "target_id", "display_name", "registration_state", "connection_state"}
    assert set(state["topology"]) == {"root", "nodes", "edges", "declaration_order"}
    for node in state["topology"]["nodes"]:
        assert set(node) == {"node_id", "child_id", "path", "name", "kind", "tags", "criticality",
                             "state_summary", "diagnostics"}, node
        assert node["kind"] in {"root_supervisor", "child_task", "provider", "node"}
        assert node["criticality"] in {"critical", "standard", "best_effort"}
    for edge in state["topology"]["edges"]:
        assert set(edge) == {"edge_id", "source_path", "target_path", "kind", "order"}, edge
        word = {"parent_child": "parent", "dependency": "dependency"}[edge["kind"]]
        assert edge["edge_id"] == f'{word}:{edge["source_path"]}->{edge["target_path"]}'
    for record in state["child_runtime_records"]:
        assert set(record) == {
            "child_id", "child_path", "generation", "attempt", "status", "operation",
            "managed_child_state", "liveness", "restart_limit", "stop_state", "failure",
            "generation_fence_phase", "pending_restart"}, record
        assert record["status"] in {"starting", "running", "ready", "cancelling", "stopped", None}
        assert record["operation"] in {"active", "paused", "quarantined", "removed"}
        assert record["managed_child_state"] in {"running", "paused", "quarantined", "removed"}
        assert record["stop_state"] in {
            "idle", "no_active_attempt", "cancel_delivered", "completed", "failed"}
    for runtime in state["runtime_state"]:
        assert set(runtime) == {
            "child_path", "lifecycle_state", "health", "readiness", "generation",
            "child_start_count", "restart_count", "last_failure", "last_policy_decision",
            "shutdown_state"}, runtime
        assert runtime["health"] in {"healthy", "unhealthy", "stale", "unknown"}
        assert runtime["readiness"] in {"unreported", "ready", "not_ready"}
    for event in state["recent_events"]:
        check_event(event)
    numbers = [event["sequence"] for event in state["recent_events"]]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert numbers[-1] == state["state_generation"] and len(numbers) <= 128
    return state


def check_event(event):
    assert set(event) == {
        "target_id", "sequence", "correlation_id", "event_type", "severity", "target_path",
        "child_id", "occurred_at_unix_nanos", "config_version", "payload"}, event
    assert event["severity"] in {"info", "warning", "error"}
    assert event["event_type"][0].isupper() and "_" not in event["event_type"]
    assert event["occurred_at_unix_nanos"].isdigit()


def connections(client):
    tasks = client.result("tasks")["tasks"]
    return sum(task["name"] == "dashboard.connection" for task in tasks)


def check_refusals(client, path):
    for data in [b"nonsense", b"[]", b"{}", b"\xff\xfe", b'{"request_id":1,"method":"hello"}']:
        response = client.raw(data)
        assert response["request_id"] == "invalid-request", response
        assert check_error(response["error"]) == "invalid_json @ protocol_parse"
    response = client.raw(b'{"request_id":"mine"}')
    assert response["request_id"] == "mine" and response["error"]["code"] == "invalid_json"
    assert client.refusal("fly") == "unsupported_method @ protocol_parse"
    assert client.refusal("command.restart_child") == "invalid_command_params @ protocol_parse"
    time.sleep(0.3)
    response = client.raw(b" " * 70_000)
    assert check_error(response["error"]) == "request_too_large @ size_limit"
    for method in ["events.subscribe", "logs.tail"]:
        assert client.refusal(method, {}) == "session_required @ subscription"

    wrong = [
        ("restart_child", {"reason": " "}), ("restart_child", {"requested_by": ""}),
        ("restart_child", {"command_id": "seven"}), ("restart_child", {"target_id": "other"}),
        ("restart_child", {"requested_at_unix_nanos": 0}),
        ("restart_child", {"target": {"child_path": " "}}), ("add_child", {}),
    ] + [(command, {"confirmed": False, "target": {"child_path": "x", "child_manifest": "{}"}})
         for command in sorted(DANGEROUS)]
    for command, changes in wrong:
        time.sleep(0.03)
        refusal = client.refusal(f"command.{command}", client.params(command, **changes))
        assert refusal == "validation_failed @ command_validate", (command, changes, refusal)
    swapped = client.params("restart_child", target={"child_path": "x"})
    refusal = client.refusal("command.pause_child", swapped)
    assert refusal == "validation_failed @ command_validate"

    flood = Client(path)
    flood.send(b'{"request_id":"f","method":"hello"}\n' * 200)
    answers = [flood.line() for _ in range(200)]
    limited = [a for a in answers if not a["ok"]]
    assert limited and all(a["error"]["code"] == "rate_limit_exceeded" for a in limited)
    assert all(a["error"]["retryable"] and a["request_id"] == "f" for a in limited)
    flood.close()
    own_only = lambda: connections(client) == 1
    eventually("the others are gone", own_only)

    crowd = [Client(path) for _ in range(70)]
    refused = 0
    for member in crowd:
        member.socket.settimeout(0.2)
        try:
            line = member.line()
            assert check_error(line["error"]) == "too_many_connections @ accept", line
            refused += 1
        except socket.timeout:
            pass
        member.close()
    # Ours is one of the 64.
    assert refused == 70 - 63, refused

    if os.geteuid() == 0:
        child = os.fork()
        if child == 0:
            os.setgid(65534)
            os.setuid(65534)
            try:
                Client(path)
            except PermissionError:
                os._exit(0)
            os._exit(1)
        assert os.waitpid(child, 0)[1] == 0, "another user could connect"


def check_subscriptions(path, provoke):
    session = {"session_established": True}
    events, logs, past = Client(path), Client(path), Client(path)
    subscribed = events.result("events.subscribe", session)
    assert subscribed["type"] == "subscription" and subscribed["subscription"] == "events"
    assert logs.result("logs.tail", session)["subscription"] == "logs"
    provoke()
    pushed = events.line()
    assert set(pushed) == {"type", "target_id", "event"} and pushed["type"] == "event", pushed
    check_event(pushed["event"])
    pushed = logs.line()
    assert set(pushed) == {"type", "target_id", "log"} and pushed["type"] == "log", pushed
    assert set(pushed["log"]) == {
        "target_id", "sequence", "correlation_id", "severity", "message", "fields",
        "occurred_at_unix_nanos"}, pushed
    last = past.result("state")["state"]["state_generation"]
    past.result("events.subscribe", {"session_established": True, "after_sequence": last - 5})
    assert [past.line()["event"]["sequence"] for _ in range(5)] == list(range(last - 4, last + 1))
    for client in (events, logs, past):
        client.close()


def check_why_and_tasks(client):
    why = client.result("why")
    assert why["type"] == "why" and why["why"].startswith("running"), why
    tasks = client.result("tasks")
    assert tasks["type"] == "tasks"
    assert {"run", "dashboard.accept"} <= {task["name"] for task in tasks["tasks"]}, tasks


def phase_of(client, path):
    for runtime in client.result("state")["state"]["runtime_state"]:
        if runtime["child_path"] == path:
            return runtime["lifecycle_state"]
    return None


def drive_supervised(program, path):
    process, client = start(program, path)
    check_hello(client, path, "supervised")
    state = check_state(client)
    assert {"/market/feed", "/flapping"} <= set(state["topology"]["declaration_order"])
    eventually("quarantine", lambda: phase_of(client, "/flapping") == "quarantined")

    restarted = client.command("restart_child", "/market/candles")
    outcome = restarted["state_delta"]["outcome"]
    assert outcome["decision"] in {"started_immediately", "queued_after_stop", "already_pending"}
    for command, phase in [("pause_child", "paused"), ("resume_child", "running"),
                           ("quarantine_child", "quarantined"), ("resume_child", "running")]:
        assert client.command(command, "compact")["accepted"]
        eventually(phase, lambda: phase_of(client, "/compact") == phase)
    manifest = json.dumps({"name": "late", "factory_key": "counter"})
    added = client.command("add_child", manifest=manifest)
    assert added["state_delta"]["type"] == "child_added", added
    eventually("late runs", lambda: phase_of(client, "/late") == "running")
    yaml = client.command("add_child", manifest="name: yaml\nfactory_key: counter\n")
    assert yaml["accepted"], yaml
    assert client.command("remove_child", "/late")["accepted"]
    eventually("late is gone", lambda: phase_of(client, "/late") is None)

    once = client.params("restart_child", target={"child_path": "/yaml"})
    first = client.result("command.restart_child", once)
    other = Client(path)
    assert other.result("command.restart_child", once) == first
    changed = dict(once, reason="something else")
    assert other.refusal("command.restart_child", changed) == "validation_failed @ command_validate"
    other.close()

    for command, target in [("restart_child", "/nobody"), ("pause_child", "/"),
                            ("restart_child", None)]:
        failed = client.command(command, target)
        assert not failed["accepted"], failed
        assert check_error(failed["error"]) == "command_failed @ command_dispatch"
    assert not client.command("add_child", manifest="{")["accepted"]
    assert not client.command("reload")["accepted"], "it has nothing to reload"

    check_subscriptions(path, lambda: client.command("restart_child", "/yaml"))
    check_why_and_tasks(client)
    check_refusals(client, path)
    tree = client.command("shutdown_tree")
    assert tree["state_delta"]["type"] == "shutdown", tree
    blocked = client.command("restart_child", "/yaml")
    assert blocked["state_delta"]["outcome"]["decision"] == "blocked_by_shutdown", blocked
    stop(process, client, path, {0, 124})


def drive_fullnode(program, path, data):
    process, client = start(program, path, "--rpc", "127.0.0.1:0", "--data", data)
    check_hello(client, path, "fullnode")
    check_state(client)
    check_why_and_tasks(client)
    for command in ["restart_child", "pause_child", "resume_child", "quarantine_child",
                    "remove_child"]:
        failed = client.command(command, "/nobody")
        assert failed["error"]["message"].startswith("there is no child"), failed
    unknown = client.command("add_child", manifest='{"name":"a","factory_key":"none"}')
    assert unknown["error"]["message"].startswith("there is no factory"), unknown
    reload = client.command("reload")
    assert check_error(reload["error"]) == "command_failed @ command_dispatch", reload
    # A command that is refused is told in both streams as well.
    check_subscriptions(path, lambda: client.command("shutdown_tree"))
    check_refusals(client, path)

    second = subprocess.run([str(program), "--dashboard", str(path), "--rpc", "127.0.0.1:0",
                             "--data", str(data) + "-2"], capture_output=True, timeout=PATIENCE)
    assert second.returncode != 0 and b"served by a live process" in second.stderr, second
    stop(process, client, path, {0})
    refuse_places(program, path, data)


def refuse_places(program, path, data):
    def refused():
        run = subprocess.run([str(program), "--dashboard", str(path), "--rpc", "127.0.0.1:0",
                              "--data", str(data)], capture_output=True, timeout=PATIENCE)
        assert run.returncode != 0, run
        return run.stderr
    path.write_text("a file")
    assert b"must be a Unix socket before stale replacement" in refused()
    path.unlink()
    path.symlink_to("elsewhere")
    assert b"must not be a symlink" in refused()
    path.unlink()


def stop(process, client, path, codes):
    events = Client(path)
    events.result("events.subscribe", {"session_established": True})
    answer = client.command("request_shutdown")
    assert answer["state_delta"]["result"]["stopping"] is True, answer
    last = None
    while (line := events.line()) is not None:
        last = line
    assert last["event"]["event_type"] == "Ended", last
    code = process.wait(PATIENCE)
    assert code == last["event"]["payload"]["code"] and code in codes, (code, last)
    assert not path.exists(), "the socket is left behind"


def main():
    examples = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="dig-") as folder:
        folder = pathlib.Path(folder)
        try:
            drive_supervised(examples / "supervised", folder / "a" / "s.sock")
            drive_fullnode(examples / "fullnode", folder / "b" / "f.sock", folder / "data")
        finally:
            for process in RUNNING:
                process.kill()
    print("dashboard protocol: all as specified")


if __name__ == "__main__":
    signal.alarm(240)
    main()
