//! The floor: a bare send(2) loop over real WebSocket connections.
//!
//! Every message has to go through one send per member; what else a server does comes on top. The frame is encoded once
//! and `k` of them are joined once per round, as any sensible server would.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::rounds::{Figures, Side, combined, measure};
use super::server::check_descriptors;
use super::{BenchError, PATIENCE, Plan, progress};
use crate::swarm::sys::{self, Poller, Received};
use crate::swarm::{Swarm, SwarmOptions, frame};

/// What to measure the floor with.
#[derive(Debug, Clone, PartialEq)]
pub struct FloorOptions {
    /// So many sockets.
    pub members: usize,
    /// Bytes of a message, without the frame's header.
    pub size: usize,
    /// Batches, repetitions and so on.
    pub plan: Plan,
}

impl Default for FloorOptions {
    fn default() -> Self {
        FloorOptions { members: 5000, size: 250, plan: Plan::default() }
    }
}

/// The floor of this machine.
#[derive(Debug, Clone, Serialize)]
pub struct FloorReport {
    /// So many sockets.
    pub members: usize,
    /// Bytes of a frame.
    pub frame_bytes: usize,
    /// One per batch size.
    pub rows: Vec<FloorRow>,
}

/// The floor at one batch size.
#[derive(Debug, Clone, Serialize)]
pub struct FloorRow {
    /// Messages per round.
    pub batch: usize,
    /// Medians over the repetitions.
    pub figures: Figures,
}

/// Measures the floor.
///
/// # Errors
/// [`BenchError::Swarm`] if the machine does not allow so many sockets.
pub fn run_floor(options: &FloorOptions) -> Result<FloorReport, BenchError> {
    let plan = &options.plan;
    let mut floor = Floor::open(options.members, plan)?;
    let frame_bytes = options.size + frame::header_len(options.size);
    let mut sets: HashMap<usize, Vec<Figures>> = HashMap::new();
    for repetition in 1..=plan.repetitions {
        for &batch in &plan.batches {
            floor.prepare(batch, frame_bytes as f64);
            sets.entry(batch).or_default().push(floor.measure(batch, plan.set_time)?);
        }
        progress(&format!("floor, {} sockets: repetition {repetition} of {}", options.members, plan.repetitions));
    }
    let rows = plan.batches.iter().map(|batch| FloorRow { batch: *batch, figures: combined(&sets[batch]) });
    Ok(FloorReport { members: options.members, frame_bytes, rows: rows.collect() })
}

impl FloorReport {
    /// The report as a table for people.
    pub fn table(&self) -> String {
        let mut text = format!("floor: {} sockets, frames of {} bytes\n", self.members, self.frame_bytes);
        text += "    k   CPU µs/delivery   per send   deliveries/s   round p50 ms   members' CPU µs\n";
        for FloorRow { batch, figures } in &self.rows {
            text += &format!(
                "{batch:>5}   {:>15.4} {:>10.2} {:>14.0} {:>14.2} {:>17.4}\n",
                figures.cpu_us_per_delivery,
                figures.cpu_us_per_delivery * *batch as f64,
                figures.deliveries_per_s,
                figures.round_p50_ms,
                figures.member_cpu_us_per_delivery,
            );
        }
        text
    }
}

/// The sending side of the floor: this process and its sockets.
pub(super) struct Floor {
    sockets: Vec<i32>,
    swarm: Swarm,
    /// What one round sends to every socket.
    round: Vec<u8>,
    /// Keeps watching the sockets for reading, as every real server must.
    _poller: Poller,
}

impl Floor {
    pub(super) fn open(members: usize, plan: &Plan) -> Result<Floor, BenchError> {
        sys::raise_descriptor_limit();
        check_descriptors(std::process::id(), members)?;
        let (listener, port) = sys::listen()?;
        let options = SwarmOptions {
            url: format!("ws://127.0.0.1:{port}/ws"),
            entrance: None,
            members,
            processes: plan.processes,
            in_flight: plan.in_flight,
            sample_every: 0,
            command: plan.command()?,
        };
        let mut swarm = Swarm::start(&options)?;
        swarm.open(members);
        let mut poller = Poller::new()?;
        let sockets = accept_all(listener, members, &mut poller, &swarm)?;
        swarm.wait_joined(members, PATIENCE)?;
        sys::close(listener);
        Ok(Floor { sockets, swarm, round: Vec::new(), _poller: poller })
    }

