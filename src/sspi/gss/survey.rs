//! Looks for tickets, for gss-ntlmssp's credentials and for winbind's.

use crate::sspi::gss::credential::Credential;
use crate::sspi::gss::library::Library;
use crate::sspi::gss::winbind::Helper;
use crate::sspi::options::{Options, Package};
use crate::sspi::survey::Finding;
use crate::sspi::token::Spoken;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Kerberos, NTLM by GSS-API, NTLM by winbind.
pub fn survey(options: &Options) -> Vec<Finding> {
    let library = Library::get();
    let file = library.as_ref().map_or("GSS-API", |library| library.file());
    let own = |package| {
        let credential = Credential::find(library.clone()?, options, package)?;
        Ok(credential.identity())
    };
    let winbind = || match Helper::begin(options) {
        Ok((helper, _)) => Ok(Some(helper.identity())),
        Err(failure) => Err(failure),
    };
    [
        Finding { mechanism: Spoken::Kerberos, source: String::from(file), verdict: own(Package::Negotiate) },
        Finding { mechanism: Spoken::Ntlm, source: format!("gss-ntlmssp in {file}"), verdict: own(Package::Ntlm) },
        Finding { mechanism: Spoken::Ntlm, source: String::from("winbind"), verdict: winbind() },
    ]
    .into()
}
