//! Which events an endpoint wants to hear: `order.paid`, `order.*`, `*`.

/// Patterns that an endpoint may have.
pub const PATTERNS_MAX: usize = 50;
/// Bytes of one.
const BYTES_MAX: usize = 64;

/// Whether this is a pattern: names with dots between them, of which the last may be a star.
pub fn is_pattern(text: &str) -> bool {
    let names = match text.strip_suffix('*') {
        Some("") => return true,
        Some(names) => match names.strip_suffix('.') {
            Some(names) => names,
            None => return false,
        },
        None => text,
    };
    text.len() <= BYTES_MAX && names.split('.').all(is_name)
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// Whether one of the patterns, which have blanks between them, is for a kind of event.
pub fn wants(patterns: &str, kind: &str) -> bool {
    patterns.split(' ').any(|pattern| match pattern.strip_suffix('*') {
        Some(beginning) => kind.starts_with(beginning),
        None => kind == pattern,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_names_and_maybe_a_star_at_the_end() {
        for good in ["*", "order.*", "order.paid", "room.goods_pushed"] {
            assert!(is_pattern(good), "{good}");
        }
        let long = "a".repeat(65);
        for bad in
            ["", ".", "order.", ".*", "order*", "*.paid", "order paid", "Order.paid", "order..paid", "**", &long]
        {
            assert!(!is_pattern(bad), "{bad}");
        }
    }

    #[test]
    fn a_star_is_everything_of_its_kind() {
        assert!(wants("*", "order.paid"));
        assert!(wants("coupon.* order.*", "order.paid_late"));
        assert!(wants("coupon.claimed order.paid", "order.paid"));
        assert!(!wants("order.paid", "order.paid_late"));
        assert!(!wants("order.*", "orders.paid"));
        assert!(!wants("", "order.paid"));
    }
}
