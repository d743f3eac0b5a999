//! A handshake that moves between threads and can be cancelled at any time.

use crate::bind::node::options::Plan;
use crate::bind::node::trouble::Trouble;
use crate::env::Env;
use crate::error::{Error, ErrorKind};
use crate::http::authenticator::{Authenticator, Factory, Scheme};
use crate::sspi::mechanism::{Notes, SystemClient, SystemMechanism};
use crate::sspi::options::Package;
use crate::wire::filetime::FileTime;
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

/// The handshake with the system's mechanism.
pub type SystemAuthenticator = Authenticator<SystemFactory>;

/// Creates the system's mechanisms.
pub struct SystemFactory(Arc<SystemClient>);

impl Factory for SystemFactory {
    type Mechanism = SystemMechanism;

    fn make(&self, scheme: Scheme) -> Box<SystemMechanism> {
        let package = match scheme {
            Scheme::Negotiate => Package::Negotiate,
            Scheme::Ntlm => Package::Ntlm,
        };
        Box::new(SystemMechanism::new(Arc::clone(&self.0), package))
    }
}

/// The state that can be read while another thread runs the handshake.
#[derive(Clone, Default)]
pub struct View {
    /// Whether the final token was accepted.
    pub authenticated: bool,
    /// Whether the most recent header completes the handshake.
    pub last: bool,
    /// The scheme in use.
    pub scheme: Option<Scheme>,
    /// Notes of the system's mechanism.
    pub notes: Notes,
}

/// A handshake and its current user.
pub struct Dialogue {
    client: Arc<SystemClient>,
    authenticator: Mutex<Option<SystemAuthenticator>>,
    view: Mutex<View>,
    busy: AtomicBool,
    closed: AtomicBool,
    has_password: bool,
}

impl Dialogue {
    /// Creates a handshake without calling the operating system.
    pub fn new(plan: Plan) -> Self {
        let has_password = plan.options.explicit.is_some();
        let client = Arc::new(SystemClient::new(plan.options));
        let authenticator = Authenticator::over(plan.side, plan.schemes, SystemFactory(Arc::clone(&client)));
        Dialogue {
            client,
            authenticator: Mutex::new(Some(authenticator)),
            view: Mutex::default(),
            busy: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            has_password,
        }
    }

    /// Reserves the handshake for the next call. Only one call can be active.
    pub fn reserve(&self) -> Result<(), Trouble> {
        if self.closed.load(Ordering::SeqCst) || self.busy.swap(true, Ordering::SeqCst) {
            return Err(Trouble::from(ErrorKind::OutOfOrder)
                .advising("await begin and next before the next call, and make none after close"));
        }
        Ok(())
    }

    /// Runs one step of a reserved call.
    pub fn with<T>(
        &self,
        step: impl FnOnce(&mut SystemAuthenticator, &mut Env<'_>) -> Result<T, Error>,
    ) -> Result<T, Trouble> {
        let result = match &mut *lock(&self.authenticator) {
            // The system uses its own clock and randomness.
            Some(authenticator) if !self.closed.load(Ordering::SeqCst) => {
                let mut none = |_: &mut [u8]| Err(ErrorKind::NoRandomness.into());
                let result = step(authenticator, &mut Env { now: FileTime::default(), random: &mut none });
                self.look(authenticator);
                result.map_err(|error| self.trouble(error))
            }
            _ => Err(ErrorKind::OutOfOrder.into()),
        };
        self.busy.store(false, Ordering::SeqCst);
        self.give_up_if_closed();
        result
    }

    /// Releases all system handles: at once, or when the call in progress ends.
    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.give_up_if_closed();
    }

    /// Of `close` and the end of a call, the later one finds the lock free.
    fn give_up_if_closed(&self) {
        if self.closed.load(Ordering::SeqCst) {
            match self.authenticator.try_lock() {
                Ok(mut authenticator) => *authenticator = None,
                Err(TryLockError::Poisoned(poisoned)) => *poisoned.into_inner() = None,
                Err(TryLockError::WouldBlock) => {}
            }
        }
    }

    /// Returns the current state.
    pub fn view(&self) -> View {
        lock(&self.view).clone()
    }

    fn look(&self, authenticator: &SystemAuthenticator) {
        *lock(&self.view) = View {
            authenticated: authenticator.is_authenticated(),
            last: authenticator.is_last(),
            scheme: authenticator.scheme(),
            notes: self.client.notes(),
        };
    }

    fn trouble(&self, error: Error) -> Trouble {
        match (error.kind(), self.client.notes().failure) {
            (ErrorKind::SsoFailed, Some(failure)) => failure.into(),
            (ErrorKind::Rejected, _) if !self.has_password => Trouble::from(error)
                .advising("ask whether this user is allowed to log on there; the credentials were tried once, so that the account is not locked"),
            _ => error.into(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
