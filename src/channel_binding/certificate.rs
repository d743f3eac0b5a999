//! Finding a certificate in what users have, and the hash that its signature names. Reads DER by the `der` crate, no more of it than this needs.

use crate::crypto::CertificateHash;
use crate::error::{Error, ErrorKind};
use crate::wire::base64;
use alloc::borrow::Cow;
use alloc::vec::Vec;
use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Reader, SliceReader, Tag, TagMode, TagNumber, Tagged};
use spki::AlgorithmIdentifierRef;

type Der<T> = Result<T, der::Error>;

/// The DER of the (end-entity) certificate in DER, PEM, base64 or PKCS#7.
pub fn find(input: &[u8]) -> Result<Cow<'_, [u8]>, Error> {
    if input.first() == Some(&0x30) {
        return from_der(input).map(Cow::Borrowed);
    }
    let text = core::str::from_utf8(input).map_err(|_| ErrorKind::BadCertificate)?;
    let body = pem_body(text).unwrap_or(text);
    let der = base64::decode(body).map_err(|_| ErrorKind::BadCertificate)?;
    from_der(&der).map(|certificate| Cow::Owned(certificate.to_vec()))
}

/// The base64 of the first PEM block that holds certificates; private keys and comments may lie around it.
fn pem_body(text: &str) -> Option<&str> {
    text.split("-----BEGIN ").skip(1).find_map(|block| {
        let (label, rest) = block.split_once("-----")?;
        let holds_certificates = label.ends_with("CERTIFICATE") || label == "PKCS7" || label == "CMS";
        holds_certificates.then(|| rest.split_once("-----END ")).flatten().map(|(body, _)| body)
    })
}

fn from_der(input: &[u8]) -> Result<&[u8], Error> {
    let parse = || -> Der<Option<&[u8]>> {
        let mut outer = SliceReader::new(input)?;
        let content = sequence(&mut outer)?;
        let mut inner = SliceReader::new(content)?;
        if Tag::peek(&inner)? == Tag::ObjectIdentifier {
            return end_entity(&certificates(&mut inner)?);
        }
        let length = usize::try_from(outer.position())?;
        Ok(input.get(..length))
    };
    let certificate = parse().ok().flatten().ok_or(ErrorKind::BadCertificate)?;
    signature_hash(certificate).map(|_| certificate)
}

/// The certificates of `SignedData` (RFC 5652 5.1) within `ContentInfo`, whose first element is next.
fn certificates<'a>(content_info: &mut SliceReader<'a>) -> Der<Vec<&'a [u8]>> {
    let _content_type: ObjectIdentifier = content_info.decode()?;
    let explicit: AnyRef<'a> = content_info.decode()?;
    let mut signed_data = SliceReader::new(sequence(&mut SliceReader::new(explicit.value())?)?)?;
    let is_certificates = |tag: Tag| tag.is_context_specific() && tag.number() == TagNumber(0);
    loop {
        let element: AnyRef<'a> = signed_data.decode()?;
        if is_certificates(element.tag()) {
            return elements(element.value());
        }
    }
}

/// The bytes of each element of a sequence or set.
fn elements(content: &[u8]) -> Der<Vec<&[u8]>> {
    let mut reader = SliceReader::new(content)?;
    let mut found = Vec::new();
    while !reader.is_finished() {
        let start = usize::try_from(reader.position())?;
        let _element: AnyRef<'_> = reader.decode()?;
        found.extend(content.get(start..usize::try_from(reader.position())?));
    }
    Ok(found)
}

/// The certificate that issued none of the others: PKCS#7 keeps them in no order.
fn end_entity<'a>(certificates: &[&'a [u8]]) -> Der<Option<&'a [u8]>> {
    let names = certificates.iter().map(|certificate| issuer_and_subject(certificate)).collect::<Der<Vec<_>>>()?;
    let issued_none = |index: usize, subject: &[u8]| {
        !names.iter().enumerate().any(|(other, (issuer, _))| other != index && *issuer == subject)
    };
    let mut pairs = certificates.iter().zip(&names).enumerate();
    Ok(pairs.find(|(index, (_, (_, subject)))| issued_none(*index, subject)).map(|(_, (certificate, _))| *certificate))
}

