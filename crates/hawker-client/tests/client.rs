//! The client over a real socket, against a server that says what the test wants.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hawker_client::live_sells::{LiveSells, LiveSellsEvent};
use hawker_client::{Client, ConnectOptions, Error, Event, Limits, NetState, Outgoing, ReconnectPolicy};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};

/// A server with one connection at a time; the test is its brain.
struct Mock {
    listener: TcpListener,
    url: String,
}

/// A connection as the mock sees it.
struct Line {
    socket: WebSocketStream<TcpStream>,
}

impl Mock {
    async fn start() -> Mock {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        Mock { listener, url }
    }

    async fn accept(&self) -> Line {
        let (stream, _) = self.listener.accept().await.unwrap();
        Line { socket: accept_async(stream).await.unwrap() }
    }

    fn options(&self) -> ConnectOptions {
        let reconnect = ReconnectPolicy { first: Duration::from_millis(1), ..ReconnectPolicy::default() };
        ConnectOptions { reconnect, seed: Some(7), ..ConnectOptions::new(&self.url, 14) }
    }

    async fn connect(&self) -> (Client, Line) {
        let (client, line) = tokio::join!(Client::connect(self.options()), self.accept());
        (client.unwrap(), line)
    }

    /// Logged in as `me` and in room `r`.
    async fn in_room(&self) -> (Client, Line) {
        let (client, mut line) = self.connect().await;
        let (joined, ()) = tokio::join!(
            async {
                client.login("me", "sig").await?;
                client.join("r").await
            },
            async {
                line.reply("wslogin", json!({"A2Key": "token", "TinyId": "144", "InstId": 1})).await;
                line.reply("apply_join_group", json!({"JoinedStatus": "JoinedSuccess", "HugeGroupFlag": 1})).await;
                line.reply("get_group_self_member_info", profile()).await;
            }
        );
        assert_eq!(joined.unwrap().next_msg_seq, 10);
        (client, line)
    }
}

/// What a client asks by itself.
const BESIDE: [&str; 2] = ["heartbeat.alive", "openim.getmsg"];

impl Line {
    /// The next request of that command; heartbeats, and the question for missed messages that follows a login, are
    /// answered on the way.
    async fn request(&mut self, command: &str) -> Value {
        loop {
            let message = self.socket.next().await.expect("connected").unwrap();
            let Message::Binary(bytes) = message else {
                continue;
            };
            let frame: Value = serde_json::from_slice(&bytes).unwrap();
            let servcmd = frame["head"]["servcmd"].as_str().unwrap().to_owned();
            if servcmd.ends_with(command) {
                return frame;
            }
            assert!(BESIDE.contains(&&*servcmd), "{servcmd} while waiting for {command}");
            self.answer(&frame, json!({})).await;
        }
    }

    async fn answer(&mut self, request: &Value, body: Value) {
        let head = json!({"servcmd": request["head"]["servcmd"], "seq": request["head"]["seq"]});
        self.send(json!({"head": head, "body": body})).await;
    }

    async fn reply(&mut self, command: &str, body: Value) {
        let request = self.request(command).await;
        self.answer(&request, body).await;
    }

    async fn send(&mut self, frame: Value) {
        self.socket.send(Message::binary(frame.to_string())).await.unwrap();
    }

    async fn say(&mut self, seq: u64, text: &str) {
        self.send(json!({"head": {"servcmd": "im_open_push.msg_push"}, "body": {"EventArray": [{"Event": 3,
            "GroupMsgArray": [{"From_Account": "you", "ToGroupId": "r", "MsgSeq": seq, "MsgRandom": seq + 50,
                "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": text}}]}]}]}}))
            .await;
    }
}

fn profile() -> Value {
    json!({"GroupInfo": [{"GroupId": "r", "Owner_Account": "host", "NextMsgSeq": 10}]})
}

fn texts(events: &[Event]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|event| if let Event::Message(message) = event { message.text() } else { None })
        .collect()
}

