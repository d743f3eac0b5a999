/**
 * The WebAssembly modules as the package hands them to the engine, whatever dress they wear in its files: caught on their way.
 * Prints them in base64.
 */
const { Module } = WebAssembly;
const caught = [];
WebAssembly.Module = class extends Module {
  constructor(bytes) {
    super(bytes);
    caught.push(Buffer.from(bytes).toString('base64'));
  }
};
const { NtlmClient, decode } = await import('ntlm-wasm');
const tokens = new NtlmClient({}).negotiate();
decode(tokens);
process.stdout.write(JSON.stringify(caught));
