//! The HTTP authentication handshake of one connection: selects the scheme, decides on the next leg, and detects rejection.
//!
//! ```text
//!           begin                    a challenge              anything but 401/407
//!  Idle ────────────▶ FirstLeg ───────────────────▶ LastLeg ─────────────────────▶ Open
//!   ▲                   │  ▲                          │                              │
//!   │                   └──┘ another scheme,          └──▶ rejected: 401/407 again   │
//!   │                        or a new connection                                     │
//!   └──────────────────── 401/407: the peer challenges a later request ──────────────┘
//! ```
//!
//! If the first token can be the only one, as with a Kerberos ticket, `OnlyLeg` replaces both legs.

use crate::env::Env;
use crate::error::{Error, ErrorKind};
use crate::http::challenge::{self, SchemeChallenge};
use crate::mechanism::{Mechanism, Step};
use crate::ntlm::message::SIGNATURE;
use crate::wire::base64;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// A scheme that this crate supports. Basic is not supported: it would reveal the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// SPNEGO (RFC 4559).
    Negotiate,
    /// NTLM (MS-NTHT).
    Ntlm,
}

impl Scheme {
    /// Returns the scheme's name in headers.
    pub const fn name(self) -> &'static str {
        match self {
            Scheme::Negotiate => "Negotiate",
            Scheme::Ntlm => "NTLM",
        }
    }
}

/// The peer that requires authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// A proxy: status 407, `Proxy-Authenticate`, `Proxy-Authorization`.
    Proxy,
    /// An origin server: status 401, `WWW-Authenticate`, `Authorization`.
    Origin,
}

impl Side {
    const fn status(self) -> u16 {
        match self {
            Side::Proxy => 407,
            Side::Origin => 401,
        }
    }
}

/// The value of `Authorization` or `Proxy-Authorization`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The scheme name in the header.
    pub scheme: Scheme,
    /// The token.
    pub token: Vec<u8>,
}

impl Header {
    /// Returns the text of the header value.
    pub fn value(&self) -> String {
        [self.scheme.name(), " ", &base64::encode(&self.token)].concat()
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value())
    }
}

/// The next step after a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Deliver the response to the caller: no authentication is needed.
    Deliver,
    /// Read the response to its end, then send the request again on this connection with this header.
    Send {
        /// The value of the authorization header.
        header: Header,
        /// Whether this is the final leg, so that the request itself, including its body, can carry the header.
        last: bool,
    },
    /// The connection is closed or will be: open another one and send the first leg there with this header.
    Reconnect {
        /// The value of the authorization header.
        header: Header,
    },
}

/// The parts of a response that matter for authentication.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a, C = &'a str> {
    /// The status code.
    pub status: u16,
    /// The values of all challenge headers, in order; each may be a list joined by commas or line ends.
    pub challenges: &'a [C],
    /// Whether the connection stays open after the response.
    pub keep_alive: bool,
}

/// Creates the mechanism of a scheme. An authenticator is `Send` if its factory and its mechanisms are.
pub trait Factory {
    /// The type of mechanism that it creates.
    type Mechanism: Mechanism + ?Sized;

    /// Whether the first token can also be the final one, as with a Kerberos ticket.
    const ONE_LEG: bool = true;

    /// Creates a mechanism whose tokens have the format of the scheme.
    fn make(&self, scheme: Scheme) -> Box<Self::Mechanism>;
}

/// A factory for any mechanism.
pub type MechanismFactory = Box<dyn Fn(Scheme) -> Box<dyn Mechanism> + Send>;

impl Factory for MechanismFactory {
    type Mechanism = dyn Mechanism;

    fn make(&self, scheme: Scheme) -> Box<dyn Mechanism> {
        self(scheme)
    }
}

/// The state of the handshake.
enum State {
    /// Nothing was sent, or the connection needs no authentication.
    Idle,
    /// A first token was sent.
    FirstLeg,
    /// A first token was sent that may be sufficient.
    OnlyLeg,
    /// The final token was sent.
    LastLeg,
    /// The final token was accepted.
    Open,
}

