//! The benches from a command line of their own, for those who have the SDK and not the `hawker` program:
//!
//!     cargo run --release --example bench -- floor 5000
//!     cargo run --release --example bench -- pairs 1000,5000 path/to/hawker

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    use std::path::PathBuf;
    use std::process::ExitCode;

    use hawker_client::bench::{
        BenchError, FloorOptions, PairsOptions, ServerConf, ServerSource, run_floor, run_pairs, start_server,
    };
    use hawker_client::swarm;

    fn floor(members: &str) -> Result<(), BenchError> {
        let members = members.parse().unwrap_or(5000);
        let report = run_floor(&FloorOptions { members, ..FloorOptions::default() })?;
        println!("{}", report.table());
        Ok(())
    }

    fn pairs(members: &str, program: PathBuf) -> Result<(), BenchError> {
        let members = members.split(',').filter_map(|number| number.parse().ok()).collect();
        let start = |conf: &ServerConf| start_server(&program, conf);
        let options = PairsOptions { members, ..PairsOptions::default() };
        let report = run_pairs(&options, &ServerSource::Start(&start))?;
        eprintln!("{}", report.table());
        println!("{}", report.json_line());
        Ok(())
    }

    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match words[..] {
        [swarm::SUBCOMMAND, ..] => return swarm::child_main(&args[1..]),
        ["floor", members] => floor(members),
        ["pairs", members, program] => pairs(members, program.into()),
        _ => {
            eprintln!("usage: bench floor MEMBERS | bench pairs MEMBERS,MEMBERS… HAWKER");
            return ExitCode::FAILURE;
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("the benches need Linux");
}