/// `issuer` and `subject` of `TBSCertificate` (RFC 5280 4.1): the third element behind the optional version, and the second one behind that.
fn issuer_and_subject(certificate: &[u8]) -> Der<(&[u8], &[u8])> {
    let mut reader = SliceReader::new(certificate)?;
    let mut content = SliceReader::new(sequence(&mut reader)?)?;
    let fields = elements(sequence(&mut content)?)?;
    let has_version = fields.first().and_then(|field| field.first()) == Some(&0xa0);
    let mut fields = fields.into_iter().skip(usize::from(has_version) + 2);
    let missing = || Tag::Sequence.value_error();
    let issuer = fields.next().ok_or_else(missing)?;
    let subject = fields.nth(1).ok_or_else(missing)?;
    Ok((issuer, subject))
}

fn sequence<'a>(reader: &mut SliceReader<'a>) -> Der<&'a [u8]> {
    let element: AnyRef<'a> = reader.decode()?;
    element.tag().assert_eq(Tag::Sequence)?;
    Ok(element.value())
}

/// The hash that binds to a certificate: that of its signature algorithm, with SHA-256 for MD5 and SHA-1 (RFC 5929 4.1).
///
/// For signatures without one hash of their own (Ed25519, Ed448) and unknown ones RFC 5929 has no rule; SHA-256 is what other implementations take.
pub fn signature_hash(certificate: &[u8]) -> Result<CertificateHash, Error> {
    let parse = || -> Der<CertificateHash> {
        let mut reader = SliceReader::new(certificate)?;
        let mut content = SliceReader::new(sequence(&mut reader)?)?;
        let _to_be_signed = sequence(&mut content)?;
        let algorithm: AlgorithmIdentifierRef<'_> = content.decode()?;
        match algorithm.parameters {
            Some(parameters) if algorithm.oid == RSASSA_PSS => pss_hash(parameters),
            _ => Ok(hash_of(algorithm.oid)),
        }
    };
    parse().map_err(|_| ErrorKind::BadCertificate.into())
}

/// The hash in `RSASSA-PSS-params` (RFC 4055 3.1), where it is the first, optional element.
fn pss_hash(parameters: AnyRef<'_>) -> Der<CertificateHash> {
    let mut reader = SliceReader::new(parameters.value())?;
    let hash = reader.context_specific::<AlgorithmIdentifierRef<'_>>(TagNumber(0), TagMode::Explicit)?;
    Ok(hash.map_or(CertificateHash::Sha256, |algorithm| hash_of(algorithm.oid)))
}

const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");

/// Signature and hash algorithms whose hash is not SHA-256.
const HASHES: &[(ObjectIdentifier, CertificateHash)] = &[
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12"), CertificateHash::Sha384), // sha384WithRSAEncryption
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13"), CertificateHash::Sha512), // sha512WithRSAEncryption
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.14"), CertificateHash::Sha224), // sha224WithRSAEncryption
    (ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.1"), CertificateHash::Sha224),   // ecdsa-with-SHA224
    (ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3"), CertificateHash::Sha384),   // ecdsa-with-SHA384
    (ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4"), CertificateHash::Sha512),   // ecdsa-with-SHA512
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2"), CertificateHash::Sha384), // id-sha384
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3"), CertificateHash::Sha512), // id-sha512
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.4"), CertificateHash::Sha224), // id-sha224
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.1"), CertificateHash::Sha224), // id-dsa-with-sha224
];

fn hash_of(algorithm: ObjectIdentifier) -> CertificateHash {
    HASHES.iter().find(|(oid, _)| *oid == algorithm).map_or(CertificateHash::Sha256, |(_, hash)| *hash)
}
