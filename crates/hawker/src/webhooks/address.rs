//! Where an endpoint may be: on the internet, not in the network that this server stands in. Whoever may use the console
//! must not thereby reach what only this machine can reach.

use reqwest::Url;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Bytes of an endpoint's address.
const URL_BYTES_MAX: usize = 1000;

/// What is wrong with the address of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadUrl {
    /// It is none, or it has a name and password in it.
    Invalid,
    /// It leads into a private network.
    Private,
}

/// Reads the address of an endpoint. A host that is a name is looked up at every delivery, and checked then.
pub fn endpoint(text: &str, allow_private: bool) -> Result<Url, BadUrl> {
    let url = Url::parse(text).map_err(|_| BadUrl::Invalid)?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if text.len() > URL_BYTES_MAX || !matches!(url.scheme(), "http" | "https") || !plain {
        return Err(BadUrl::Invalid);
    }
    let host = url.host_str().ok_or(BadUrl::Invalid)?;
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    match literal {
        Ok(address) if !allow_private && !is_public(address) => Err(BadUrl::Private),
        _ => Ok(url),
    }
}

/// Whether an address is on the internet.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        // "This network", reserved, and the broadcast.
        || a == 0
        || a >= 240
        // Networks of providers behind one address.
        || (a == 100 && (64..128).contains(&b))
        // Assignments of protocols, and measurements.
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b));
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    // What is given out to the internet begins with 001; within it, some lead to addresses of the old kind.
    let global = parts[0] & 0xe000 == 0x2000;
    let documentation = parts[0] == 0x2001 && parts[1] == 0xdb8;
    let teredo = parts[0] == 0x2001 && parts[1] == 0;
    let six_to_four = parts[0] == 0x2002;
    global && !documentation && !teredo && !six_to_four
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_internet_is_public() {
        for public in
            ["8.8.8.8", "1.1.1.1", "100.63.0.1", "172.32.0.1", "198.20.0.1", "2606:4700::1111", "::ffff:8.8.8.8"]
        {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "fe80::1",
            "fc00::1",
            "fd00::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }

    #[test]
    fn an_endpoint_has_a_scheme_and_a_host_and_no_password() {
        for good in ["https://shop.example/hook?x=1", "http://shop.example:8000", "https://8.8.8.8/"] {
            assert!(endpoint(good, false).is_ok(), "{good}");
        }
        let long = format!("https://shop.example/{}", "a".repeat(1000));
        for bad in [
            "",
            "shop.example",
            "ftp://shop.example",
            "https://",
            "https://me:secret@shop.example",
            "https://a/#b",
            &long,
        ] {
            assert_eq!(endpoint(bad, true), Err(BadUrl::Invalid), "{bad}");
        }
        // Every way to write one of them.
        for private in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]:80/",
            "http://017700000001",
        ] {
            assert_eq!(endpoint(private, false), Err(BadUrl::Private), "{private}");
            assert!(endpoint(private, true).is_ok(), "{private}");
        }
    }
}