#[tokio::test]
async fn logs_in_joins_talks_and_hears() {
    let mock = Mock::start().await;
    let (client, mut line) = mock.in_room().await;
    let mut events = client.events();
    let (sent, ()) =
        tokio::join!(client.send("r", Outgoing::text("hi").priority(hawker_client::Priority::High)), async {
            let request = line.request("send_group_msg").await;
            assert_eq!(request["body"]["MsgPriority"], "High");
            assert_eq!(request["body"]["MsgBody"][0]["MsgContent"]["Text"], "hi");
            line.answer(&request, json!({"MsgSeq": 10, "MsgTime": 17})).await;
        });
    assert_eq!((sent.unwrap().seq, client.user()), (10, Some("me".into())));
    line.say(11, "hello").await;
    assert!(matches!(events.next().await, Some(Event::Message(message)) if message.text() == Some("hello")));
}

#[tokio::test]
async fn comes_back_and_resumes_without_gap_or_double() {
    let mock = Mock::start().await;
    let (client, mut line) = mock.in_room().await;
    let mut events = client.events();
    line.say(10, "before").await;
    assert!(matches!(events.next().await, Some(Event::Message(_))));
    drop(line);
    let mut line = mock.accept().await;
    let login = line.request("wslogin").await;
    assert_eq!(login["head"]["a2"], "token");
    assert_eq!(login["body"]["Resume"], json!([{"GroupId": "r", "MsgSeq": 10}]));
    line.answer(&login, json!({"Resume": [{"GroupId": "r", "Status": "Resumed"}]})).await;
    for (seq, text) in [(10, "before"), (11, "meanwhile"), (12, "after")] {
        line.say(seq, text).await;
    }
    let mut heard = Vec::new();
    while texts(&heard).last() != Some(&"after") {
        heard.push(events.next().await.unwrap());
    }
    assert_eq!(texts(&heard), ["meanwhile", "after"]);
    assert_eq!(heard[..2], [Event::NetState(NetState::Connecting), Event::NetState(NetState::Connected)]);
}

#[tokio::test]
async fn a_call_made_while_disconnected_is_answered_afterwards() {
    let mock = Mock::start().await;
    let (client, line) = mock.in_room().await;
    let mut events = client.events();
    drop(line);
    assert_eq!(events.next().await, Some(Event::NetState(NetState::Connecting)));
    let (count, ()) = tokio::join!(client.online_count("r"), async {
        let mut line = mock.accept().await;
        line.reply("wslogin", json!({})).await;
        line.reply("get_online_member_num", json!({"OnlineMemberNum": 3})).await;
    });
    assert_eq!(count.unwrap().members, 3);
}

#[tokio::test]
async fn dropped_call_takes_nobody_elses_answer() {
    let mock = Mock::start().await;
    let (client, mut line) = mock.in_room().await;
    let mut dropped = Box::pin(client.online_count("r"));
    let first = tokio::select! {
        _ = &mut dropped => panic!("not answered yet"),
        request = line.request("get_online_member_num") => request,
    };
    drop(dropped);
    let (count, ()) = tokio::join!(client.online_count("r"), async {
        let second = line.request("get_online_member_num").await;
        line.answer(&first, json!({"OnlineMemberNum": 1})).await;
        line.answer(&second, json!({"OnlineMemberNum": 2})).await;
    });
    assert_eq!(count.unwrap().members, 2);
}

#[tokio::test]
async fn a_list_of_conversations_that_gets_no_further_ends() {
    let mock = Mock::start().await;
    let (client, mut line) = mock.in_room().await;
    let page = json!({"CompleteFlag": 0, "TimeStamp": 5, "SessionItem": [{"Type": 1, "To_Account": "bob"}]});
    let (list, ()) = tokio::join!(client.conversations(), async {
        for place in [0, 5] {
            let request = line.request("page_get").await;
            assert_eq!(request["body"]["TimeStamp"], place);
            line.answer(&request, page.clone()).await;
        }
    });
    assert_eq!(list.unwrap().len(), 2);
}

