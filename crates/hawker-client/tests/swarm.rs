//! The swarm with real member processes. It starts this very program again, so the usual harness, which would take the
//! hidden subcommand for the name of a test, is off.

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().is_some_and(|word| word == hawker_client::swarm::SUBCOMMAND) {
        return hawker_client::swarm::child_main(&args[1..]);
    }
    linux::all();
    std::process::ExitCode::SUCCESS
}

#[cfg(target_os = "linux")]
mod linux {
    use std::time::Duration;

    use hawker_client::bench::{
        FloorOptions, PairsOptions, PairsReport, Plan, ServerConf, ServerSource, run_floor, run_pairs, start_server,
    };
    use hawker_client::swarm::{Command, Entrance, Hearing, Swarm, SwarmError, SwarmOptions, frame};
    use serde_json::json;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::path::{Path, PathBuf};
    use std::sync::{Arc, Mutex};

    const PATIENCE: Duration = Duration::from_secs(20);

    pub fn all() {
        floor_counts_every_byte_of_every_member();
        println!("test floor_counts_every_byte_of_every_member ... ok");
        members_log_in_join_and_count_messages();
        println!("test members_log_in_join_and_count_messages ... ok");
        refused_members_say_why();
        println!("test refused_members_say_why ... ok");
        pairs_compare_a_server_with_the_floor();
        println!("test pairs_compare_a_server_with_the_floor ... ok");
        real_server_fills_and_fans_out();
        println!("test real_server_fills_and_fans_out ... ok");
    }

    fn floor_counts_every_byte_of_every_member() {
        let plan = Plan {
            batches: vec![1, 4],
            repetitions: 1,
            set_time: Duration::from_millis(20),
            processes: 2,
            ..Plan::default()
        };
        let report = run_floor(&FloorOptions { members: 50, size: 250, plan }).unwrap();
        for row in &report.rows {
            assert_eq!(row.figures.bytes_per_delivery, 254.0);
            assert_eq!(row.figures.deliveries, row.figures.rounds * 50 * row.batch as u64);
            assert!(row.figures.cpu_us_per_delivery > 0.0);
        }
    }

    fn options(url: String, members: usize) -> SwarmOptions {
        SwarmOptions {
            url,
            entrance: Some(Entrance {
                sdk_app_id: 14,
                secret: "secret".to_owned(),
                room: "r".to_owned(),
                hearing: Hearing::Push { history: false, ask_profile: true },
                user_prefix: "member_".to_owned(),
            }),
            members,
            processes: 2,
            in_flight: 4,
            sample_every: 1,
            command: Command::this_program().unwrap(),
        }
    }

