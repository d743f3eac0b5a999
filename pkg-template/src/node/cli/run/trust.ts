import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { type PrivateFolder, readText, type Variables } from './files.js';

/**
 * Variables that name the certificates to trust, which replace the usual ones. If a variable is not set, the program reads
 * the others of its row, in this order.
 */
const REPLACING: Readonly<Record<string, readonly string[]>> = {
  SSL_CERT_FILE: [],
  NIX_SSL_CERT_FILE: ['SSL_CERT_FILE'],
  CURL_CA_BUNDLE: ['SSL_CERT_FILE'],
  REQUESTS_CA_BUNDLE: ['CURL_CA_BUNDLE'],
  PIP_CERT: ['REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'SSL_CERT_FILE'],
  CONDA_SSL_VERIFY: ['REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'],
  AWS_CA_BUNDLE: ['REQUESTS_CA_BUNDLE'],
  HTTPLIB2_CA_CERTS: [],
  CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE: [],
  GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: [],
  CARGO_HTTP_CAINFO: ['SSL_CERT_FILE'],
  GIT_SSL_CAINFO: [],
  npm_config_cafile: [],
  YARN_HTTPS_CA_FILE_PATH: [],
  PERL_LWP_SSL_CA_FILE: ['HTTPS_CA_FILE', 'SSL_CERT_FILE'],
  BUNDLE_SSL_CA_CERT: ['SSL_CERT_FILE'],
  COMPOSER_CAFILE: ['SSL_CERT_FILE'],
};

/** Variables that name certificates to trust next to the usual ones. */
const ADDING = ['NODE_EXTRA_CA_CERTS', 'DENO_CERT'] as const;

/** Where distributions keep the certificates that the system trusts. */
const SYSTEM_STORES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** The certificates of `--ca`, added to what each program trusts already. */
export class Trust {
  readonly #certificates: readonly string[];
  readonly #files: PrivateFolder;
  #usual: readonly string[] | undefined;

  /** @param certificates PEM, any number of them. */
  constructor(certificates: string, files: PrivateFolder) {
    this.#certificates = pemBlocks(certificates);
    this.#files = files;
  }

  /**
   * A file with these certificates and those that the program trusts now: those of the file or folder `own`, or the usual
   * ones if it names none.
   */
  bundle(own?: string): string {
    return this.#write(certificatesOf(own) ?? this.usual());
  }

  /** The same, without the usual ones. */
  additions(own?: string): string {
    return this.#write(certificatesOf(own) ?? []);
  }

  /** These certificates and those that most programs trust: the system's and Mozilla's. */
  all(): readonly string[] {
    return [...new Set([...this.usual(), ...this.#certificates])];
  }

  usual(): readonly string[] {
    this.#usual ??= [...new Set([...systemCertificates(), ...rootCertificates.map((pem) => pem.trim())])];
    return this.#usual;
  }

  /** @param git the file of git's own setting `http.sslCAInfo`. */
  variables(env: NodeJS.ProcessEnv, git?: string): Variables {
    const variables: Variables = {};
    for (const [name, others] of Object.entries(REPLACING)) {
      const own = [name, ...others].map((variable) => env[variable]).find((value) => value);
      // conda: the user has turned verification off.
      if (name === 'CONDA_SSL_VERIFY' && /^(false|no|0)$/i.test(own ?? '')) continue;
      variables[name] = this.bundle(name === 'GIT_SSL_CAINFO' ? (own ?? git) : own);
    }
    for (const name of ADDING) variables[name] = this.additions(env[name]);
    return variables;
  }

  #write(certificates: readonly string[]): string {
    const text = `${[...new Set([...certificates, ...this.#certificates])].join('\n')}\n`;
    const name = createHash('sha256').update(text).digest('hex').slice(0, 16);
    return this.#files.write(`certificates-${name}.pem`, text);
  }
}

function systemCertificates(): readonly string[] {
  for (const file of SYSTEM_STORES) {
    const found = pemBlocks(readText(file) ?? '');
    if (found.length > 0) return found;
  }
  return [];
}

/** The certificates of a file or of the files of a folder; undefined if there are none. */
function certificatesOf(path: string | undefined): readonly string[] | undefined {
  if (!path) return undefined;
  const found = filesOf(path).flatMap((file) => pemBlocks(readText(file) ?? ''));
  return found.length > 0 ? found : undefined;
}

function filesOf(path: string): readonly string[] {
  try {
    return statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];
  } catch {
    return [];
  }
}

export function pemBlocks(text: string): string[] {
  const blocks = text.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED )?CERTIFICATE-----/g);
  return (blocks ?? []).map((block) => block.replace(/\r\n/g, '\n'));
}
