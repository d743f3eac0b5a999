//! Which proxy Windows uses for an address: the user's settings, WPAD, scripts and policies, as WinHTTP decides (WinHttpGetProxyForUrl).

use super::text::{self, Wide};
use crate::sspi::failure::{Failure, Reason};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ffi::c_void;
use core::ptr;
use windows_sys::Win32::Foundation::{GetLastError, GlobalFree};
use windows_sys::Win32::Networking::WinHttp::{
    ERROR_WINHTTP_AUTODETECTION_FAILED, WINHTTP_ACCESS_TYPE_NAMED_PROXY, WINHTTP_ACCESS_TYPE_NO_PROXY,
    WINHTTP_AUTO_DETECT_TYPE_DHCP, WINHTTP_AUTO_DETECT_TYPE_DNS_A, WINHTTP_AUTOPROXY_AUTO_DETECT,
    WINHTTP_AUTOPROXY_CONFIG_URL, WINHTTP_AUTOPROXY_OPTIONS, WINHTTP_CURRENT_USER_IE_PROXY_CONFIG, WINHTTP_PROXY_INFO,
    WinHttpCloseHandle, WinHttpGetIEProxyConfigForCurrentUser, WinHttpGetProxyForUrl, WinHttpOpen,
};

/// Where requests for this address go, in the syntax of proxy scripts: `PROXY proxy.corp.example:8080; DIRECT`.
pub fn proxy_for(url: &str) -> Result<String, Failure> {
    let settings = user_settings();
    if settings.detect || settings.script.is_some() {
        match by_script(url, &settings) {
            Ok(answer) => return Ok(answer),
            // No script in this network: as if detection were off.
            Err(Code(ERROR_WINHTTP_AUTODETECTION_FAILED)) if settings.script.is_none() => {}
            Err(Code(code)) => {
                return Err(Failure::described(
                    Reason::Failed,
                    format!("the operating system could not tell which proxy to use (WinHTTP error {code})"),
                    "check the system's proxy settings and its configuration script, or give the proxy yourself",
                ));
            }
        }
    }
    let proxies = settings.proxies.unwrap_or_default();
    Ok(if is_bypassed(url, settings.bypass.as_deref().unwrap_or_default()) {
        String::from("DIRECT")
    } else {
        in_script_syntax(&proxies, url)
    })
}

/// A code of WinHTTP's.
struct Code(u32);

#[derive(Default)]
struct Settings {
    detect: bool,
    script: Option<String>,
    proxies: Option<String>,
    bypass: Option<String>,
}

fn user_settings() -> Settings {
    let mut found = WINHTTP_CURRENT_USER_IE_PROXY_CONFIG::default();
    // SAFETY: the structure is filled in on success only.
    if unsafe { WinHttpGetIEProxyConfigForCurrentUser(&raw mut found) } == 0 {
        return Settings::default();
    }
    Settings {
        detect: found.fAutoDetect != 0,
        script: taken(found.lpszAutoConfigUrl),
        proxies: taken(found.lpszProxy),
        bypass: taken(found.lpszProxyBypass),
    }
}

fn by_script(url: &str, settings: &Settings) -> Result<String, Code> {
    let session = Session::open()?;
    let script = settings.script.as_deref().map(Wide::new);
    let mut options = WINHTTP_AUTOPROXY_OPTIONS { fAutoLogonIfChallenged: 1, ..Default::default() };
    if settings.detect {
        options.dwFlags |= WINHTTP_AUTOPROXY_AUTO_DETECT;
        options.dwAutoDetectFlags = WINHTTP_AUTO_DETECT_TYPE_DHCP | WINHTTP_AUTO_DETECT_TYPE_DNS_A;
    }
    if let Some(script) = &script {
        options.dwFlags |= WINHTTP_AUTOPROXY_CONFIG_URL;
        options.lpszAutoConfigUrl = script.as_ptr();
    }
    let address = Wide::new(url);
    let mut info = WINHTTP_PROXY_INFO::default();
    // SAFETY: all that is pointed to lives until the call returns.
    if unsafe { WinHttpGetProxyForUrl(session.0, address.as_ptr(), &raw mut options, &raw mut info) } == 0 {
        return Err(last_failure());
    }
    let (proxies, _bypass) = (taken(info.lpszProxy), taken(info.lpszProxyBypass));
    Ok(match (info.dwAccessType, proxies) {
        (WINHTTP_ACCESS_TYPE_NAMED_PROXY, Some(proxies)) => in_script_syntax(&proxies, url),
        _ => String::from("DIRECT"),
    })
}

/// A session of WinHTTP's, closed with it.
struct Session(*mut c_void);

impl Session {
    fn open() -> Result<Self, Code> {
        // SAFETY: no agent and no proxy are given.
        let handle = unsafe { WinHttpOpen(ptr::null(), WINHTTP_ACCESS_TYPE_NO_PROXY, ptr::null(), ptr::null(), 0) };
        if handle.is_null() { Err(last_failure()) } else { Ok(Session(handle)) }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // SAFETY: the handle came from WinHttpOpen and is closed once.
        unsafe { WinHttpCloseHandle(self.0) };
    }
}

fn last_failure() -> Code {
    // SAFETY: it only reads a number of this thread.
    Code(unsafe { GetLastError() })
}

/// Reads a string that WinHTTP allocated, and gives its memory back.
fn taken(text: *mut u16) -> Option<String> {
    // SAFETY: WinHTTP gives strings, or null; their memory is from GlobalAlloc and is freed once.
    unsafe {
        let read = text::read(text);
        if !text.is_null() {
            GlobalFree(text.cast());
        }
        read.filter(|text| !text.is_empty())
    }
}

/// `proxy:8080`, several of them, or one for each scheme: `http=a:80;https=b:80`.
fn in_script_syntax(proxies: &str, url: &str) -> String {
    let scheme = url.split(':').next().unwrap_or_default();
    let entries = || proxies.split([';', ' ', '\t']).map(str::trim).filter(|entry| !entry.is_empty());
    let for_scheme = |wanted: &str| {
        entries()
            .filter_map(|entry| entry.split_once('='))
            .filter(|(name, _)| *name == wanted)
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
fn is_bypassed(url: &str, list: &str) -> bool {
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
