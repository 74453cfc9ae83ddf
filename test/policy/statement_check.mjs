// SPDX-License-Identifier: Apache-2.0
// statement_check.mjs FOLDER LIBRARY: verifies what statement_sample wrote with an implementation of
// COSE that is not ours, and reads its header with another CBOR decoder. One library in each process:
// two of them teach the same decoder different things.
import { createHash, createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.env.COSE_MODULES + "/package.json");
const cbor = require("cbor");
const [folder, library] = process.argv.slice(2);
const cose = require(library);
let passed = 0, failed = 0;
const tell = (good, name) => {
    good ? passed++ : failed++;
    console.log(`${good ? "ok   " : "FAIL "} ${name}`);
};

const verify = {
    "@auth0/cose": async (message, key) => cose.Sign1.decode(message).verify(key.object),
    "cose-kit": async (message, key) => {
        if (!(await cose.coseVerify(message, key.object)).isValid) throw new Error("not valid");
    },
    "cose-js": async (message, key) => cose.sign.verify(message, { key: key.raw }),
}[library];
const accepts = async (message, key) => {
    try { await verify(message, key); return true; } catch { return false; }
};
// cose-js 0.9.0 knows no EdDSA
const names = ["es256", "es384", "eddsa"].filter((name) => library !== "cose-js" || name !== "eddsa");

const label = { counter: -70001, boot: -70002, uptime: -70003, time: -70004, quality: -70005,
    hash: -70006, version: -70007, rule: -70008 };
const hash = createHash("sha256").update(readFileSync(`${folder}/policy.cbor`)).digest();

for (const name of names) {
    const object = createPublicKey(readFileSync(`${folder}/${name}.pem`));
    const jwk = object.export({ format: "jwk" });
    const raw = { x: Buffer.from(jwk.x, "base64url"), y: Buffer.from(jwk.y ?? "", "base64url") };
    for (let i = 1; i <= 3; i++) {
        const message = readFileSync(`${folder}/${name}-${i}.cose`);
        const [header, , payload, signature] = cbor.decodeFirstSync(message).value;
        tell(await accepts(message, { object, raw }), `${library} verifies ${name}-${i}`);
        for (const part of [header, payload, signature]) {
            const bad = Buffer.from(message), at = bad.indexOf(part) + part.length - 1;
            bad[at] ^= 1;
            tell(!await accepts(bad, { object, raw }),
                `${library} refuses ${name}-${i} with bit 0 of byte ${at} turned`);
        }
        const fields = cbor.decodeFirstSync(header), body = cbor.decodeFirstSync(payload);
        tell(fields.get(label.counter) === i && body.get(4) === i, `${name}-${i}: the counter`);
        tell(fields.get(label.hash).equals(hash), `${name}-${i}: the hash of the policy`);
        tell(fields.get(label.version) === 7 && fields.get(label.rule) === i &&
            fields.get(label.boot) === 3, `${name}-${i}: version, rule and boot`);
        const time = i === 1 ? null : 1795564800 + 12 * 3600 + 10;
        tell(fields.get(label.time) === time && body.get(5) === time &&
            fields.get(label.quality) === (i === 1 ? 0 : 2), `${name}-${i}: the time`);
        tell(fields.get(label.uptime) === (i - 1) * 10000 && fields.get(3) === 60 &&
            fields.get(4).toString() === "plc-7", `${name}-${i}: uptime, content and key id`);
    }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
