import { endPoint, instantiate } from './generated/certificate.js';
import { wasm } from './generated/certificate-wasm.js';
import { bytesOf } from './bytes.js';

/** What reads certificates. */
export interface Certificates {
  endPoint: typeof endPoint;
}

let loaded: Certificates | undefined;

/** What reads certificates: a module of its own, compiled at the first call, as most handshakes have no channel to bind to. */
export function loadCertificates(): Certificates {
  if (loaded === undefined) {
    instantiate(bytesOf(wasm));
    loaded = { endPoint };
  }
  return loaded;
}
