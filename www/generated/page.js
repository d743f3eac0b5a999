/* @ts-self-types="./ntlm_wasm.d.ts" */
import { fillRandomly } from '../random.js';


/**
 * All that lives in the module.
 */
export class Core {
__destroy_into_raw() {
                const ptr = this.__wbg_ptr;
this.__wbg_ptr = 0;
CoreFinalization.unregister(this);
return ptr;
            }
            free() {
                const ptr = this.__destroy_into_raw();
                wasm.__wbg_core_free(ptr, 0);
            }
            /**
 * Does something with so many bytes of the exchange, at a time in milliseconds since 1970. What comes back is the length
 * of the answer in the exchange, or a number if the operation says so, or an error below zero.
 * @param {Operation} operation
 * @param {number} handle
 * @param {number} length
 * @param {number} detail
 * @param {number} now
 * @returns {number}
 */
call(operation, handle, length, detail, now) {
const ret = wasm.core_call(this.__wbg_ptr, operation, handle, length, detail, now);
return ret;
}
/**
 * Begins with nothing in it.
 */
constructor() {
const ret = wasm.core_new();
this.__wbg_ptr = ret;
CoreFinalization.register(this, this.__wbg_ptr, this);
return this;
}
/**
 * Where the exchange lies, which has room for so many bytes from now on.
 * @param {number} size
 * @returns {number}
 */
room(size) {
const ret = wasm.core_room(this.__wbg_ptr, size);
return ret >>> 0;
}
}

/**
 * What to do. Where nothing else is said, the answer is bytes in the exchange.
 * @enum {0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16 | 17 | 18 | 19 | 20 | 21 | 22 | 23 | 24 | 25 | 26 | 27}
 */
export const Operation = /* @__PURE__ */ Object.freeze({
/**
 * Gives up what a number stands for, and wipes its secrets.
 */
Close: 0, "0": "Close",
/**
 * Forgets a client's handshake.
 */
Reset: 1, "1": "Reset",
/**
 * A number: 1 when a client's last token was made, plus twice the kind of response that was sent (1 NTLMv1,
 * 2 NTLM2 session, 3 NTLMv2, 0 none).
 */
State: 2, "2": "State",
/**
 * A number: the session that protects the messages to come; an error before the handshake has come so far.
 */
ClientSession: 3, "3": "ClientSession",
/**
 * A number: where a dialogue stands; 1 when the final token was accepted, plus 2 with NTLM in use, 4 with Negotiate.
 */
HttpState: 4, "4": "HttpState",
/**
 * A number: 1 if a server's challenge waits for its answer.
 */
Challenged: 5, "5": "Challenged",
/**
 * A client's first token.
 */
Start: 6, "6": "Start",
/**
 * The first leg's header on a new connection, in the form of what comes next.
 */
Begin: 7, "7": "Begin",
/**
 * In datagram mode, says which message comes next in a session: the detail.
 */
SetSequence: 8, "8": "SetSequence",
/**
 * The flags that a session was agreed on with, in four bytes.
 */
SessionFlags: 9, "9": "SessionFlags",
/**
 * The NT hash of a password in UTF-16LE.
 */
NtHash: 10, "10": "NtHash",
/**
 * The hash that binds to a certificate whose own hash is given.
 */
EndPoint: 11, "11": "EndPoint",
/**
 * Whether what proves an account fits a handshake: given are the proof, messages 1 (or nothing), 2 and 3. The answer: the
 * kind of the response (1 NTLMv1, 2 NTLM2 session, 3 NTLMv2), the message integrity code (0 absent, 1 right, 2 wrong,
 * 3 not checked), the session key.
 */
Examine: 12, "12": "Examine",
/**
 * A number: a client for the given scheme and options.
 */
Client: 13, "13": "Client",
/**
 * A client's answer to a token; empty when nothing is left to send. The detail's first bit: it is given in base64 or as a
 * header's value.
 */
Step: 14, "14": "Step",
/**
 * A number: a dialogue for the given side (0 origin, 1 proxy), how many schemes, each of them, and options.
 */
Http: 15, "15": "Http",
/**
 * What comes next after a response, whose challenges are given one a line. The detail: the status, and the lowest bit
 * below it, whether the connection stays open. The answer is empty where the response is the caller's; else it is the
 * header's token, its scheme (1 NTLM, 2 Negotiate), and what to do (`+` send, `!` send the last leg, `<` reconnect).
 */
Next: 16, "16": "Next",
/**
 * A number: a server with the given options.
 */
Server: 17, "17": "Server",
/**
 * A server's answer to message 1, or to a first token of SPNEGO that holds none yet. The detail is as in a client's step.
 */
Challenge: 18, "18": "Challenge",
/**
 * Reads message 3, which uses the challenge up; the detail's first bit as in a client's step. The answer: whether it is
 * anonymous, user name, domain, workstation, the claim's number.
 */
Receive: 19, "19": "Receive",
/**
 * Checks a claim, which uses it up, against what proves the account. The answer: the kind of the response (1 NTLMv1,
 * 2 NTLM2 session, 3 NTLMv2, 0 for an anonymous client), whether the messages were protected against changes, the proven
 * domain, the service that was meant, the last token for the client, the number of the session.
 *
 * Without an account it takes as long as with a wrong password; a client that wants to be nobody may pass.
 */
Verify: 20, "20": "Verify",
/**
 * Signs the next outgoing message: the signature. From here on the detail is the message's length, behind which a
 * signature may stand.
 */
Sign: 21, "21": "Sign",
/**
 * Checks the next incoming message: nothing.
 */
CheckSignature: 22, "22": "CheckSignature",
/**
 * Encrypts and signs the next outgoing message: the signature, then the sealed bytes.
 */
Seal: 23, "23": "Seal",
/**
 * Decrypts and checks the next incoming message: the plain text.
 */
Unseal: 24, "24": "Unseal",
/**
 * Seals, or signs where sealing was not agreed on, into one piece.
 */
Wrap: 25, "25": "Wrap",
/**
 * Takes apart what the other side wrapped.
 */
Unwrap: 26, "26": "Unwrap",
/**
 * The key that other protocols take from a session.
 */
Key: 27, "27": "Key",
});

