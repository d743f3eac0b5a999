//! Looks for tickets, for gss-ntlmssp's credentials and for winbind's.

use crate::sspi::finding::Finding;
use crate::sspi::gss::context::Context;
use crate::sspi::gss::credential::Credential;
use crate::sspi::gss::library::Library;
use crate::sspi::gss::oids;
use crate::sspi::gss::winbind::Helper;
use crate::sspi::options::Options;
use crate::sspi::token::Spoken;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Kerberos, NTLM by GSS-API, NTLM by winbind.
pub fn survey(options: &Options) -> Vec<Finding> {
    let library = Library::get();
    let file = library.as_ref().map_or("GSS-API", |library| library.file());
    let kerberos = || {
        let library = library.clone()?;
        let credential = Credential::acquire(library, options, &oids::KERBEROS);
        let missing = |failure| Credential::missing(library, options, &oids::KERBEROS, failure);
        Ok(credential.map_err(missing)?.identity())
    };
    // Its credentials are looked at only when it begins.
    let ntlm = || Ok(Context::begin(library.clone()?, options, &oids::NTLMSSP, None)?.0.identity());
    let winbind = || match Helper::begin(options) {
        Ok((helper, _)) => Ok(Some(helper.identity())),
        Err(failure) => Err(failure),
    };
    [
        Finding { mechanism: Spoken::Kerberos, source: String::from(file), verdict: kerberos() },
        Finding { mechanism: Spoken::Ntlm, source: format!("gss-ntlmssp in {file}"), verdict: ntlm() },
        Finding { mechanism: Spoken::Ntlm, source: String::from("winbind"), verdict: winbind() },
    ]
    .into()
}
