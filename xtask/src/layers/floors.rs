//! The table of the layers: which modules may import which.

/// The rules of one source tree.
pub struct Floors {
    /// From the lowest floor up. A name covers the module and everything inside it; the longest matching name counts.
    pub floors: &'static [&'static [&'static str]],
    /// Imports that the floors would allow but that would mix separate areas: (module, import, reason).
    pub forbidden: &'static [(&'static str, &'static str, &'static str)],
    /// Packages that only these modules may name.
    pub packages: &'static [(&'static [&'static str], &'static [&'static str])],
}

/// `src/`. A folder's `mod.rs` has the folder's name; `lib.rs` is `lib`.
pub const RUST: &Floors = &Floors {
    floors: &[
        &["error", "secret", "wire"],
        &["crypto", "env"],
        &[
            "ntlm/authenticate",
            "ntlm/av_pair",
            "ntlm/challenge",
            "ntlm/flags",
            "ntlm/keys",
            "ntlm/message",
            "ntlm/negotiate",
            "ntlm/version",
        ],
        &["ntlm", "channel_binding"],
        &["mechanism", "spnego", "sspi"],
        &["http", "explain"],
        &["lib"],
        &["bind"],
    ],
    forbidden: &[
        ("ntlm/authenticate", "crypto", "messages know no cryptography"),
        ("ntlm/av_pair", "crypto", "messages know no cryptography"),
        ("ntlm/challenge", "crypto", "messages know no cryptography"),
        ("ntlm/negotiate", "crypto", "messages know no cryptography"),
        ("ntlm/keys", "ntlm/authenticate", "the functions of keys know no message"),
        ("ntlm/keys", "ntlm/challenge", "the functions of keys know no message"),
        ("ntlm/keys", "ntlm/negotiate", "the functions of keys know no message"),
    ],
    packages: &[
        (&["md4", "md5", "hmac", "des", "rc4", "sha2"], &["crypto"]),
        (&["wasm_bindgen", "serde_wasm_bindgen", "js_sys", "getrandom", "talc"], &["bind"]),
        (&["serde"], &["explain", "bind/explain"]),
        (&["napi", "napi_derive"], &["bind/node"]),
        (&["libloading"], &["sspi/gss/library", "sspi/key_store"]),
        (&["windows_sys"], &["sspi/windows", "sspi/key_store/windows"]),
        (&["rustix"], &["bind/node/socket_owner"]),
        (&["base64"], &["wire/base64"]),
    ],
};

/// `pkg-template/src/`. An `index.ts` has its path as name.
pub const TYPESCRIPT: &Floors = &Floors {
    floors: &[
        &["errors", "decoded"],
        &["core"],
        &["unwrap"],
        &["channel-bindings", "options", "session", "version"],
        &["check-password", "client", "conversations", "decode", "http-authenticator", "server"],
        &["index"],
        &["node/diagnostics", "node/nearest", "node/network-errors", "node/shared-state", "node/url"],
        &["node/system-addon"],
        &["node/key-store"],
        &["node/credentials", "node/http1", "node/server-list"],
        &["node/auth", "node/routes"],
        &["node/connection", "node/options"],
        &["node/connector", "node/dispatcher/pool"],
        &["node"],
        &["node/diagnose", "node/global", "node/local-proxy"],
        &["node/index"],
        &["node/register"],
        &["node/cli"],
    ],
    forbidden: &[],
    // Modules that every runtime and browser loads may not name anything that only Node provides, not even as a type.
    packages: &[(&["node:", "undici"], &["node"])],
};
