//! Joins a room, says hello, and prints what happens there until interrupted.
//!
//!     cargo run --example join_and_talk -- ws://127.0.0.1:8080 1400000001 SECRET viewer_001 live_42
//!
//! The secret belongs on a server; it is used here only because an example has none.

use std::time::{SystemTime, UNIX_EPOCH};

use hawker_client::live_sells::{LiveSells, LiveSellsEvent};
use hawker_client::{Client, ConnectOptions, Error, user_sig};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [url, app_id, secret, user, room] = &args[..] else {
        eprintln!("usage: join_and_talk URL APP_ID SECRET USER ROOM");
        return std::process::ExitCode::FAILURE;
    };
    let talk = talk(url, app_id.parse().unwrap_or(0), secret, user, room);
    tokio::select! {
        result = talk => match result {
            Ok(()) => std::process::ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error} (code {})", error.code());
                std::process::ExitCode::FAILURE
            }
        },
        _ = tokio::signal::ctrl_c() => std::process::ExitCode::SUCCESS,
    }
}

async fn talk(url: &str, app_id: u64, secret: &str, user: &str, room: &str) -> Result<(), Error> {
    let client = Client::connect(ConnectOptions::new(url, app_id)).await?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    client.login(user, user_sig(app_id, secret, user, 86_400, now)).await?;
    let (live, mut events) = LiveSells::join(&client, room).await?;
    println!("in {room}, hosted by {}", live.host().user);
    live.send_message("hello · 大家好").await?;
    live.like("").await?;
    while let Some(event) = events.next().await {
        match event {
            LiveSellsEvent::Message(message) => {
                println!("{}: {}", message.nick, message.text().unwrap_or("(not text)"));
            }
            LiveSellsEvent::Join(member) => println!("{} came", member.user),
            LiveSellsEvent::AddGoods(act) => println!("goods: {}", act.value),
            LiveSellsEvent::Kicked(reason) => println!("kicked: {reason}"),
            other => println!("{other:?}"),
        }
    }
    Ok(())
}
