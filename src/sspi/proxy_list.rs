//! Lists of proxies and of exceptions as the settings of Windows write them.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// `proxy:8080`, several of them, or one for each scheme: `http=a:80;https=b:80`.
pub fn in_script_syntax(proxies: &str, url: &str) -> String {
    let scheme = url.split(':').next().unwrap_or_default();
    let entries = || proxies.split([';', ' ', '\t']).map(str::trim).filter(|entry| !entry.is_empty());
    let for_scheme = |wanted: &str| {
        entries()
            .filter_map(|entry| entry.split_once('='))
            .filter(|(name, proxy)| *name == wanted && !proxy.is_empty())
            .map(|(_, proxy)| proxy)
            .collect()
    };
    let by_scheme: Vec<&str> = for_scheme(scheme);
    let for_all: Vec<&str> = entries().filter(|entry| !entry.contains('=')).collect();
    let socks: Vec<&str> = for_scheme("socks");
    let (kind, chosen) = match (by_scheme.is_empty(), for_all.is_empty()) {
        (false, _) => ("PROXY", by_scheme),
        (true, false) => ("PROXY", for_all),
        (true, true) => ("SOCKS", socks),
    };
    if chosen.is_empty() {
        return String::from("DIRECT");
    }
    let places = chosen.iter().map(|proxy| match proxy.split_once("://") {
        Some(("https", place)) => format!("HTTPS {place}"),
        Some((_, place)) => format!("{kind} {place}"),
        None => format!("{kind} {proxy}"),
    });
    places.collect::<Vec<_>>().join("; ")
}

/// Whether the user's list of exceptions names the host: `<local>`, names, patterns with asterisks.
pub fn is_bypassed(url: &str, list: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => host,
        _ => authority,
    };
    let host = host.to_ascii_lowercase();
    let mut entries = list.split([';', ' ', '\t']).map(str::trim).filter(|entry| !entry.is_empty());
    entries.any(|entry| match entry {
        "<local>" => !host.contains('.') && !host.contains(':'),
        _ => {
            let pattern = entry.split_once("://").map_or(entry, |(_, pattern)| pattern).to_ascii_lowercase();
            matches(&pattern, &host) || matches(&pattern, &authority.to_ascii_lowercase())
        }
    })
}

/// A pattern in which an asterisk stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == text };
    let Some(rest) = text.strip_prefix(before) else { return false };
    (0..=rest.len())
        .filter(|start| rest.is_char_boundary(*start))
        .any(|start| rest.get(start..).is_some_and(|rest| matches(after, rest)))
}