/**
 * `tls-server-end-point:` and the hash of a certificate in DER, PEM, base64 or PKCS#7; nothing if there is none in it.
 * @param {Uint8Array | number[]} certificate
 * @returns {Uint8Array}
 */
export function endPoint(certificate) {
const ptr0 = passArray8ToWasm0(certificate, wasm.__wbindgen_malloc);
const len0 = WASM_VECTOR_LEN;
const ret = wasm.endPoint(ptr0, len0);
var v2 = getArrayU8FromWasm0(ret[0], ret[1]).slice();
wasm.__wbindgen_free(ret[0], ret[1] * 1, 1);
return v2;
}

/**
 * The first token of an input, explained; empty if there is none. Empty means absent for the earlier tokens too, and what is
 * no number for the time in milliseconds since 1970.
 * @param {Uint8Array | number[]} input
 * @param {Uint8Array | number[]} negotiate
 * @param {Uint8Array | number[]} challenge
 * @param {number} now
 * @returns {string}
 */
export function explain(input, negotiate, challenge, now) {
let deferred5_0;
let deferred5_1;
try {
const val4 = +now;
let ptr0, len0, ptr1, len1, ptr2, len2;
try {
ptr0 = passArray8ToWasm0(input, wasm.__wbindgen_malloc);
len0 = WASM_VECTOR_LEN;
ptr1 = passArray8ToWasm0(negotiate, wasm.__wbindgen_malloc);
len1 = WASM_VECTOR_LEN;
ptr2 = passArray8ToWasm0(challenge, wasm.__wbindgen_malloc);
len2 = WASM_VECTOR_LEN;
} catch (e) {
if (ptr2) { wasm.__wbindgen_free(ptr2, len2 * 1, 1); }
if (ptr1) { wasm.__wbindgen_free(ptr1, len1 * 1, 1); }
if (ptr0) { wasm.__wbindgen_free(ptr0, len0 * 1, 1); }
throw e;
}
const ret = wasm.explain(ptr0, len0, ptr1, len1, ptr2, len2, val4);
deferred5_0 = ret[0];
deferred5_1 = ret[1];
return getStringFromWasm0(ret[0], ret[1]);
} finally {
wasm.__wbindgen_free(deferred5_0, deferred5_1, 1);
}
}