/// The number of first legs that may be sent for one request before the peer must answer with a challenge:
/// one for each scheme, one more if the connection was closed, and one with bare NTLM.
const MAX_FIRST_LEGS: u8 = 4;

/// The scheme in use.
struct Current<M: ?Sized> {
    /// The scheme name in headers.
    name: Scheme,
    /// The format of the tokens: some proxies expect bare NTLM under the name Negotiate.
    form: Scheme,
    mechanism: Box<M>,
}

/// The authentication handshake of one connection.
pub struct Authenticator<F: Factory = MechanismFactory> {
    side: Side,
    schemes: Vec<Scheme>,
    factory: F,
    current: Option<Current<F::Mechanism>>,
    state: State,
    first_legs: u8,
}

impl Authenticator {
    /// Creates an authenticator that tries these schemes in this order.
    ///
    /// # Examples
    ///
    /// ```
    /// use ntlm_wasm::http::authenticator::{Authenticator, Next, Response, Scheme, Side};
    /// use ntlm_wasm::mechanism::NtlmMechanism;
    /// use ntlm_wasm::ntlm::client::{Client, ClientConfig};
    /// # use ntlm_wasm::{env::Env, error::ErrorKind, wire::filetime::FileTime};
    /// # let mut random = |bytes: &mut [u8]| getrandom::fill(bytes).map_err(|_| ErrorKind::NoRandomness.into());
    /// # let mut env = Env { now: FileTime::from(std::time::SystemTime::now()), random: &mut random };
    /// use std::sync::Arc;
    ///
    /// let client = Arc::new(Client::new(ClientConfig::with_password("CORP\\alice", "Password")));
    /// let factory = Box::new(move |_scheme| Box::new(NtlmMechanism::new(Arc::clone(&client))) as Box<_>);
    /// let mut authenticator = Authenticator::new(Side::Proxy, vec![Scheme::Ntlm], factory);
    ///
    /// let response = Response { status: 407, challenges: &["NTLM"], keep_alive: true };
    /// let Next::Send { header, last: false } = authenticator.next(&response, &mut env)? else { panic!() };
    /// assert!(header.value().starts_with("NTLM TlRMTVNTUAAB"));
    /// # Ok::<(), ntlm_wasm::error::Error>(())
    /// ```
    pub fn new(side: Side, schemes: Vec<Scheme>, factory: MechanismFactory) -> Self {
        Authenticator::over(side, schemes, factory)
    }
}

impl<F: Factory> Authenticator<F> {
    /// Creates an authenticator with a factory's own type of mechanism.
    pub fn over(side: Side, schemes: Vec<Scheme>, factory: F) -> Self {
        Authenticator { side, schemes, factory, current: None, state: State::Idle, first_legs: 0 }
    }

    /// Starts on a new connection, before any challenge, and returns the header of the first leg.
    pub fn begin(&mut self, env: &mut Env<'_>) -> Result<Header, Error> {
        self.first_legs = 0;
        let scheme = self.scheme().or(self.schemes.first().copied()).ok_or(ErrorKind::SchemeNotOffered)?;
        self.first_leg(scheme, scheme, env)
    }

