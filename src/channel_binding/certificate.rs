//! Finds a certificate in the formats that users have, and the hash that its signature names. Parses only what this needs.

use crate::crypto::CertificateHash;
use crate::error::{Error, ErrorKind};
use crate::wire::der::{expect, next};
use crate::wire::{ascii, base64};
use alloc::borrow::Cow;
use alloc::vec::Vec;

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;
const CONTEXT_0: u8 = 0xa0;

/// Returns the DER of the (end-entity) certificate in DER, PEM, base64 or PKCS#7.
pub fn find(input: &[u8]) -> Result<Cow<'_, [u8]>, Error> {
    if input.first() == Some(&SEQUENCE) {
        return from_der(input).map(Cow::Borrowed);
    }
    let der = base64::decode_bytes(pem_body(input).unwrap_or(input)).map_err(|_| ErrorKind::BadCertificate)?;
    from_der(&der).map(|certificate| Cow::Owned(certificate.to_vec()))
}

/// Returns the base64 of the first PEM block that contains certificates; private keys and comments may surround it.
fn pem_body(mut text: &[u8]) -> Option<&[u8]> {
    loop {
        let (_, block) = ascii::split_once(text, b"-----BEGIN ")?;
        let (label, body) = ascii::split_once(block, b"-----")?;
        if label.ends_with(b"CERTIFICATE") || label == b"PKCS7" || label == b"CMS" {
            return ascii::split_once(body, b"-----END ").map(|(body, _)| body);
        }
        text = body;
    }
}

fn from_der(input: &[u8]) -> Result<&[u8], Error> {
    certificate_in(input)
        .filter(|certificate| hash_of_signature(certificate).is_some())
        .ok_or(ErrorKind::BadCertificate.into())
}

/// Returns the certificate at the start of the input without trailing bytes, or the end-entity certificate of a PKCS#7 structure.
fn certificate_in(mut input: &[u8]) -> Option<&[u8]> {
    let outer = next(&mut input).filter(|element| element.tag == SEQUENCE)?;
    let mut content = outer.content;
    if content.first() == Some(&OBJECT_IDENTIFIER) {
        end_entity(&certificates(&mut content)?)
    } else {
        Some(outer.whole)
    }
}

/// Returns the certificates of `SignedData` (RFC 5652 5.1) in `ContentInfo`.
fn certificates<'a>(content_info: &mut &'a [u8]) -> Option<Vec<&'a [u8]>> {
    expect(content_info, OBJECT_IDENTIFIER)?;
    let mut explicit = expect(content_info, CONTEXT_0)?;
    let mut signed_data = expect(&mut explicit, SEQUENCE)?;
    loop {
        let element = next(&mut signed_data)?;
        if element.tag == CONTEXT_0 {
            return elements(element.content);
        }
    }
}

/// Returns the bytes of each element of a sequence or set.
fn elements(mut content: &[u8]) -> Option<Vec<&[u8]>> {
    let mut found = Vec::new();
    while !content.is_empty() {
        found.push(next(&mut content)?.whole);
    }
    Some(found)
}

/// Returns the certificate that issued none of the others: PKCS#7 stores them in no particular order.
fn end_entity<'a>(certificates: &[&'a [u8]]) -> Option<&'a [u8]> {
    let mut names = Vec::new();
    for certificate in certificates {
        names.push(issuer_and_subject(certificate)?);
    }
    let issued_none = |index: usize, subject: &[u8]| {
        !names.iter().enumerate().any(|(other, (issuer, _))| other != index && *issuer == subject)
    };
    let index = names.iter().enumerate().position(|(index, (_, subject))| issued_none(index, subject))?;
    certificates.get(index).copied()
}

/// Returns `issuer` and `subject` of `TBSCertificate` (RFC 5280 4.1): the third and the fifth element after the optional version.
fn issuer_and_subject(mut certificate: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut content = expect(&mut certificate, SEQUENCE)?;
    let fields = elements(expect(&mut content, SEQUENCE)?)?;
    let has_version = fields.first()?.first() == Some(&CONTEXT_0);
    let issuer = usize::from(has_version) + 2;
    Some((fields.get(issuer)?, fields.get(issuer + 2)?))
}

/// Returns the hash for the channel binding: that of the signature algorithm, but SHA-256 for MD5 and SHA-1 (RFC 5929 4.1).
///
/// RFC 5929 has no rule for signatures without a single hash function (Ed25519, Ed448) or for unknown ones.
/// SHA-256 is used, as in other implementations.
pub fn signature_hash(certificate: &[u8]) -> Result<CertificateHash, Error> {
    hash_of_signature(certificate).ok_or(ErrorKind::BadCertificate.into())
}

fn hash_of_signature(mut certificate: &[u8]) -> Option<CertificateHash> {
    let mut content = expect(&mut certificate, SEQUENCE)?;
    expect(&mut content, SEQUENCE)?; // the signed part
    let mut algorithm = expect(&mut content, SEQUENCE)?;
    let identifier = expect(&mut algorithm, OBJECT_IDENTIFIER)?;
    if identifier == RSASSA_PSS && !algorithm.is_empty() {
        return pss_hash(algorithm);
    }
    Some(hash_of(identifier))
}

/// Returns the hash in `RSASSA-PSS-params` (RFC 4055 3.1), where it is the first, optional element.
fn pss_hash(mut parameters: &[u8]) -> Option<CertificateHash> {
    let mut fields = expect(&mut parameters, SEQUENCE)?;
    let Some(mut explicit) = expect(&mut fields, CONTEXT_0) else { return Some(CertificateHash::Sha256) };
    let mut algorithm = expect(&mut explicit, SEQUENCE)?;
    Some(hash_of(expect(&mut algorithm, OBJECT_IDENTIFIER)?))
}

/// The content of the object identifier 1.2.840.113549.1.1.10.
const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];

/// Signature and hash algorithms whose hash is not SHA-256, by object identifier content.
const HASHES: &[(&[u8], CertificateHash)] = &[
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c], CertificateHash::Sha384), // sha384WithRSAEncryption
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d], CertificateHash::Sha512), // sha512WithRSAEncryption
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0e], CertificateHash::Sha224), // sha224WithRSAEncryption
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x01], CertificateHash::Sha224),       // ecdsa-with-SHA224
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03], CertificateHash::Sha384),       // ecdsa-with-SHA384
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04], CertificateHash::Sha512),       // ecdsa-with-SHA512
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02], CertificateHash::Sha384), // id-sha384
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03], CertificateHash::Sha512), // id-sha512
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04], CertificateHash::Sha224), // id-sha224
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x01], CertificateHash::Sha224), // id-dsa-with-sha224
];

fn hash_of(algorithm: &[u8]) -> CertificateHash {
    HASHES.iter().find(|(identifier, _)| *identifier == algorithm).map_or(CertificateHash::Sha256, |(_, hash)| *hash)
}
