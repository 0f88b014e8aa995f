//! How the addresses of files begin: scheme, host and port as clients reach this server.
//!
//! A configured address is best. Without one, files are addressed as the connection of their sender came here. A
//! client can write any `Host` into its own request, and so have its own answer point anywhere; that gives it
//! nothing, because a sender may write any address into its message anyway. It cannot do it for others: nothing of
//! it is remembered beyond the connection, and nothing that is answered may be cached.

use std::sync::Arc;

/// Where scheme and host are taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginRule {
    /// From the configuration, whatever a connection says.
    Fixed,
    /// From the connection's `Host`; the scheme is plain HTTP, because this server speaks nothing else.
    Host,
    /// From what a trusted proxy says, and what it leaves out from `Host`.
    Forwarded,
}

impl OriginRule {
    /// The origin of a connection, from the headers of its upgrade; `None` if they name no host.
    pub fn origin<'a>(self, header: impl Fn(&str) -> Option<&'a str>) -> Option<Arc<str>> {
        // Proxies in a row each add their own; the first is the one that the client talked to.
        let first = |name: &str| header(name).and_then(|list| list.split(',').next()).map(str::trim);
        let (scheme, host) = match self {
            Self::Fixed => return None,
            Self::Host => (None, header("host")),
            Self::Forwarded => (first("x-forwarded-proto"), first("x-forwarded-host").or_else(|| header("host"))),
        };
        let scheme = if scheme.is_some_and(|scheme| matches!(scheme, "https" | "wss")) { "https" } else { "http" };
        let host = host.filter(|host| is_host(host))?;
        Some(format!("{scheme}://{host}").into())
    }
}

/// Whether this is `host` or `host:port`, and nothing that could be read as more.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let port_is_good =
        port.is_none_or(|port| (1..=5).contains(&port.len()) && port.bytes().all(|digit| digit.is_ascii_digit()));
    let host_is_good = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            (1..=253).contains(&host.len())
                && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        }
    };
    port_is_good && host_is_good
}

/// Whether this can be the beginning of addresses: a scheme, a host, and maybe a path.
pub fn is_public_url(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) else { return false };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_' | b'~' | b'%');
    is_host(host) && path.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_are_hosts() {
        for good in ["a", "chat.example.com", "127.0.0.1:8080", "localhost:1", "[::1]", "[::1]:8080"] {
            assert!(is_host(good), "{good}");
        }
        for bad in [
            "",
            ":80",
            "a:",
            "a:b",
            "a:123456",
            "a/b",
            "a?b",
            "a b",
            "user@evil",
            "evil\"onload=",
            "a\r\nb",
            "::1",
            "[::1",
            "[evil]",
            "a:80:80",
            "\u{430}.com",
        ] {
            assert!(!is_host(bad), "{bad}");
        }
        assert!(!is_host(&"a".repeat(254)));
    }

    #[test]
    fn an_origin_is_taken_from_whom_it_may() {
        let headers = |name: &str| match name {
            "host" => Some("inner:8080"),
            "x-forwarded-proto" => Some("https, http"),
            "x-forwarded-host" => Some("chat.example.com"),
            _ => None,
        };
        assert_eq!(OriginRule::Host.origin(headers).as_deref(), Some("http://inner:8080"));
        assert_eq!(OriginRule::Forwarded.origin(headers).as_deref(), Some("https://chat.example.com"));
        assert_eq!(OriginRule::Fixed.origin(headers), None);
        let forged = |name: &str| (name == "host").then_some("evil/x?");
        assert_eq!(OriginRule::Host.origin(forged), None);
    }

    #[test]
    fn a_public_url_has_a_host_and_no_query() {
        for good in
            ["https://chat.example.com", "http://10.0.0.1:8080", "https://a.example/shop/", "https://a.example/"]
        {
            assert!(is_public_url(good), "{good}");
        }
        for bad in ["", "chat.example.com", "ftp://a", "https://", "https://a?b", "https://a/b#c", "https://u@a"] {
            assert!(!is_public_url(bad), "{bad}");
        }
    }
}
