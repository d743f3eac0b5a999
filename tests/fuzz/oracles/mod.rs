//! What must hold for any input. The fuzz targets and the ordinary tests run these same functions.
//!
//! An oracle takes bytes, makes of them whatever its subject takes, and panics where a promise is broken: not only where the
//! subject panics itself, but where what was written is read differently, where two sides disagree, where damage passes.

mod agreement;
mod choices;
mod dialogue;
mod examine;
mod explain;
mod forms;
mod messages;
mod parties;
mod session;

/// A subject and its oracle.
pub type Oracle = fn(&[u8]);

/// All of them, by the names of the fuzz targets.
pub const ORACLES: &[(&str, Oracle)] = &[
    ("messages", messages::negotiate_challenge_authenticate),
    ("av_pairs", messages::av_pairs),
    ("spnego", forms::spnego),
    ("certificate", forms::certificate),
    ("challenge_list", forms::challenge_list),
    ("dialogue", dialogue::dialogue),
    ("client", parties::client),
    ("acceptor", parties::acceptor),
    ("agreement", agreement::agreement),
    ("session", session::session),
    ("examine", examine::examined),
    ("explain", explain::explained),
];
