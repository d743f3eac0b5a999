import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as tls from 'node:tls';
import { test } from 'node:test';
import { channelBindings, NtlmClient, NtlmError } from '../../../pkg/dist/index.js';
import { certificateFrom } from '../../../pkg/dist/node/index.js';

const { certificate, other, rsa, subject, pfx, jks } = JSON.parse(
  readFileSync(new URL('../../vectors/key-stores.json', import.meta.url), 'utf8'),
);
const store = (name) => Buffer.from(pfx[name], 'base64');
const { fingerprint256 } = new X509Certificate(certificate);

test('PKCS#12: the certificate that the key belongs to, whatever else is in it', () => {
  for (const source of [
    { pfx: store('with-chain'), passphrase: 'secret' },
    { pfx: new Uint8Array(store('with-chain')), passphrase: 'secret', subject: 'other.lab.example' },
    { pfx: store('without-passphrase'), passphrase: '' },
    { pfx: store('without-passphrase') },
  ]) {
    assert.equal(certificateFrom(source).fingerprint256, fingerprint256);
  }
});

test('PKCS#12 of old systems, with RC2, triple DES and SHA-1', () => {
  for (const [name, passphrase] of [
    ['legacy', 'secret'],
    ['legacy-triple-des', 'secret'],
    ['legacy-without-passphrase', ''],
    ['legacy-without-passphrase', undefined],
  ]) {
    assert.equal(certificateFrom({ pfx: store(name), passphrase }).fingerprint256, fingerprint256, name);
  }
  const found = certificateFrom({ pfx: store('legacy-rsa'), passphrase: 'secret' });
  assert.equal(found.fingerprint256, new X509Certificate(rsa).fingerprint256);
});

test('Java key stores: the certificate of the key, or the one with the subject', () => {
  for (const format of ['jks', 'jceks']) {
    const bytes = Buffer.from(jks[format], 'base64');
    for (const source of [
      { jks: bytes },
      { jks: bytes, passphrase: 'secret1' },
      { pfx: bytes, passphrase: 'secret1' },
    ]) {
      assert.equal(certificateFrom(source).fingerprint256, fingerprint256, format);
    }
    const ofOther = certificateFrom({ jks: bytes, subject: 'proxy.lab.example' });
    assert.equal(ofOther.fingerprint256, new X509Certificate(other).fingerprint256);
  }
  for (let length = 4; length < Buffer.from(jks.jks, 'base64').length; length += 7) {
    const cut = Buffer.from(jks.jks, 'base64').subarray(0, length);
    assert.throws(() => certificateFrom({ jks: cut }), { code: 'ERR_NTLM_BAD_CERTIFICATE' }, `${length} bytes`);
  }
  // PKCS#12 under the name of a Java key store.
  assert.equal(certificateFrom({ jks: store('legacy'), passphrase: 'secret' }).fingerprint256, fingerprint256);
});

test('PEM: the first, or the one with the subject', () => {
  const pem = `some words\n${other}\n${certificate}`;
  assert.notEqual(certificateFrom({ pem }).fingerprint256, fingerprint256);
  assert.equal(certificateFrom({ pem, subject: '*' }).fingerprint256, certificateFrom({ pem }).fingerprint256);
  for (const wanted of [subject, 'O=Lab\nCN=other.lab.example', 'CN=Other.Lab.Example', ' other.lab.example ']) {
    assert.equal(certificateFrom({ pem, subject: wanted }).fingerprint256, fingerprint256, wanted);
    assert.equal(certificateFrom({ pem: Buffer.from(pem), subject: wanted }).fingerprint256, fingerprint256);
  }
});

test('it is what channelBindings takes', () => {
  const found = certificateFrom({ pfx: store('with-chain'), passphrase: 'secret' });
  assert.deepEqual(channelBindings(found), channelBindings(certificate));
  const client = new NtlmClient({ username: 'alice', password: 'secret', channelBindings: found });
  assert.match(client.negotiate(), /^TlRMTVNTUAAB/);
});

test('what cannot be read says why, and what to do, without the passphrase', () => {
  const damaged = Uint8Array.of(0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2, 0, 0, 0, 1);
  for (const [source, message, advice] of [
    [{ pfx: store('with-chain'), passphrase: 'wrong-secret' }, /passphrase is not that/, /exported with/],
    [{ pfx: store('with-chain') }, /passphrase/, /exported/],
    [{ pfx: store('legacy'), passphrase: 'wrong-secret' }, /passphrase is not that/, /exported with/],
    [{ pfx: store('legacy-without-key'), passphrase: 'secret' }, /no private key/, /PEM/],
    [{ pfx: store('legacy').subarray(0, 300), passphrase: 'wrong-secret' }, /no PKCS#12 file/, /PEM/],
    [{ pfx: store('without-key'), passphrase: 'secret' }, /no private key/, /PEM/],
    [{ pfx: Buffer.from('nonsense'), passphrase: 'wrong-secret' }, /no PKCS#12 file/, /PEM/],
    [{ pfx: Buffer.from(jks.jks, 'base64'), passphrase: 'wrong-secret' }, /passphrase is not that/, /keytool -list/],
    [{ jks: damaged }, /Java key store is damaged/, /keytool -list/],
    [{ pem: 'nonsense' }, /no certificate in this PEM/, /BEGIN CERTIFICATE/],
    [{ pem: certificate.replace(/\n.{20}/, '\nAAAA') }, /damaged/, /once more/],
    [
      { pem: certificate, subject: 'nobody' },
      /none of the 1 certificates has the subject "nobody"/,
      /other\.lab\.example/,
    ],
    [{}, /no certificate to read/, /pfx/],
  ]) {
    assert.throws(
      () => certificateFrom(source),
      (error) => {
        assert.ok(error instanceof NtlmError && error.code === 'ERR_NTLM_BAD_CERTIFICATE', String(error));
        assert.match(error.message, message);
        assert.match(error.advice, advice);
        assert.doesNotMatch(`${error.message} ${error.advice}`, /wrong-secret/);
        return true;
      },
    );
  }
});

test('what the operating system trusts, where Node can read it', () => {
  const find = () => certificateFrom({ store: 'system', subject: 'no such authority anywhere' });
  const expected = 'getCACertificates' in tls ? /has the subject/ : /cannot read what the operating system trusts/;
  assert.throws(find, (error) => error.code === 'ERR_NTLM_BAD_CERTIFICATE' && expected.test(error.message));
});
