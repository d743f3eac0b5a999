declare module 'node-forge/lib/forge.js' {
  namespace forge {
    interface Buffer {
      getBytes(): string;
    }
    interface Asn1 {
      readonly asn1: never;
    }
    interface Bag {
      readonly attributes: { readonly localKeyId?: readonly string[] };
      /** Null if the key of the certificate is not RSA. */
      readonly cert?: { readonly certificate: never } | null;
      readonly asn1: Asn1;
    }
  }
  const forge: {
    util: { createBuffer(binary: string): forge.Buffer };
    asn1: { fromDer(bytes: forge.Buffer): forge.Asn1; toDer(tree: forge.Asn1): forge.Buffer };
    pkcs12: {
      pkcs12FromAsn1(
        tree: forge.Asn1,
        strict: boolean,
        passphrase: string,
      ): { getBags(filter: { bagType: string }): Record<string, forge.Bag[] | undefined> };
    };
    pki: {
      oids: { certBag: string; keyBag: string; pkcs8ShroudedKeyBag: string };
      certificateToAsn1(certificate: NonNullable<forge.Bag['cert']>): forge.Asn1;
    };
  };
  export default forge;
}

declare module 'node-forge/lib/pkcs12.js' {}
