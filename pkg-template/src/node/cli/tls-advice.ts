/** TLS errors of Node say what is wrong with the certificate, not what to do about it. */
const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
]);

export function tlsAdvice(code: string | undefined): string | undefined {
  if (!UNTRUSTED.has(code ?? '')) return undefined;
  return 'nothing that is trusted here vouches for this certificate: if TLS is inspected in this network, give the certificate of the inspection with --ca';
}
