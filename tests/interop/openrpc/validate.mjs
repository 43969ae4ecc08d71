// Gives the OpenRPC document on the standard input to @open-rpc/schema-utils-js, which validates it by the
// published schema, resolves its references and judges calls by it. The document is that of
// `interop-jsonrpsee --openrpc`.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
    MethodCallValidator,
    parseOpenRPCDocument,
    validateOpenRPCDocument,
} from "@open-rpc/schema-utils-js";

// References would be looked up in files and on the network, if there were any that lead out.
globalThis.fetch = () => assert.fail("a reference leads out of the document");

const text = readFileSync(0, "utf8");

// By the schema of its own version, and of later ones.
for (const version of [undefined, "1.3.2", "1.4.1"]) {
    const document = JSON.parse(text);
    document.openrpc = version ?? document.openrpc;
    const faults = validateOpenRPCDocument(document);
    assert.equal(faults, true, faults.message);
}

const broken = JSON.parse(text);
broken.methods[0].params[0].schema = 3;
assert.notEqual(validateOpenRPCDocument(broken), true, "the schema refuses nothing");

const document = await parseOpenRPCDocument(text);
for (const { name, params, result } of document.methods) {
    assert(!JSON.stringify([params, result]).includes("$ref"), `a reference is left in ${name}`);
}
const block = document.methods.find((method) => method.name === "chain_getBlock").result.schema;
assert.deepEqual(Object.keys(block.properties), ["height", "parent"]);
// What is ours alone is not looked into; its references lead to the schemas all the same.
const heads = document.methods.find((method) => method.name === "chain_subscribeHeads");
assert.equal(heads["x-subscription"].item.$ref, "#/components/schemas/Block");
assert.deepEqual(document.components.schemas.Block, block);

const validator = new MethodCallValidator(document);
for (const [method, params, isRight] of [
    ["chain_getBlock", [3], true],
    ["chain_getBlock", { height: 3, brief: null }, true],
    ["chain_getBlock", [3, "brief"], false],
    ["chain_getBlock", { height: -3 }, false],
    ["chain_getBlock", {}, false],
    ["chain_heights", { from: 2, to: 5 }, true],
    ["chain_heights", { from: "2" }, false],
    ["chain_noted", [], true],
    ["chain_echo", ["text"], true],
    ["chain_count", { upto: 3, fails: true }, true],
    ["chain_unsubscribeHeads", [1], true],
    ["chain_unsubscribeHeads", [0], false],
]) {
    const faults = validator.validate(method, params);
    const call = `${method} ${JSON.stringify(params)}`;
    assert.equal(faults.length === 0, isRight, `${call}: ${faults.map?.((fault) => fault.message)}`);
}

console.log(`schema-utils-js: ${document.methods.length} methods, all as specified`);