/**
 * Where the tokens of an input are.
 * @param {Uint8Array | number[]} input
 * @returns {string}
 */
export function find(input) {
let deferred2_0;
let deferred2_1;
try {
const ptr0 = passArray8ToWasm0(input, wasm.__wbindgen_malloc);
const len0 = WASM_VECTOR_LEN;
const ret = wasm.find(ptr0, len0);
deferred2_0 = ret[0];
deferred2_1 = ret[1];
return getStringFromWasm0(ret[0], ret[1]);
} finally {
wasm.__wbindgen_free(deferred2_0, deferred2_1, 1);
}
}
function __wbg_get_imports() {
            const import0 = {
            __proto__: null,
        __wbg___wbindgen_throw_4c88d8bf264fd984: function(arg0, arg1) {
throw new Error(getStringFromWasm0(arg0, arg1));
},
__wbg_fillRandomly_52de65febcf2f5b0: function(arg0, arg1) {
const ret = fillRandomly(arg0 >>> 0, arg1 >>> 0);
return ret;
},
__wbindgen_init_externref_table: function() {
const table = wasm.__wbindgen_externrefs;
table.set(0, undefined);
table.set(1024, undefined);
table.set(1025, null);
table.set(1026, true);
table.set(1027, false);
},
};
        return {
            __proto__: null,
            "./ntlm_wasm_bg.js": import0,
        };
}

const CoreFinalization = (typeof FinalizationRegistry === 'undefined')
? { register: () => {}, unregister: () => {} }
: /* @__PURE__ */ new FinalizationRegistry(ptr => wasm.__wbg_core_free(ptr, 1));

function getArrayU8FromWasm0(ptr, len) {
                    ptr = ptr >>> 0;
                    return getUint8ArrayMemory0().subarray(ptr / 1, ptr / 1 + len);
                }

function getStringFromWasm0(ptr, len) {
                    ptr = ptr >>> 0;
                    return decodeText(getUint8ArrayMemory0().subarray(ptr, ptr + len));
                }

let cachedUint8ArrayMemory0 = null;
                function getUint8ArrayMemory0() {
                    if (cachedUint8ArrayMemory0 === null || cachedUint8ArrayMemory0.byteLength === 0) {
                        cachedUint8ArrayMemory0 = new Uint8Array(wasm.memory.buffer);
                    }
                    return cachedUint8ArrayMemory0;
                }

function passArray8ToWasm0(arg, malloc) {
                    const ptr = malloc(arg.length * 1, 1) >>> 0;
                    getUint8ArrayMemory0().set(arg, ptr / 1);
                    WASM_VECTOR_LEN = arg.length;
                    return ptr;
                }

let cachedTextDecoder = /* @__PURE__ */ new TextDecoder('utf-8', { ignoreBOM: true });
                        const MAX_SAFARI_DECODE_BYTES = 2146435072;
                        let numBytesDecoded = 0;
                        function decodeText(bytes) {
                            numBytesDecoded += bytes.length;
                            if (numBytesDecoded >= MAX_SAFARI_DECODE_BYTES) {
                                cachedTextDecoder = /* @__PURE__ */ new TextDecoder('utf-8', { ignoreBOM: true });
                                numBytesDecoded = bytes.length;
                            }
                            return cachedTextDecoder.decode(bytes);
                        }

let WASM_VECTOR_LEN = 0;

let wasm;

export function instantiate(bytes) {
    wasm = new WebAssembly.Instance(new WebAssembly.Module(bytes), __wbg_get_imports()).exports;
    wasm.__wbindgen_start();
    return wasm.memory;
}