    /// Makes the bytes of a round: `batch` frames of about `frame_bytes` each.
    pub(super) fn prepare(&mut self, batch: usize, frame_bytes: f64) {
        let total = (frame_bytes * batch as f64).round() as usize;
        self.round = frames_of(total, batch);
    }

    pub(super) fn measure(&mut self, batch: usize, time: Duration) -> Result<Figures, BenchError> {
        let members = self.sockets.len();
        measure(self, batch, members, time)
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        self.sockets.drain(..).for_each(sys::close);
    }
}

impl Side for Floor {
    fn send(&mut self, _batch: usize) -> Result<(), BenchError> {
        for &socket in &self.sockets {
            sys::send_all(socket, &self.round)?;
        }
        Ok(())
    }

    fn count_per_round(&self, _batch: usize) -> u64 {
        (self.round.len() * self.sockets.len()) as u64
    }

    fn cpu_ns(&self) -> u64 {
        sys::own_cpu_ns()
    }

    fn swarm(&self) -> &Swarm {
        &self.swarm
    }

    fn after_round(&mut self) -> Result<(), BenchError> {
        Ok(())
    }
}

const LISTENER: u64 = u64::MAX;

/// Accepts and upgrades everybody, in one thread with one poller.
fn accept_all(listener: i32, members: usize, poller: &mut Poller, swarm: &Swarm) -> Result<Vec<i32>, BenchError> {
    poller.watch_listener(listener, LISTENER)?;
    let mut sockets = Vec::with_capacity(members);
    let (mut upgraded, mut since) = (0, Instant::now());
    while upgraded < members {
        for index in 0..poller.wait(Duration::from_millis(100)) {
            let event = poller.ready(index);
            if event.key == LISTENER {
                accept_waiting(listener, poller, &mut sockets)?;
            } else if event.readable && upgrade(sockets[event.key as usize])? {
                (upgraded, since) = (upgraded + 1, Instant::now());
            }
        }
        swarm.wait_joined(0, PATIENCE)?;
        if since.elapsed() > PATIENCE {
            return Err(BenchError::Server(format!("only {upgraded} of {members} connected")));
        }
    }
    Ok(sockets)
}

fn accept_waiting(listener: i32, poller: &Poller, sockets: &mut Vec<i32>) -> Result<(), BenchError> {
    while let Some(socket) = sys::accept(listener) {
        poller.watch_reads_of(socket, sockets.len() as u64)?;
        sockets.push(socket);
    }
    Ok(())
}

/// Whether the socket is upgraded now. The request is small and our own, so it comes in one piece.
fn upgrade(socket: i32) -> Result<bool, BenchError> {
    let mut buffer = [0; 2048];
    let Received::Bytes(count) = sys::receive(socket, &mut buffer) else {
        return Ok(false);
    };
    let reply =
        frame::upgrade_reply(&buffer[..count]).ok_or_else(|| BenchError::Server("half an upgrade".into()))?;
    sys::send_all(socket, &reply)?;
    Ok(true)
}

/// `batch` text frames that together are `total` bytes long.
fn frames_of(total: usize, batch: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(total);
    for index in 0..batch {
        let share = total / batch + usize::from(index < total % batch);
        out.extend(frame_of(share));
    }
    out
}

/// One text frame of exactly so many bytes. The lengths next to where the header grows exist only with the longer
/// header, which costs a byte or two more.
fn frame_of(bytes: usize) -> Vec<u8> {
    let header = [2, 4, 10].into_iter().find(|header| frame::header_len(bytes.saturating_sub(*header)) == *header);
    frame::text_frame(&filler(bytes.saturating_sub(header.unwrap_or(4))))
}

/// Text that looks like a message.
fn filler(len: usize) -> Vec<u8> {
    let words = b"good evening, is the mug still there and does it come in blue? ";
    words.iter().copied().cycle().take(len).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_has_the_wanted_bytes_in_whole_frames() {
        for (total, batch) in [(254, 1), (8 * 431 + 3, 8), (32 * 324, 32), (70_000, 1)] {
            let round = frames_of(total, batch);
            assert_eq!(round.len(), total);
            let (mut rest, mut frames) = (&round[..], 0);
            while let Some((opcode, _, taken)) = frame::first_frame(rest) {
                assert_eq!(opcode, 1);
                (rest, frames) = (&rest[taken..], frames + 1);
            }
            assert_eq!((rest.len(), frames), (0, batch));
        }
    }
}
