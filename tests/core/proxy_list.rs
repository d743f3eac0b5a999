//! Proxies and exceptions as the settings of Windows write them.

use ntlm_wasm::sspi::proxy_list::{in_script_syntax, is_bypassed};

#[test]
fn lists_of_proxies_become_script_syntax() {
    for (list, url, expected) in [
        ("", "http://a.example/", "DIRECT"),
        ("proxy:8080", "http://a.example/", "PROXY proxy:8080"),
        ("proxy:8080", "https://a.example/", "PROXY proxy:8080"),
        ("one:80; two:80", "http://a.example/", "PROXY one:80; PROXY two:80"),
        ("http=a:80;https=b:443", "https://a.example/", "PROXY b:443"),
        ("http=a:80 https=b:443", "http://a.example/", "PROXY a:80"),
        ("http=a:80", "https://a.example/", "DIRECT"),
        ("http=a:80;rest:81", "https://a.example/", "PROXY rest:81"),
        ("socks=s:1080", "http://a.example/", "SOCKS s:1080"),
        ("http=http://a:80", "http://a.example/", "PROXY a:80"),
        ("https://secure:3129", "http://a.example/", "HTTPS secure:3129"),
        ("http=", "http://a.example/", "DIRECT"),
    ] {
        assert_eq!(in_script_syntax(list, url), expected, "{list} for {url}");
    }
}

#[test]
fn exceptions_are_names_patterns_and_names_without_a_dot() {
    for (list, url, expected) in [
        ("", "http://a.example/", false),
        ("a.example", "http://a.example/path", true),
        ("a.example", "http://b.a.example/", false),
        ("*.example", "http://b.a.example:8080/", true),
        ("*.example;<local>", "http://intranet/", true),
        ("<local>", "http://intranet.corp/", false),
        ("<local>", "http://[::1]/", false),
        ("10.*", "http://10.1.2.3/", true),
        ("*EXAMPLE*", "http://www.example.org/", true),
        ("a.example:8080", "http://a.example:8080/", true),
        ("a.example:8080", "http://a.example/", false),
        ("http://a.example", "http://a.example/", true),
        ("b.example , ; a.example", "http://a.example/?x", true),
    ] {
        assert_eq!(is_bypassed(url, list), expected, "{url} in {list}");
    }
}
