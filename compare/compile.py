#!/usr/bin/env python3
"""Measures what `#[node]` costs `cargo check`: CPU seconds for 100 methods of two params, best of five.

    python3 compare/compile.py
"""

import os
import pathlib
import resource
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
METHODS = 100
KINDS = [
    ("plain `impl`", "", ""),
    ("`#[node]`", "#[dig_service::node]", "#[rpc]"),
    ("`#[node(discover)]`", "#[dig_service::node(discover)]", "#[rpc]"),
    ("`#[node(client = ..)]`", "#[dig_service::node(client = NodeClient)]", "#[rpc]"),
]
MANIFEST = f"""[package]
name = "measured"
version = "0.0.0"
edition = "2024"

[dependencies]
dig-service = {{ path = "{ROOT}/dig-service", features = ["openrpc"] }}

[workspace]
"""


def source(attribute, role):
    body = "{ Ok(format!(\"{left}{right:?}\")) }"
    result = "Result<String, dig_service::JsonRpcError>"
    methods = "\n".join(
        f"/// Method {number}.\n{role} pub async fn method_{number}"
        f"(&self, left: u64, right: Option<String>) -> {result} {body}"
        for number in range(METHODS)
    )
    return f"pub struct Node;\n{attribute}\nimpl Node {{\n{methods}\n}}\n"


def check(folder):
    def spent():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    before = spent()
    command = ["cargo", "check", "--quiet", "--jobs", "1"]
    subprocess.run(command, cwd=folder, check=True, env={**os.environ, "CARGO_INCREMENTAL": "0"})
    return spent() - before


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "src").mkdir()
        (folder / "Cargo.toml").write_text(MANIFEST)
        library = folder / "src" / "lib.rs"
        library.write_text("")
        check(folder)
        # What cargo and rustc need for nothing at all.
        library.write_text("pub struct Node;\n")
        idle = min(check(folder), *(again(library, folder) for _ in range(4)))
        print(f"nothing: {idle:.2f} s, taken off below")
        for kind, attribute, role in KINDS:
            library.write_text(source(attribute, role))
            best = min(again(library, folder) for _ in range(5))
            print(f"{kind}: {best - idle:.2f} s")


def again(library, folder):
    library.touch()
    return check(folder)


if __name__ == "__main__":
    main()
