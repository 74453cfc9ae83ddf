// SPDX-License-Identifier: Apache-2.0
// webauthn.mjs make ES256|EdDSA NAME           a passkey: NAME.pem and NAME.pub
// webauthn.mjs answer NAME REQUEST WHICH FILE  what the passkey answers to a request for approval, as a
//                                              browser gives it in JSON; prints what @simplewebauthn/server
//                                              says of it: accepted, or refused and why
// An authenticator in software (Web Authentication level 2, sections 5.8.1 and 6.1). WHICH is good, or what is
// wrong with it.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const SITE = "approve.example", ORIGIN = "https://approve.example";
const PRESENT = 1, VERIFIED = 4;
const sha256 = (data) => createHash("sha256").update(data).digest();
const text = (bytes) => Buffer.from(bytes).toString("base64url");

function make(algorithm, name) {
    const pair = algorithm === "EdDSA" ? generateKeyPairSync("ed25519")
        : generateKeyPairSync("ec", { namedCurve: "P-256" });
    writeFileSync(`${name}.pem`, pair.privateKey.export({ type: "pkcs8", format: "pem" }));
    writeFileSync(`${name}.pub`, pair.publicKey.export({ type: "spki", format: "pem" }));
}

// A COSE_Key, as a site keeps it from the registration: CBOR by hand, so that nothing of ours is in it.
function coseKey(publicKey) {
    const jwk = publicKey.export({ format: "jwk" });
    const part = (value) => Buffer.concat([Buffer.from([0x58, 32]), Buffer.from(value, "base64url")]);
    return jwk.kty === "OKP"
        ? Buffer.concat([Buffer.from([0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21]), part(jwk.x)])
        : Buffer.concat([Buffer.from([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21]), part(jwk.x),
            Buffer.from([0x22]), part(jwk.y)]);
}

// What is wrong is wrong from the start: all of it is signed.
function answer(key, challenge, which) {
    const flags = { "not-verified": PRESENT, "not-present": VERIFIED }[which] ?? PRESENT | VERIFIED;
    const site = which === "other-site" ? "evil.example" : SITE;
    const asked = which === "other-challenge" ? sha256("another request") : challenge;
    const client = Buffer.from(JSON.stringify({
        type: which === "registration" ? "webauthn.create" : "webauthn.get",
        challenge: text(asked), origin: ORIGIN, crossOrigin: false,
    }));
    const authenticator = Buffer.concat([sha256(site), Buffer.from([flags, 0, 0, 0, 9])]);
    const signed = Buffer.concat([authenticator, sha256(client)]);
    const edwards = key.asymmetricKeyType === "ed25519";
    const signature = sign(edwards ? null : "sha256", signed, key);
    if (which === "altered") authenticator[36] ^= 1;
    const id = text(sha256(createPublicKey(key).export({ type: "spki", format: "der" })));
    return {
        id, rawId: id, type: "public-key", clientExtensionResults: {},
        response: { authenticatorData: text(authenticator), clientDataJSON: text(client),
            signature: text(signature) },
    };
}

async function judge(response, challenge, key) {
    const found = createRequire(process.env.WEBAUTHN_MODULES + "/package.json")
        .resolve("@simplewebauthn/server");
    const { verifyAuthenticationResponse } = await import(pathToFileURL(found));
    try {
        const result = await verifyAuthenticationResponse({
            response, expectedChallenge: text(challenge), expectedOrigin: ORIGIN, expectedRPID: SITE,
            requireUserVerification: true,
            credential: { id: response.id, publicKey: new Uint8Array(coseKey(key)), counter: 0 },
        });
        return result.verified ? "accepted" : "refused: not verified";
    } catch (error) {
        return `refused: ${error.message}`;
    }
}

const [verb, ...words] = process.argv.slice(2);
if (verb === "make") {
    make(...words);
} else {
    const [name, request, which, file] = words;
    const key = createPrivateKey(readFileSync(`${name}.pem`));
    const challenge = sha256(readFileSync(request));
    const response = answer(key, challenge, which);
    writeFileSync(file, JSON.stringify(response));
    console.log(await judge(response, challenge, createPublicKey(key)));
}
