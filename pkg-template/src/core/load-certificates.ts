import { endPoint, instantiate } from './generated/certificate.js';
import { hex } from './generated/certificate-wasm.js';
import { decodeHex } from './hex.js';

/** What reads certificates. */
export interface Certificates {
  endPoint: typeof endPoint;
}

let loaded: Certificates | undefined;

/** What reads certificates: a module of its own, compiled at the first call, as most handshakes have no channel to bind to. */
export function loadCertificates(): Certificates {
  if (loaded === undefined) {
    instantiate(decodeHex(hex));
    loaded = { endPoint };
  }
  return loaded;
}
