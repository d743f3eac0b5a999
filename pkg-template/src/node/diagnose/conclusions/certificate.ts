import { type Finding, finding } from '../findings.js';
import type { Observations } from '../observations.js';

/** Of OpenSSL's verdicts, those that are neither about the name nor about the time are about trust. */
export function isOfCertificate(code: string): boolean {
  return /^(CERT_|DEPTH_ZERO_|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH)/.test(code);
}

/** Whether the server's certificate is the server's. */
export function* ofTheCertificate({ targetTls, signOn }: Observations): Generator<Finding> {
  const code = signOn?.trouble?.code ?? '';
  const reason = targetTls?.reason ?? '';
  if (targetTls === undefined) return;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') yield finding('certificate-wrong-name', targetTls.subject);
  else if (/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/.test(code || reason))
    yield finding('certificate-expired', targetTls.validTo);
  else if (isOfCertificate(code)) yield finding('certificate-untrusted', `issued by ${targetTls.issuer}`);
  else if (!targetTls.publiclyTrusted) yield finding('tls-inspected', `issued by ${targetTls.issuer}`);
}
