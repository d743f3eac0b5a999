/** The module, as `core/bytes.ts` or `core/bytes.web.ts` reads it. */
export const wasm: string;
