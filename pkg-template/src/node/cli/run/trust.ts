import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';

/** Variables that name certificates to trust instead of the program's own: they get ours and the usual ones. */
const REPLACING = [
  'SSL_CERT_FILE',
  'CURL_CA_BUNDLE',
  'REQUESTS_CA_BUNDLE',
  'PIP_CERT',
  'CONDA_SSL_VERIFY',
  'CARGO_HTTP_CAINFO',
  'GIT_SSL_CAINFO',
  'DENO_CERT',
  'NIX_SSL_CERT_FILE',
  'AWS_CA_BUNDLE',
  'npm_config_cafile',
  'YARN_HTTPS_CA_FILE_PATH',
];

export interface Trust {
  readonly variables: Record<string, string>;
  /** Removes the file that the variables name. */
  remove(): void;
}

/** Makes a command and what it starts trust these certificates (PEM) beside the usual ones. */
export function trustVariables(certificates: string, certificatesFile: string, env: NodeJS.ProcessEnv): Trust {
  const folder = mkdtempSync(join(tmpdir(), 'ntlm-wasm-'));
  const bundle = join(folder, 'certificates.pem');
  writeFileSync(bundle, `${[...rootCertificates, certificates.trim()].join('\n')}\n`, { mode: 0o600 });
  return {
    variables: {
      ...Object.fromEntries(REPLACING.map((name) => [name, bundle])),
      NODE_EXTRA_CA_CERTS: certificatesFile,
      WGETRC: wgetSettings(folder, bundle, env),
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** wget has no variable for certificates, but one for its settings: the user's own, and a line more. */
function wgetSettings(folder: string, bundle: string, env: NodeJS.ProcessEnv): string {
  const own = env['WGETRC'] ?? join(env['HOME'] ?? homedir(), '.wgetrc');
  const settings = join(folder, 'wgetrc');
  const kept = existsSync(own) ? `${readFileSync(own, 'utf8').trimEnd()}\n` : '';
  writeFileSync(settings, `${kept}ca_certificate = ${bundle}\n`, { mode: 0o600 });
  return settings;
}