    /// Lets so many members in, answering their three requests with `code`, one thread each.
    fn mock(members: usize, code: u32) -> (String, std::thread::JoinHandle<Vec<TcpStream>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let serve = move || {
            let threads: Vec<_> = (0..members)
                .map(|_| {
                    let (socket, _) = listener.accept().unwrap();
                    std::thread::spawn(move || serve_member(socket, code))
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        };
        (url, std::thread::spawn(serve))
    }

    fn serve_member(mut socket: TcpStream, code: u32) -> TcpStream {
        let mut buffer = [0; 4096];
        let count = socket.read(&mut buffer).unwrap();
        socket.write_all(&frame::upgrade_reply(&buffer[..count]).unwrap()).unwrap();
        // Join and profile come in one write; what they say is the server's business, not this test's.
        for command in ["wslogin", "apply_join_group", "get_group_self_member_info"] {
            if command != "get_group_self_member_info" {
                let _ = socket.read(&mut buffer);
            }
            let reply = json!({"head": {"servcmd": command, "seq": 1}, "body": {"ErrorCode": code}});
            // A refused member may have gone before the last answer.
            let _ = socket.write_all(&frame::text_frame(reply.to_string().as_bytes()));
        }
        socket
    }

    fn members_log_in_join_and_count_messages() {
        let (url, server) = mock(6, 0);
        let mut swarm = Swarm::start(&options(url, 6)).unwrap();
        let joining = swarm.admit(6, PATIENCE).unwrap();
        assert_eq!((joining.members, swarm.joined()), (6, 6));
        let mut sockets = server.join().unwrap();
        let stamp = hawker_client::swarm::stamped_text(0, 1);
        let message = frame::text_frame(json!({"MsgSeq": 1, "Text": stamp}).to_string().as_bytes());
        for socket in &mut sockets {
            // Cut in the middle of everything.
            for piece in message.chunks(5) {
                socket.write_all(piece).unwrap();
            }
            socket.write_all(&message).unwrap();
        }
        swarm.wait_counted(12, PATIENCE).unwrap();
        assert_eq!(swarm.counted(), 12);
        assert_eq!(swarm.bytes(), 12 * message.len() as u64);
        assert!(swarm.take_delays().count() >= 6, "at least the uncut stamps are seen");
    }

    fn refused_members_say_why() {
        let (url, server) = mock(1, 70009);
        let mut swarm = Swarm::start(&options(url, 1)).unwrap();
        let error = swarm.admit(1, PATIENCE).unwrap_err();
        server.join().unwrap();
        assert!(matches!(&error, SwarmError::Join { reason, .. } if reason.contains("70009")), "{error}");
    }

    fn small_pairs() -> PairsOptions {
        let plan =
            Plan { batches: vec![1, 4], repetitions: 2, set_time: Duration::from_millis(20), ..Plan::default() };
        PairsOptions { members: vec![20], plan, ..PairsOptions::default() }
    }

    fn check(report: &PairsReport) {
        assert_eq!(report.rows.len(), 2);
        for row in &report.rows {
            assert!(row.server.figures.deliveries >= 20 * row.batch as u64);
            assert!(row.server.figures.bytes_per_delivery > 50.0);
            assert!(row.server.figures.delays.count() > 0);
        }
        let line: serde_json::Value = serde_json::from_str(&report.json_line()).unwrap();
        assert_eq!((&line["n"], &line["k"]), (&json!([20]), &json!([1, 4])));
        assert!(line["ratio"]["20"]["4"].is_number());
    }

    fn pairs_compare_a_server_with_the_floor() {
        let url = mock_room();
        let source = ServerSource::Running { url, pid: std::process::id() };
        check(&run_pairs(&small_pairs(), &source).unwrap());
    }

    fn real_server_fills_and_fans_out() {
        let named = std::env::var_os("HAWKER_BIN").map(PathBuf::from);
        let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/debug/hawker");
        let program = named.unwrap_or(built);
        assert!(program.exists(), "there is no server at {}: cargo build -p hawker", program.display());
        let start = |conf: &ServerConf| start_server(&program, conf);
        check(&run_pairs(&small_pairs(), &ServerSource::Start(&start)).unwrap());
    }

    /// A server with one room and a thread per member: says yes to everything and sends every message to all.
    fn mock_room() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        let room: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
        std::thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let room = room.clone();
                std::thread::spawn(move || mock_member(socket, &room));
            }
        });
        url
    }

    fn mock_member(mut socket: TcpStream, room: &Mutex<Vec<TcpStream>>) -> Option<()> {
        socket.set_nodelay(true).ok()?;
        let mut buffer = [0; 4096];
        let count = socket.read(&mut buffer).ok()?;
        socket.write_all(&frame::upgrade_reply(&buffer[..count])?).ok()?;
        loop {
            let request: serde_json::Value = serde_json::from_slice(&masked_frame(&mut socket)?).ok()?;
            let command = request["head"]["servcmd"].as_str()?;
            let mut room = room.lock().unwrap();
            let reply = json!({"head": {"servcmd": command, "seq": request["head"]["seq"]},
                "body": {"ErrorCode": 0, "A2Key": "token", "TinyId": "144"}});
            socket.write_all(&frame::text_frame(reply.to_string().as_bytes())).ok()?;
            if command.ends_with("apply_join_group") {
                room.push(socket.try_clone().ok()?);
            }
            if command.ends_with("send_group_msg") {
                let push = json!({"head": {"servcmd": "im_open_push.msg_push"},
                    "body": {"MsgSeq": 1, "MsgBody": request["body"]["MsgBody"]}});
                let push = frame::text_frame(push.to_string().as_bytes());
                room.retain(|mut member| member.write_all(&push).is_ok());
            }
        }
    }

    /// The payload of the next frame of a client.
    fn masked_frame(socket: &mut TcpStream) -> Option<Vec<u8>> {
        let mut head = [0; 2];
        socket.read_exact(&mut head).ok()?;
        let mut len = usize::from(head[1] & 0x7f);
        if len == 126 {
            socket.read_exact(&mut head).ok()?;
            len = usize::from(u16::from_be_bytes(head));
        }
        let mut mask = [0; 4];
        socket.read_exact(&mut mask).ok()?;
        let mut payload = vec![0; len];
        socket.read_exact(&mut payload).ok()?;
        payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
        Some(payload)
    }
}