#[tokio::test]
async fn refusals_carry_the_servers_code() {
    let mock = Mock::start().await;
    let (client, mut line) = mock.in_room().await;
    let (sent, ()) = tokio::join!(
        client.send_text("r", "hi"),
        line.reply("send_group_msg", json!({"ErrorCode": 10017, "ErrorInfo": "muted"}))
    );
    let error = sent.unwrap_err();
    assert_eq!(error.code(), 10017);
    assert!(error.to_string().contains("muted"));
}

#[tokio::test]
async fn connecting_to_nobody_fails() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    drop(listener);
    assert!(matches!(Client::connect(ConnectOptions::new(url, 14)).await, Err(Error::Disconnected { .. })));
    assert!(matches!(Client::connect(ConnectOptions::new("http://h", 14)).await, Err(Error::Address(_))));
}

#[tokio::test]
async fn closing_ends_streams_and_calls() {
    let mock = Mock::start().await;
    let (client, line) = mock.in_room().await;
    let mut events = client.events();
    let serve = async move {
        let mut line = line;
        while line.socket.next().await.is_some_and(|message| message.is_ok()) {}
    };
    tokio::join!(client.close(), serve);
    assert_eq!(events.next().await, None);
    assert_eq!(client.send_text("r", "hi").await, Err(Error::Closed));
    assert_eq!(client.events().next().await, None);
}

#[tokio::test]
async fn slow_receiver_is_told_what_it_missed() {
    let mock = Mock::start().await;
    let limits = Limits { events_max: 2, ..Limits::default() };
    let options = ConnectOptions { limits, ..mock.options() };
    let (client, mut line) = tokio::join!(Client::connect(options), mock.accept());
    let client = client.unwrap();
    tokio::join!(
        async {
            client.login("me", "sig").await.unwrap();
            client.join("r").await.unwrap();
        },
        async {
            line.reply("wslogin", json!({"A2Key": "token", "TinyId": "144"})).await;
            line.reply("apply_join_group", json!({"JoinedStatus": "JoinedSuccess"})).await;
            line.reply("get_group_self_member_info", profile()).await;
        }
    );
    let mut events = client.events();
    for seq in 10..15 {
        line.say(seq, "hi").await;
    }
    // The answer comes behind the messages, so they are all in the queue when it is here.
    let (answer, ()) = tokio::join!(client.online_count("r"), line.reply("get_online_member_num", json!({})));
    answer.unwrap();
    assert!(matches!(events.next().await, Some(Event::Lagged(lagged)) if lagged.heavy == 3));
    assert!(matches!(events.next().await, Some(Event::Message(message)) if message.seq == 13));
}

#[tokio::test]
async fn live_sells_tells_own_and_others_acts() {
    let mock = Mock::start().await;
    let (client, mut line) = mock.in_room().await;
    let user = |id: &str| {
        json!({"UserProfileItem": [{"To_Account": id, "ProfileItem": [
        {"Tag": "Tag_Profile_IM_Nick", "Value": format!("nick of {id}")}]}]})
    };
    let (joined, ()) = tokio::join!(LiveSells::join(&client, "r"), async {
        line.reply("apply_join_group", json!({"JoinedStatus": "JoinedSuccess"})).await;
        line.reply("get_group_self_member_info", profile()).await;
        line.reply("portrait_get_all", user("me")).await;
        line.reply("portrait_get_all", user("host")).await;
    });
    let (live, mut events) = joined.unwrap();
    assert_eq!(live.host().nick, "nick of host");
    let (gift, ()) = tokio::join!(live.gift("rose"), async {
        let request = line.request("send_group_msg").await;
        assert_eq!(request["body"]["MsgBody"][0]["MsgContent"]["Data"], "SEND_GIFT");
        line.answer(&request, json!({"MsgSeq": 10, "MsgTime": 17})).await;
    });
    let gift = gift.unwrap();
    assert_eq!((gift.nick.as_str(), gift.value.as_str()), ("nick of me", "rose"));
    assert_eq!(events.next().await, Some(LiveSellsEvent::SendGift(gift)));
    line.say(11, "hello").await;
    assert!(
        matches!(events.next().await, Some(LiveSellsEvent::Message(message)) if message.text() == Some("hello"))
    );
}
