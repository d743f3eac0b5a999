//! Errors for JavaScript: `code`, `message` and `advice`.

use crate::error::{Error, ErrorKind};
use crate::sspi::failure::Failure;
use crate::sspi::key_store::Fault;
use alloc::string::{String, ToString};
use napi::bindgen_prelude::{JsObjectValue, JsValue};
use napi::{Env, Status};

/// An error.
pub struct Trouble {
    code: &'static str,
    message: String,
    advice: String,
}

impl Trouble {
    /// Returns the same error with other advice.
    pub fn advising(self, advice: &str) -> Self {
        Trouble { advice: advice.to_string(), ..self }
    }

    /// Converts to an `Error` with the properties `code` and `advice`.
    pub fn into_error(self, env: &Env) -> napi::Error {
        let made = env.create_error(napi::Error::new(Status::GenericFailure, self.message.clone()));
        let dressed = made.and_then(|mut error| {
            error.set_named_property("code", self.code)?;
            error.set_named_property("advice", self.advice)?;
            Ok(napi::Error::from(error.to_unknown()))
        });
        dressed.unwrap_or_else(|_| napi::Error::from_reason(self.message))
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Trouble {
            code: failure.reason().code(),
            message: failure.message().to_string(),
            advice: failure.advice().to_string(),
        }
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Trouble { code: fault.code(), message: fault.message().to_string(), advice: fault.advice().to_string() }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let kind = error.kind();
        Trouble { code: kind.code(), message: error.to_string(), advice: kind.advice().to_string() }
    }
}

impl From<ErrorKind> for Trouble {
    fn from(kind: ErrorKind) -> Self {
        Trouble::from(Error::from(kind))
    }
}
