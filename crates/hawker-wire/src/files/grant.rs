//! Signed addresses: who holds one may put one file, of one kind and size, until a moment.
//!
//! The server keeps nothing about an address that it gave out. All that it must know later stands in the address,
//! under a keyed signature; that is over the text as it stands, so nothing of it is even parsed before it is known
//! to be ours.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hawker_core::file::{FileId, FileKind, Permit};
use hawker_core::{AppId, Time, UserId};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Where files are, below the server's address.
pub const FILES: &str = "/files/";

/// What stands between an address and its signature.
const SIGNATURE: &str = "&sig=";

/// Signs and checks addresses with the server's own key.
#[derive(Clone)]
pub struct GrantKey([u8; 32]);

/// Why an address is not good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadGrant {
    /// This server did not sign it, or not like this.
    Forged,
    /// Its time is over.
    Expired,
}

/// The path of a file's original.
pub fn original(file: FileId, extension: &str) -> String {
    let dot = if extension.is_empty() { "" } else { "." };
    format!("{FILES}{file}/original{dot}{extension}")
}

impl GrantKey {
    /// The key as it is kept.
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// Path and query of the address where the file may be put.
    pub fn sign(&self, permit: &Permit) -> String {
        let Permit { app, user, file, kind, extension, bytes_max, until, name } = permit;
        let path = original(*file, extension);
        let (kind, until) = (kind.number(), until.0);
        let (user, name) = (URL_SAFE_NO_PAD.encode(user.as_str()), URL_SAFE_NO_PAD.encode(name));
        let signed = format!("{path}?app={app}&user={user}&kind={kind}&max={bytes_max}&until={until}&name={name}");
        let mac = URL_SAFE_NO_PAD.encode(self.mac(&signed));
        format!("{signed}{SIGNATURE}{mac}")
    }

    /// Reads path and query of an address that something is put to.
    pub fn check(&self, target: &str, now: Time) -> Result<Permit, BadGrant> {
        let (signed, mac) = target.rsplit_once(SIGNATURE).ok_or(BadGrant::Forged)?;
        let mut shown = [0; 32];
        let read = URL_SAFE_NO_PAD.decode_slice(mac, &mut shown).map_err(|_| BadGrant::Forged)?;
        if read != shown.len() || !bool::from(self.mac(signed).ct_eq(&shown)) {
            return Err(BadGrant::Forged);
        }
        let permit = read_signed(signed).ok_or(BadGrant::Forged)?;
        if permit.until <= now { Err(BadGrant::Expired) } else { Ok(permit) }
    }

    fn mac(&self, signed: &str) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length");
        mac.update(b"upload");
        mac.update(signed.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// Reads what [`GrantKey::sign`] wrote.
fn read_signed(signed: &str) -> Option<Permit> {
    let (path, query) = signed.split_once('?')?;
    let (file, rest) = path.strip_prefix(FILES)?.split_once('/')?;
    let extension = rest.strip_prefix("original")?;
    let mut values = query.split('&');
    let mut value = |name: &str| values.next()?.strip_prefix(name)?.strip_prefix('=');
    let text = |value: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(value).ok()?).ok();
    let app = AppId(value("app")?.parse().ok()?);
    let user = UserId::from(text(value("user")?)?);
    let kind = FileKind::of_number(value("kind")?.parse().ok()?)?;
    let bytes_max = value("max")?.parse().ok()?;
    let until = Time(value("until")?.parse().ok()?);
    let name = text(value("name")?)?;
    let extension = match extension.strip_prefix('.') {
        Some(extension) => super::name::known_extension(kind, extension)?,
        None => "",
    };
    Some(Permit { app, user, file: FileId::parse(file)?, kind, extension, bytes_max, until, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permit() -> Permit {
        Permit {
            app: AppId(1_400_000_001),
            user: UserId::from("小美&sig=x"),
            file: FileId(0xfeed),
            kind: FileKind::Image,
            extension: "png",
            bytes_max: 1000,
            until: Time(5000),
            name: "a ? & = / 图.png".into(),
        }
    }

    #[test]
    fn an_address_says_what_it_was_given_out_for() {
        let key = GrantKey::new([7; 32]);
        for (kind, extension) in [(FileKind::Image, "png"), (FileKind::Other, ""), (FileKind::Video, "mp4")] {
            let permit = Permit { kind, extension, ..permit() };
            let target = key.sign(&permit);
            assert!(target.bytes().all(|byte| byte.is_ascii_graphic()), "{target}");
            assert_eq!(key.check(&target, Time(4999)), Ok(permit));
            assert_eq!(key.check(&target, Time(5000)), Err(BadGrant::Expired));
        }
    }

    #[test]
    fn a_changed_address_is_nobodys() {
        let key = GrantKey::new([7; 32]);
        let target = key.sign(&permit());
        assert_eq!(GrantKey::new([8; 32]).check(&target, Time(0)), Err(BadGrant::Forged));
        for (from, to) in [
            ("feed", "feee"),
            ("max=1000", "max=9999"),
            ("kind=1", "kind=255"),
            ("until=5000", "until=9000"),
            ("app=1400000001", "app=1400000002"),
            ("user=", "user=eA"),
            (".png", ".html"),
            ("original", "thumb"),
            ("&name=", "&x=y&name="),
        ] {
            let changed = target.replacen(from, to, 1);
            assert_ne!(changed, target);
            assert_eq!(key.check(&changed, Time(0)), Err(BadGrant::Forged), "{changed}");
        }
        for cut in 0..target.len() {
            assert_eq!(key.check(&target[..cut], Time(0)), Err(BadGrant::Forged), "{cut}");
        }
        assert_eq!(key.check(&format!("{target}&x=1"), Time(0)), Err(BadGrant::Forged));
    }
}
