//! The shop's answers. They are described once, as our own REST API has them; here their names get the first letter that is the
//! custom of this wire, in one pass over the text: a shelf is asked for by everybody who comes in.

use crate::tencent::envelope::outcome_body;
use hawker_core::shop::ShopAnswer;

/// Writes the body of a reply. A shelf that was written before is copied.
pub fn body(answer: &ShopAnswer) -> String {
    match answer {
        ShopAnswer::Shelf(shelf) => shelf.written.get_or_init(|| write(answer).into()).to_string(),
        answer => write(answer),
    }
}

fn write(answer: &ShopAnswer) -> String {
    let ours = serde_json::to_string(answer).expect("plain values become JSON");
    let mut body = outcome_body(0, "");
    // Two objects become one.
    body.pop();
    if ours != "{}" {
        body.push(',');
    }
    uppered(&mut body, &ours[1..]);
    body
}

/// Copies compact JSON; each name gets an upper-case first letter, and a room is called as this wire calls it.
fn uppered(out: &mut String, json: &str) {
    let mut rest = json;
    while let Some(quote) = rest.find('"') {
        let from = quote + 1;
        let to = from + text_len(&rest[from..]);
        let (text, after) = (&rest[from..to], &rest[to + 1..]);
        out.push_str(&rest[..from]);
        if after.starts_with(':') {
            name(out, text);
        } else {
            out.push_str(text);
        }
        out.push('"');
        rest = after;
    }
    out.push_str(rest);
}

fn name(out: &mut String, ours: &str) {
    if ours == "room" {
        return out.push_str("GroupId");
    }
    let mut chars = ours.chars();
    out.extend(chars.next().map(|first| first.to_ascii_uppercase()));
    out.push_str(chars.as_str());
}

/// How long a text is up to the quote that ends it.
fn text_len(quoted: &str) -> usize {
    let mut escaped = false;
    let end = quoted.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.unwrap_or(quoted.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hawker_core::shop::view::{GiftView, Nothing, WalletView};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn upper(value: &Value) -> String {
        let mut out = String::new();
        uppered(&mut out, &value.to_string());
        out
    }

    #[test]
    fn names_and_nothing_else_change() {
        let ours =
            json!({ "room": "room", "items": [{ "listPrice": 1, "off": { "amount": 5 }, "title": "a\":\"b\\" }] });
        let wire = json!({ "GroupId": "room", "Items": [{ "ListPrice": 1, "Off": { "Amount": 5 }, "Title": "a\":\"b\\" }] });
        assert_eq!(serde_json::from_str::<Value>(&upper(&ours)).unwrap(), wire);
    }

    #[test]
    fn an_answer_is_one_object_with_its_outcome() {
        let done = body(&ShopAnswer::Done(Nothing {}));
        assert_eq!(done, r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#);
        let gift = body(&ShopAnswer::Gift(GiftView { coins: 7, combo: 2 }));
        assert_eq!(gift, r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","Coins":7,"Combo":2}"#);
    }

    proptest! {
        #[test]
        fn whatever_somebody_is_called(user in ".*") {
            let answer = ShopAnswer::Wallet(WalletView { user: user.as_str().into(), coins: 1 });
            let read: Value = serde_json::from_str(&body(&answer)).unwrap();
            prop_assert_eq!(&read["User"], &json!(user));
        }
    }
}
