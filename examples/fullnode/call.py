#!/usr/bin/env python3
"""Calls a running node by what it says of its methods (`rpc.discover`). Needs nothing but Python.

    call.py URL                          lists the methods
    call.py URL METHOD [NAME=VALUE ..]   calls one and prints its result as JSON

A value is taken for what its schema says: text as it is, everything else as JSON.
"""

import json
import sys
import urllib.error
import urllib.request


class Refused(Exception):
    """The node's error, or a mistake that its document shows before anything is sent."""


class Node:
    """A node, and what can be asked of it."""

    def __init__(self, url):
        self.url = url
        self.ids = 0
        document = self.ask("rpc.discover")
        self.methods = {method["name"]: method for method in document["methods"]}
        self.schemas = document["components"]["schemas"]

    def ask(self, method, params=None):
        self.ids += 1
        call = {"jsonrpc": "2.0", "id": self.ids, "method": method, "params": params or {}}
        head = {"content-type": "application/json"}
        request = urllib.request.Request(self.url, json.dumps(call).encode(), head)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            # An error of JSON-RPC comes with a status of its own when nothing was run.
            answer = json.load(error)
        if "error" in answer:
            error = answer["error"]
            raise Refused(f"{error['message']} ({error['code']})")
        return answer["result"]

    def resolve(self, schema):
        while isinstance(schema, dict) and "$ref" in schema:
            schema = self.schemas[schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def takes_text(self, schema):
        schema = self.resolve(schema)
        if not isinstance(schema, dict):
            return False
        either = schema.get("anyOf", []) + schema.get("oneOf", [])
        kinds = schema.get("type", "string" if "enum" in schema else [])
        return "string" in kinds or any(self.takes_text(one) for one in either)

    def call(self, name, given):
        if name not in self.methods:
            raise Refused(f"no method `{name}`; there are: {', '.join(self.methods)}")
        method = self.methods[name]
        if "x-subscription" in method:
            raise Refused(f"`{name}` is a subscription, which needs a WebSocket")
        known = {param["name"]: param for param in method["params"]}
        for param in known.values():
            if param.get("required") and param["name"] not in given:
                raise Refused(f"`{name}` needs `{param['name']}`: {param.get('description', '')}")
        params = {}
        for key, text in given.items():
            if key not in known:
                raise Refused(f"`{name}` has no param `{key}`; it takes: {', '.join(known)}")
            is_text = self.takes_text(known[key]["schema"])
            params[key] = text if is_text else json.loads(text)
        return self.ask(name, params)

    def list(self):
        for name, method in self.methods.items():
            params = [
                param["name"] if param.get("required") else f"[{param['name']}]"
                for param in method["params"]
            ]
            print(f"{' '.join([name, *params]):40} {method.get('summary', '')}".rstrip())


def main(arguments):
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if arguments else 2
    try:
        node = Node(arguments[0])
        if len(arguments) == 1:
            node.list()
            return 0
        given = dict(argument.split("=", 1) for argument in arguments[2:])
        print(json.dumps(node.call(arguments[1], given), indent=2))
    except (Refused, ValueError, urllib.error.URLError) as error:
        print(f"call.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
