//! In which order a client that was put out hears of it.

use hawker_core::change::Snapshot;
use hawker_core::command::{Command, Login};
use hawker_core::engine::{AppRules, Caller, Engine, Input, KickReason, Output};
use hawker_core::{AppId, ConnId, Refusal, SessionId, Time};
use std::collections::BTreeMap;

const APP: AppId = AppId(7);
const NOW: Time = Time(1_000_000);

fn login(engine: &mut Engine<u32>, conn: u64, ticket: u32) {
    let command = Command::Login(Login {
        app: APP,
        user: "mei".into(),
        sig_issued_at: Time(0),
        sig_expires_at: Time(9_000_000),
        instance: format!("{conn}").into(),
    });
    let by = Caller::Conn { conn: ConnId(conn), app: APP, token: None };
    engine.handle(NOW, Input::Asked { by, ticket, command });
}

fn outputs(engine: &mut Engine<u32>) -> Vec<Output<u32>> {
    engine.seal();
    std::iter::from_fn(|| engine.poll()).collect()
}

fn session(outputs: &[Output<u32>]) -> SessionId {
    let logged_in = outputs.iter().find_map(|output| match output {
        Output::Reply { answer: Ok(hawker_core::answer::Answer::LoggedIn(login)), .. } => Some(login.session),
        _ => None,
    });
    logged_in.expect("an answer")
}

#[test]
fn who_was_put_out_hears_that_before_anything_is_refused() {
    let mut engine = Engine::new(NOW, BTreeMap::from([(APP, AppRules::default())]), Snapshot::default(), 7);
    login(&mut engine, 1, 1);
    outputs(&mut engine);
    engine.handle(NOW, Input::Committed(1));
    let first = session(&outputs(&mut engine));
    login(&mut engine, 2, 2);
    // The first client asks something before it can know.
    let by = Caller::Conn { conn: ConnId(1), app: APP, token: Some((first, NOW)) };
    engine.handle(NOW, Input::Asked { by, ticket: 3, command: Command::Hello });
    let after = outputs(&mut engine);
    let kicked = after.iter().position(|one| matches!(one, Output::Kick(ConnId(1), KickReason::OtherLogin)));
    let refused =
        after.iter().position(|one| matches!(one, Output::Reply { ticket: 3, answer: Err(Refusal::SessionEnded) }));
    assert!(kicked.is_some() && kicked < refused, "{after:?}");
}
