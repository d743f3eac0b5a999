//! The dialogue of one HTTP connection with its proxy or with its server: which scheme, which leg, what comes next, and when to give up.
//!
//! ```text
//!           begin                    a challenge              anything but 401/407
//!  Idle ────────────▶ FirstLeg ───────────────────▶ LastLeg ─────────────────────▶ Open
//!   ▲                   │  ▲                          │                              │
//!   │                   └──┘ another scheme,          └──▶ refused: 401/407 again    │
//!   │                        or a new connection                                     │
//!   └──────────────────── 401/407: the server asks again for this request ───────────┘
//! ```
//!
//! Where the first token says everything, as a ticket of Kerberos does, `OnlyLeg` stands for both legs.

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

/// A scheme that this crate answers. There is no Basic: it would give the password away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// SPNEGO (RFC 4559).
    Negotiate,
    /// NTLM (MS-NTHT).
    Ntlm,
}

impl Scheme {
    /// Its name in headers.
    pub const fn name(self) -> &'static str {
        match self {
            Scheme::Negotiate => "Negotiate",
            Scheme::Ntlm => "NTLM",
        }
    }
}

/// Who asks for authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// A proxy: status 407, `Proxy-Authenticate`, `Proxy-Authorization`.
    Proxy,
    /// The server: status 401, `WWW-Authenticate`, `Authorization`.
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
    /// The name under which the token travels.
    pub scheme: Scheme,
    /// The token's bytes.
    pub token: Vec<u8>,
}

impl Header {
    /// The text of the header value.
    pub fn value(&self) -> String {
        [self.scheme.name(), " ", &base64::encode(&self.token)].concat()
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value())
    }
}

/// What to do with a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is the caller's: nothing has to be done about authentication.
    Deliver,
    /// Read it to its end, then send the request again on this connection with this value.
    Send {
        /// The value of the authorization header.
        header: Header,
        /// Whether this leg settles it, so that the request proper, with its body, may carry it.
        last: bool,
    },
    /// The connection is or will be closed: open another one, and send the first leg there with this value.
    Reconnect {
        /// The value of the authorization header.
        header: Header,
    },
}

/// A response, as far as authentication is concerned.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a, C = &'a str> {
    /// The status code.
    pub status: u16,
    /// The values of all challenge headers, in order, joined by commas or line ends if need be.
    pub challenges: &'a [C],
    /// Whether the connection stays open behind it.
    pub keep_alive: bool,
}

/// Makes the mechanism of a scheme. A dialogue may move to another thread if its factory and its mechanisms may.
pub trait Factory {
    /// What it makes.
    type Mechanism: Mechanism + ?Sized;

    /// Whether a first token may be all that its mechanisms have to say, as a ticket of Kerberos is.
    const ONE_LEG: bool = true;

    /// A mechanism whose tokens have the form that the scheme asks for.
    fn make(&self, scheme: Scheme) -> Box<Self::Mechanism>;
}

/// A factory of whatever fits.
pub type MechanismFactory = Box<dyn Fn(Scheme) -> Box<dyn Mechanism> + Send>;

impl Factory for MechanismFactory {
    type Mechanism = dyn Mechanism;

    fn make(&self, scheme: Scheme) -> Box<dyn Mechanism> {
        self(scheme)
    }
}

/// Where the dialogue stands.
enum State {
    /// Nothing was sent, or the connection needs nothing.
    Idle,
    /// A first token was sent.
    FirstLeg,
    /// A first token was sent with which the peer may be content.
    OnlyLeg,
    /// The final token was sent.
    LastLeg,
    /// The final token was accepted.
    Open,
}

/// How often a first leg may be sent for one request before the peer must answer it with a challenge: under each
/// scheme, once more where the connection was closed, and once bare.
const MAX_FIRST_LEGS: u8 = 4;

/// The scheme in use.
struct Current<M: ?Sized> {
    /// The name under which tokens travel.
    name: Scheme,
    /// What they are: under the name of Negotiate some proxies want bare NTLM.
    form: Scheme,
    mechanism: Box<M>,
}

/// The dialogue of one connection.
pub struct Authenticator<F: Factory = MechanismFactory> {
    side: Side,
    schemes: Vec<Scheme>,
    factory: F,
    current: Option<Current<F::Mechanism>>,
    state: State,
    first_legs: u8,
}

impl Authenticator {
    /// An authenticator that tries these schemes in this order.
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
    /// A dialogue over a factory's own kind of mechanism.
    pub fn over(side: Side, schemes: Vec<Scheme>, factory: F) -> Self {
        Authenticator { side, schemes, factory, current: None, state: State::Idle, first_legs: 0 }
    }

    /// Begins on a new connection, before anything was asked: the value of the first leg's header.
    pub fn begin(&mut self, env: &mut Env<'_>) -> Result<Header, Error> {
        self.first_legs = 0;
        let scheme = self.scheme().or(self.schemes.first().copied()).ok_or(ErrorKind::SchemeNotOffered)?;
        self.first_leg(scheme, scheme, env)
    }