    /// Returns whether the final token was accepted.
    pub const fn is_authenticated(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// Returns whether the most recent header completes the handshake, so that the request itself can carry it. This includes first legs.
    pub const fn is_last(&self) -> bool {
        matches!(self.state, State::OnlyLeg | State::LastLeg)
    }

    /// Returns the scheme in use.
    pub fn scheme(&self) -> Option<Scheme> {
        self.current.as_ref().map(|current| current.name)
    }

    /// Decides on the next step after a response.
    pub fn next<C: AsRef<[u8]>>(&mut self, response: &Response<'_, C>, env: &mut Env<'_>) -> Result<Next, Error> {
        let mut offered = Vec::new();
        response.challenges.iter().for_each(|value| challenge::parse_into(&mut offered, value.as_ref()));
        if response.status != self.side.status() {
            return self.settled(response.status, &offered, env).map(|()| Next::Deliver);
        }
        match self.state {
            State::Idle | State::Open => {
                self.first_legs = 0;
                let scheme = self.choose(&offered, None).ok_or(ErrorKind::SchemeNotOffered)?;
                self.restart(scheme, scheme, response.keep_alive, env)
            }
            State::FirstLeg => self.answer(&offered, response.keep_alive, env),
            State::OnlyLeg if F::ONE_LEG => self.doubt(&offered, response.keep_alive, env),
            // Neither this password nor another scheme is tried again: each attempt would count as a failed logon.
            State::OnlyLeg | State::LastLeg => match self.token(&offered)? {
                Some(token) if self.continues(&token) => self.step(&token, response.keep_alive, env),
                _ => {
                    self.state = State::Idle;
                    Err(ErrorKind::Rejected.into())
                }
            },
        }
    }

    /// The server accepted the request or required no authentication. Its last token is passed to mechanisms that use it.
    fn settled(&mut self, status: u16, offered: &[SchemeChallenge<'_>], env: &mut Env<'_>) -> Result<(), Error> {
        match self.state {
            State::OnlyLeg | State::LastLeg => {
                let token = self.token(offered)?.filter(|token| self.continues(token));
                if let (Some(token), Some(current)) = (token, &mut self.current) {
                    current.mechanism.step(&token, env)?;
                }
                self.state = State::Open;
            }
            // An informational response, or an error response of a gateway, does not mean that the connection is authenticated.
            State::FirstLeg if status >= 200 => self.state = State::Idle,
            _ => {}
        }
        Ok(())
    }

    /// Handles a 401 or 407 response to a first leg.
    fn answer(&mut self, offered: &[SchemeChallenge<'_>], keep_alive: bool, env: &mut Env<'_>) -> Result<Next, Error> {
        if let Some(token) = self.token(offered)? {
            return self.step(&token, keep_alive, env);
        }
        let current = self.scheme();
        let still_offered = current.is_some_and(|scheme| offers(offered, scheme));
        let again = match current.filter(|_| still_offered) {
            // The peer closed the connection after its first challenge, or did not process the token: try again.
            Some(scheme) if self.first_legs < 2 && !(keep_alive && scheme == Scheme::Negotiate) => {
                Some((scheme, scheme))
            }
            // Some proxies detect the mechanism by the first bytes and expect bare NTLM under the name Negotiate.
            Some(Scheme::Negotiate) if self.first_legs < 3 => Some((Scheme::Negotiate, Scheme::Ntlm)),
            _ => None,
        };
        let other = self.choose(offered, current).map(|scheme| (scheme, scheme));
        // NTLM under its own name is preferred to bare NTLM under the name Negotiate.
        let next = if keep_alive && current == Some(Scheme::Negotiate) { other.or(again) } else { again.or(other) };
        match next {
            // After a token of an offered scheme has failed, Squid ignores further tokens on the connection.
            Some((name, mechanism)) if self.first_legs < MAX_FIRST_LEGS => {
                self.restart(name, mechanism, keep_alive && !still_offered, env)
            }
            None if !still_offered => Err(ErrorKind::SchemeNotOffered.into()),
            _ => Err(ErrorKind::NoChallenge.into()),
        }
    }

    /// A first token that could have been sufficient was not. Continues the mechanism, or tries the next scheme:
    /// a server that cannot decrypt a ticket is not a password failure.
    fn doubt(&mut self, offered: &[SchemeChallenge<'_>], keep_alive: bool, env: &mut Env<'_>) -> Result<Next, Error> {
        if let Some(token) = self.token(offered)? {
            let answer = self.step(&token, keep_alive, env);
            if answer.as_ref().err() != Some(&ErrorKind::Rejected.into()) {
                return answer;
            }
        }
        self.state = State::Idle;
        match self.choose(offered, self.scheme()) {
            Some(other) if self.first_legs < MAX_FIRST_LEGS => {
                let answer = self.restart(other, other, keep_alive, env);
                // A scheme for which the system has no credentials does not count as an alternative.
                answer.map_err(
                    |error| if error == ErrorKind::SsoFailed.into() { ErrorKind::Rejected.into() } else { error },
                )
            }
            _ => Err(ErrorKind::Rejected.into()),
        }
    }

    fn step(&mut self, token: &[u8], keep_alive: bool, env: &mut Env<'_>) -> Result<Next, Error> {
        let Some(current) = &mut self.current else { return Err(ErrorKind::OutOfOrder.into()) };
        if !keep_alive {
            return Err(ErrorKind::ConnectionNotKept.into());
        }
        let (token, last) = match current.mechanism.step(token, env)? {
            Step::Continue(token) => (token, false),
            Step::Final(token) => (token, true),
            Step::Done => return Err(ErrorKind::Rejected.into()),
        };
        self.state = if last { State::LastLeg } else { State::FirstLeg };
        Ok(Next::Send { header: Header { scheme: current.name, token }, last })
    }

    fn restart(&mut self, name: Scheme, mechanism: Scheme, keep_alive: bool, env: &mut Env<'_>) -> Result<Next, Error> {
        let header = self.first_leg(name, mechanism, env)?;
        let last = self.is_last();
        Ok(if keep_alive { Next::Send { header, last } } else { Next::Reconnect { header } })
    }

    /// Starts the tokens of a mechanism under a scheme name.
    fn first_leg(&mut self, name: Scheme, form: Scheme, env: &mut Env<'_>) -> Result<Header, Error> {
        let mut mechanism = self.factory.make(form);
        let (token, state) = match mechanism.start(env)? {
            Step::Continue(token) => (token, State::FirstLeg),
            Step::Final(token) if F::ONE_LEG => (token, State::OnlyLeg),
            Step::Final(_) | Step::Done => return Err(ErrorKind::OutOfOrder.into()),
        };
        self.current = Some(Current { name, form, mechanism });
        self.state = state;
        self.first_legs += 1;
        Ok(Header { scheme: name, token })
    }

    /// Returns the first enabled scheme that is offered, after the one that failed.
    fn choose(&self, offered: &[SchemeChallenge<'_>], given_up: Option<Scheme>) -> Option<Scheme> {
        let untried = self.schemes.iter().copied().filter(|scheme| Some(*scheme) != given_up);
        untried.into_iter().find(|scheme| offers(offered, *scheme))
    }

    /// Returns the server's token: under the scheme in use, or an NTLM challenge under another name, as some servers send it.
    fn token(&self, offered: &[SchemeChallenge<'_>]) -> Result<Option<Vec<u8>>, Error> {
        let Some(scheme) = self.scheme() else { return Ok(None) };
        let with_token = || offered.iter().filter(|challenge| !challenge.token.is_empty());
        if let Some(ours) = with_token().find(|challenge| is(challenge, scheme)) {
            return base64::decode_bytes(ours.token).map(Some);
        }
        let misnamed = with_token().filter_map(|challenge| base64::decode_bytes(challenge.token).ok());
        Ok(misnamed.into_iter().find(|token| token.starts_with(&SIGNATURE)))
    }

    /// Returns whether a token received after the final one continues the handshake, as SPNEGO does when it requests its checksum.
    ///
    /// An NTLM challenge does not: answering it would be a second logon attempt with the same password.
    fn continues(&self, token: &[u8]) -> bool {
        self.current.as_ref().is_some_and(|current| current.form == Scheme::Negotiate) && !token.starts_with(&SIGNATURE)
    }
}

fn offers(offered: &[SchemeChallenge<'_>], scheme: Scheme) -> bool {
    offered.iter().any(|challenge| is(challenge, scheme))
}

fn is(challenge: &SchemeChallenge<'_>, scheme: Scheme) -> bool {
    challenge.scheme.eq_ignore_ascii_case(scheme.name().as_bytes())
}
