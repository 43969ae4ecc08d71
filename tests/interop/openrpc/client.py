#!/usr/bin/env python3
"""Calls every method of a node by what its OpenRPC document says, and knows nothing else of it.

Params are the least that the schemas allow, by name and by position; then each is spoilt in turn. With
the package `jsonschema`, results are held against their schemas as well.

Usage: client.py PROGRAM, which serves when it is called with --serve and prints where
"""

import json
import subprocess
import sys
import urllib.parse
from http.client import HTTPConnection

try:
    import jsonschema
except ImportError:
    jsonschema = None

INVALID_PARAMS = -32602
# A value of another type for each type.
OTHER = {"integer": "text", "number": "text", "string": 3, "boolean": "text", "array": 3, "object": 3, "null": 3}


class Node:
    def __init__(self, url):
        self.connection = HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=30)
        self.count = 0
        self.document = self.call("rpc.discover")["result"]
        _, page = self.exchange("GET", "/openrpc.json")
        assert json.loads(page) == self.document, "two documents"

    def exchange(self, verb, path, body=None):
        headers = {"content-type": "application/json"} if body else {}
        self.connection.request(verb, path, body, headers)
        response = self.connection.getresponse()
        return response.status, response.read()

    def call(self, method, params=None):
        self.count += 1
        request = {"jsonrpc": "2.0", "id": self.count, "method": method}
        if params is not None:
            request["params"] = params
        status, body = self.exchange("POST", "/", json.dumps(request))
        answer = json.loads(body)
        assert status == 200 and answer["id"] == self.count, (status, answer)
        assert ("result" in answer) != ("error" in answer), answer
        return answer

    def notify(self, method, params):
        request = {"jsonrpc": "2.0", "method": method, "params": params}
        answer = self.exchange("POST", "/", json.dumps(request))
        assert answer == (204, b""), answer

    def resolve(self, schema):
        while isinstance(schema, dict) and "$ref" in schema:
            target = self.document
            for step in schema["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            schema = target
        return schema

    def least(self, schema):
        """The least value of a schema."""
        schema = self.resolve(schema)
        if schema is True:
            return None
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        for choice in ("anyOf", "oneOf"):
            if choice in schema:
                return self.least(schema[choice][0])
        kind = schema["type"]
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "object":
            properties = schema.get("properties", {})
            return {name: self.least(properties[name]) for name in schema.get("required", [])}
        least = {"integer": 0, "number": 0.5, "string": "", "boolean": False, "array": [], "null": None}[kind]
        return max(least, schema.get("minimum", least)) if kind in ("integer", "number") else least

    def validate(self, value, schema):
        if jsonschema is not None:
            whole = {"components": self.document["components"], "allOf": [schema]}
            jsonschema.Draft7Validator(whole).validate(value)

    def check(self, method):
        name, params = method["name"], method["params"]
        least = {param["name"]: self.least(param["schema"]) for param in params if param["required"]}
        for param in params:
            if param["required"]:
                self.validate(least[param["name"]], param["schema"])
        is_whole = any(param.get("x-whole") for param in params)
        by_name, by_position = dict(least), list(least.values())
        if is_whole:
            by_name = by_position = list(least.values())[0]
        structure = method["paramStructure"]
        for given, other in ((by_name, "by-position"), (by_position, "by-name")):
            answer = self.call(name, given)
            if structure == other and params and not is_whole:
                assert answer["error"]["code"] == INVALID_PARAMS, (name, given, answer)
            else:
                self.judge(method, answer)
        if method.get("x-notification"):
            self.notify(name, by_name)
        if "x-subscription" in method or is_whole:
            return
        for param in params:
            types = self.resolve(param["schema"])["type"]
            spoilt = OTHER[types[0] if isinstance(types, list) else types]
            wrong = [dict(by_name, **{param["name"]: spoilt})]
            if param["required"]:
                wrong.append({key: value for key, value in by_name.items() if key != param["name"]})
            for given in wrong:
                answer = self.call(name, given)
                assert answer.get("error", {}).get("code") == INVALID_PARAMS, (name, given, answer)

    def judge(self, method, answer):
        """An answer is a result by the schema, or an error that the document lists."""
        if "x-subscription" in method:
            # That takes a WebSocket.
            assert "error" in answer, answer
        elif "error" in answer:
            known = [error["code"] for error in method.get("errors", [])]
            assert answer["error"]["code"] in known, (method["name"], answer)
        else:
            self.validate(answer["result"], method["result"]["schema"])


def main():
    program = subprocess.Popen([sys.argv[1], "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        node = Node(program.stdout.readline().strip())
        for method in node.document["methods"]:
            node.check(method)
        # It ends when its input does.
        program.stdin.close()
        code = program.wait(30)
        assert code == 0, code
    finally:
        program.kill()
    results = "" if jsonschema else ", without jsonschema"
    print(f"client.py: {node.count} calls of {len(node.document['methods'])} methods as documented{results}")


if __name__ == "__main__":
    main()
