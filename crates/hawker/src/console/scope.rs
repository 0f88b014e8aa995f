//! What the key of an application may do.

use std::fmt;
use std::str::FromStr;

macro_rules! areas {
    ($($(#[doc = $doc:expr])* $area:ident = $name:literal,)*) => {
        /// A part of the shop.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Area { $($(#[doc = $doc])* $area,)* }

        impl Area {
            /// All of them.
            pub const ALL: &[Area] = &[$(Area::$area),*];

            /// As it is written.
            pub fn name(self) -> &'static str {
                match self { $(Self::$area => $name,)* }
            }
        }
    };
}

areas! {
    /// Goods, their stock and their pictures.
    Goods = "goods",
    /// Coupons.
    Coupons = "coupons",
    /// Orders.
    Orders = "orders",
    /// Rooms and what happens in them.
    Rooms = "rooms",
    /// Gifts and wallets.
    Gifts = "gifts",
    /// Viewers.
    Users = "users",
    /// Webhooks.
    Webhooks = "webhooks",
    /// Numbers of shows.
    Statistics = "statistics",
    /// Settings.
    Settings = "settings",
}

/// Looking or changing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// Looking.
    Read,
    /// Changing.
    Write,
}

/// Something that a key may do: `orders:read`. Who may change is not thereby allowed to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope(pub Area, pub Act);

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let act = match self.1 {
            Act::Read => "read",
            Act::Write => "write",
        };
        write!(f, "{}:{act}", self.0.name())
    }
}

impl FromStr for Scope {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (area, act) = text.split_once(':').ok_or(())?;
        let area = Area::ALL.iter().find(|known| known.name() == area).ok_or(())?;
        match act {
            "read" => Ok(Self(*area, Act::Read)),
            "write" => Ok(Self(*area, Act::Write)),
            _ => Err(()),
        }
    }
}

/// Reads what [`list`] wrote.
pub fn parse_list(text: &str) -> Vec<Scope> {
    text.split(' ').filter_map(|scope| scope.parse().ok()).collect()
}

/// Scopes with blanks between them, each once.
pub fn list(scopes: &[Scope]) -> String {
    let mut scopes = scopes.to_vec();
    scopes.sort_unstable();
    scopes.dedup();
    scopes.iter().map(Scope::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_as_they_are_written() {
        for area in Area::ALL {
            for act in [Act::Read, Act::Write] {
                assert_eq!(Scope(*area, act).to_string().parse(), Ok(Scope(*area, act)));
            }
        }
        for bad in ["", "goods", "goods:", ":read", "goods:delete", "all:read", "goods:read:write", "Goods:read"] {
            assert_eq!(bad.parse::<Scope>(), Err(()), "{bad}");
        }
        let scopes =
            [Scope(Area::Orders, Act::Write), Scope(Area::Goods, Act::Read), Scope(Area::Orders, Act::Write)];
        assert_eq!(list(&scopes), "goods:read orders:write");
        assert_eq!(parse_list(&list(&scopes)), [scopes[1], scopes[0]]);
    }
}
