//! A dialogue that is lent to one thread after another, and can be given up at any time.

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

/// The dialogue over the system's mechanism.
pub type SystemAuthenticator = Authenticator<SystemFactory>;

/// Makes mechanisms of the system's.
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

/// What can be asked while another thread has the dialogue.
#[derive(Clone, Default)]
pub struct View {
    /// Whether the final token was accepted.
    pub authenticated: bool,
    /// Whether what was sent last settles it.
    pub last: bool,
    /// The scheme in use.
    pub scheme: Option<Scheme>,
    /// What the system has to tell.
    pub notes: Notes,
}

/// A dialogue and who has it.
pub struct Dialogue {
    client: Arc<SystemClient>,
    authenticator: Mutex<Option<SystemAuthenticator>>,
    view: Mutex<View>,
    busy: AtomicBool,
    closed: AtomicBool,
    has_password: bool,
}

impl Dialogue {
    /// Nothing is asked of the system yet.
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

    /// Keeps the dialogue for a call that is about to begin. There can only be one.
    pub fn reserve(&self) -> Result<(), Trouble> {
        if self.closed.load(Ordering::SeqCst) || self.busy.swap(true, Ordering::SeqCst) {
            return Err(Trouble::from(ErrorKind::OutOfOrder)
                .advising("await begin and next before the next call, and make none after close"));
        }
        Ok(())
    }

    /// Does one step of a call that was reserved.
    pub fn with<T>(
        &self,
        step: impl FnOnce(&mut SystemAuthenticator, &mut Env<'_>) -> Result<T, Error>,
    ) -> Result<T, Trouble> {
        let result = match &mut *lock(&self.authenticator) {
            // The system has its own clock and its own randomness.
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

    /// Frees what is held of the system's: now, or when the call ends that is under way.
    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.give_up_if_closed();
    }

    /// Whoever comes second, `close` or the end of a call, finds the lock free.
    fn give_up_if_closed(&self) {
        if self.closed.load(Ordering::SeqCst) {
            match self.authenticator.try_lock() {
                Ok(mut authenticator) => *authenticator = None,
                Err(TryLockError::Poisoned(poisoned)) => *poisoned.into_inner() = None,
                Err(TryLockError::WouldBlock) => {}
            }
        }
    }

    /// What there is to see.
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
                .advising("ask whether this user may sign on there; nothing was tried a second time, so that no account gets locked"),
            _ => error.into(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
