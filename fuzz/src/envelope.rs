//! Whole requests, as text.

use crate::commands;
use hawker_wire::tencent::decode::Via;
use hawker_wire::tencent::envelope::{self, Envelope};

/// A frame: read, decoded over both transports, answered.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(envelope) = Envelope::parse(text) else { return };
    let head = &envelope.head;
    for via in [Via::Socket, Via::Http] {
        commands::decoded(via, &head.servcmd, envelope.body());
    }
    let reply = envelope::reply(&head.servcmd, head.seq, &envelope::outcome_body(1, &head.servcmd));
    let read: serde_json::Value = serde_json::from_str(&reply).expect("a reply is JSON");
    assert_eq!(read["head"]["seq"], head.seq);
    assert_eq!(read["head"]["servcmd"], *head.servcmd);
}

/// A request for each command.
pub fn seeds() -> Vec<Vec<u8>> {
    let head = r#""ver":"v4","platform":7,"seq":42,"a2":"token","identifier":"","usersig":"""#;
    let request = |(command, body): &(&str, &str)| {
        format!(r#"{{"head":{{{head},"servcmd":"{command}"}},"body":{body}}}"#).into_bytes()
    };
    commands::TABLE.iter().map(request).collect()
}