    /// Whether the final token was accepted.
    pub const fn is_authenticated(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// Whether the header that was given out last settles it, so that the request proper may carry it: of a first leg too.
    pub const fn is_last(&self) -> bool {
        matches!(self.state, State::OnlyLeg | State::LastLeg)
    }

    /// The scheme in use.
    pub fn scheme(&self) -> Option<Scheme> {
        self.current.as_ref().map(|current| current.name)
    }

    /// Decides on a response.
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
            // Neither a second try with this password nor another scheme: each would count as a failed log-on.
            State::OnlyLeg | State::LastLeg => match self.token(&offered)? {
                Some(token) if self.continues(&token) => self.step(&token, response.keep_alive, env),
                _ => {
                    self.state = State::Idle;
                    Err(ErrorKind::Rejected.into())
                }
            },
        }
    }

    /// The server is content, or never wanted anything. Its last words are heard where a mechanism has a use for them.
    fn settled(&mut self, status: u16, offered: &[SchemeChallenge<'_>], env: &mut Env<'_>) -> Result<(), Error> {
        match self.state {
            State::OnlyLeg | State::LastLeg => {
                let token = self.token(offered)?.filter(|token| self.continues(token));
                if let (Some(token), Some(current)) = (token, &mut self.current) {
                    current.mechanism.step(&token, env)?;
                }
                self.state = State::Open;
            }
            // An informational or an error response of a gateway does not say that the connection is open.
            State::FirstLeg if status >= 200 => self.state = State::Idle,
            _ => {}
        }
        Ok(())
    }

    /// A first leg was answered with 401 or 407.
    fn answer(&mut self, offered: &[SchemeChallenge<'_>], keep_alive: bool, env: &mut Env<'_>) -> Result<Next, Error> {
        if let Some(token) = self.token(offered)? {
            return self.step(&token, keep_alive, env);
        }
        let current = self.scheme();
        let still_offered = current.is_some_and(|scheme| offers(offered, scheme));
        let again = match current.filter(|_| still_offered) {
            // The peer closed after its first challenge, or did not see the token: once more.
            Some(scheme) if self.first_legs < 2 && !(keep_alive && scheme == Scheme::Negotiate) => {
                Some((scheme, scheme))
            }
            // Some proxies tell mechanisms by their first bytes, and want NTLM bare under the name of Negotiate.
            Some(Scheme::Negotiate) if self.first_legs < 3 => Some((Scheme::Negotiate, Scheme::Ntlm)),
            _ => None,
        };
        let other = self.choose(offered, current).map(|scheme| (scheme, scheme));
        // NTLM by its own name is better than bare within Negotiate.
        let next = if keep_alive && current == Some(Scheme::Negotiate) { other.or(again) } else { again.or(other) };
        match next {
            // Squid does not listen any more on a connection where a token of a scheme that it offers has failed.
            Some((name, mechanism)) if self.first_legs < MAX_FIRST_LEGS => {
                self.restart(name, mechanism, keep_alive && !still_offered, env)
            }
            None if !still_offered => Err(ErrorKind::SchemeNotOffered.into()),
            _ => Err(ErrorKind::NoChallenge.into()),
        }
    }

    /// A first token that says everything was not enough: the mechanism goes on, or, as a ticket that a server cannot read is no
    /// wrong password, another scheme has its turn.
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
                // A scheme for which the system has nothing is none that is left.
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

    /// Begins with a mechanism's tokens under a scheme's name.
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

    /// The first scheme of ours that is offered, behind the one that was given up.
    fn choose(&self, offered: &[SchemeChallenge<'_>], given_up: Option<Scheme>) -> Option<Scheme> {
        let untried = self.schemes.iter().copied().filter(|scheme| Some(*scheme) != given_up);
        untried.into_iter().find(|scheme| offers(offered, *scheme))
    }

    /// The token that answers ours: under the scheme in use, or, as some servers send it, an NTLM challenge under another name.
    fn token(&self, offered: &[SchemeChallenge<'_>]) -> Result<Option<Vec<u8>>, Error> {
        let Some(scheme) = self.scheme() else { return Ok(None) };
        let with_token = || offered.iter().filter(|challenge| !challenge.token.is_empty());
        if let Some(ours) = with_token().find(|challenge| is(challenge, scheme)) {
            return base64::decode_bytes(ours.token).map(Some);
        }
        let misnamed = with_token().filter_map(|challenge| base64::decode_bytes(challenge.token).ok());
        Ok(misnamed.into_iter().find(|token| token.starts_with(&SIGNATURE)))
    }

    /// Whether a token that comes after our final one may go on with the handshake, as SPNEGO's does when it asks for its checksum.
    ///
    /// A challenge of NTLM does not: to answer it would be a second log-on with the same password.
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
