import forge from 'node-forge/lib/forge.js';
import 'node-forge/lib/pkcs12.js';

/**
 * Reads PKCS#12 in the encryption of old systems (RC2, triple DES), which OpenSSL 3 does not read. Bundled into a separate file
 * with node-forge, because few programs need it.
 *
 * @returns the certificate (DER) of the private key; undefined without a private key.
 */
export function readLegacyPkcs12(bytes: Uint8Array, passphrase: string): Uint8Array | undefined {
  const { asn1, pkcs12, pki } = forge;
  const file = pkcs12.pkcs12FromAsn1(
    asn1.fromDer(forge.util.createBuffer(Buffer.from(bytes).toString('latin1'))),
    false,
    passphrase,
  );
  const bagsOf = (type: string): ForgeBag[] => file.getBags({ bagType: type })[type] ?? [];
  const { certBag, keyBag, pkcs8ShroudedKeyBag } = pki.oids;
  const key = [...bagsOf(pkcs8ShroudedKeyBag), ...bagsOf(keyBag)][0];
  if (key === undefined) return undefined;
  const idOf = ({ attributes }: ForgeBag): string | undefined => attributes.localKeyId?.[0];
  const certificates = bagsOf(certBag);
  const found = certificates.find((bag) => idOf(bag) !== undefined && idOf(bag) === idOf(key)) ?? certificates[0];
  if (found === undefined) return undefined;
  // Only certificates with RSA keys are parsed.
  const der = asn1.toDer(found.cert ? pki.certificateToAsn1(found.cert) : found.asn1);
  return Buffer.from(der.getBytes(), 'latin1');
}

type ForgeBag = forge.Bag;
