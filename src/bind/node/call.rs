//! Work for another thread, and its promise.

use crate::bind::node::trouble::Trouble;
use crate::error::ErrorKind;
use alloc::boxed::Box;
use napi::bindgen_prelude::{AsyncTask, ToNapiValue, TypeName};
use napi::{Env, Task};

type Work<T> = Box<dyn FnOnce() -> Result<T, Trouble> + Send>;

/// One piece of work.
pub struct Call<T>(Option<Work<T>>);

/// Runs work on another thread.
pub fn call<T>(work: impl FnOnce() -> Result<T, Trouble> + Send + 'static) -> AsyncTask<Call<T>>
where
    T: ToNapiValue + TypeName + Send + 'static,
{
    AsyncTask::new(Call(Some(Box::new(work))))
}

impl<T: ToNapiValue + TypeName + Send + 'static> Task for Call<T> {
    type Output = Result<T, Trouble>;
    type JsValue = T;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        Ok(match self.0.take() {
            Some(work) => work(),
            None => Err(ErrorKind::OutOfOrder.into()),
        })
    }

    fn resolve(&mut self, env: Env, output: Self::Output) -> napi::Result<T> {
        output.map_err(|trouble| trouble.into_error(&env))
    }
}
