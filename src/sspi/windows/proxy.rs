//! The proxy that Windows uses for a URL: user settings, WPAD, PAC files and policies (WinHttpGetProxyForUrl).

use super::text::{self, Wide};
use crate::sspi::failure::{Failure, Reason};
use crate::sspi::proxy_list::{in_script_syntax, is_bypassed};
use alloc::format;
use alloc::string::String;
use core::ffi::c_void;
use core::ptr;
use windows_sys::Win32::Foundation::{GetLastError, GlobalFree};
use windows_sys::Win32::Networking::WinHttp::{
    ERROR_WINHTTP_AUTODETECTION_FAILED, WINHTTP_ACCESS_TYPE_NAMED_PROXY, WINHTTP_ACCESS_TYPE_NO_PROXY,
    WINHTTP_AUTO_DETECT_TYPE_DHCP, WINHTTP_AUTO_DETECT_TYPE_DNS_A, WINHTTP_AUTOPROXY_AUTO_DETECT,
    WINHTTP_AUTOPROXY_CONFIG_URL, WINHTTP_AUTOPROXY_OPTIONS, WINHTTP_CURRENT_USER_IE_PROXY_CONFIG, WINHTTP_PROXY_INFO,
    WinHttpCloseHandle, WinHttpGetIEProxyConfigForCurrentUser, WinHttpGetProxyForUrl, WinHttpOpen,
};

/// Returns the route for a URL in PAC syntax: `PROXY proxy.corp.example:8080; DIRECT`.
pub fn proxy_for(url: &str) -> Result<String, Failure> {
    let settings = user_settings();
    if settings.detect || settings.script.is_some() {
        match by_script(url, &settings) {
            Ok(answer) => return Ok(answer),
            // No PAC file was detected: continue as if detection were off.
            Err(Code(ERROR_WINHTTP_AUTODETECTION_FAILED)) if settings.script.is_none() => {}
            Err(Code(code)) => {
                return Err(Failure::described(
                    Reason::Failed,
                    format!("the operating system could not determine the proxy (WinHTTP error {code})"),
                    "check the system's proxy settings and PAC file, or configure the proxy explicitly",
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

/// A WinHTTP error code.
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
    // SAFETY: the structure is filled in only on success.
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
    // SAFETY: all pointers are valid until the call returns.
    if unsafe { WinHttpGetProxyForUrl(session.0, address.as_ptr(), &raw mut options, &raw mut info) } == 0 {
        return Err(last_failure());
    }
    let (proxies, _bypass) = (taken(info.lpszProxy), taken(info.lpszProxyBypass));
    Ok(match (info.dwAccessType, proxies) {
        (WINHTTP_ACCESS_TYPE_NAMED_PROXY, Some(proxies)) => in_script_syntax(&proxies, url),
        _ => String::from("DIRECT"),
    })
}

/// A WinHTTP session, closed when dropped.
struct Session(*mut c_void);

impl Session {
    fn open() -> Result<Self, Code> {
        // SAFETY: all arguments are constants.
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
    // SAFETY: the call only reads thread-local data.
    Code(unsafe { GetLastError() })
}

/// Copies and frees a string allocated by WinHTTP.
fn taken(text: *mut u16) -> Option<String> {
    // SAFETY: WinHTTP returns a string from GlobalAlloc, or null. It is freed once.
    unsafe {
        let read = text::read(text);
        if !text.is_null() {
            GlobalFree(text.cast());
        }
        read.filter(|text| !text.is_empty())
    }
}
