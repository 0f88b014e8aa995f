//! The system calls of the swarm and the benches, each behind a safe function.
//!
//! The only place in this crate with `unsafe`. Descriptors are plain numbers here: the swarm keeps its members in one
//! table and closes nothing before the process ends.

use std::ffi::c_void;
use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// Nanoseconds of the monotonic clock, the same in all processes of a machine.
pub fn monotonic_ns() -> u64 {
    clock_ns(libc::CLOCK_MONOTONIC)
}

/// CPU time of this process, all threads.
pub fn own_cpu_ns() -> u64 {
    clock_ns(libc::CLOCK_PROCESS_CPUTIME_ID)
}

/// CPU time of another process, all threads; 0 if there is none such.
pub fn cpu_ns_of(pid: u32) -> u64 {
    let mut clock: libc::clockid_t = 0;
    // SAFETY: writes one clock id to a local.
    let found = unsafe { libc::clock_getcpuclockid(pid as libc::pid_t, &mut clock) } == 0;
    if found { clock_ns(clock) } else { 0 }
}

fn clock_ns(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec to a local.
    unsafe { libc::clock_gettime(clock, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Raises the number of descriptors this process may have to the hard limit and says what it is.
pub fn raise_descriptor_limit() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: reads and writes one local rlimit.
    unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
        limit.rlim_cur = limit.rlim_max;
        libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
    }
    limit.rlim_max
}

/// This process ends when its parent does.
pub fn die_with_parent() {
    // SAFETY: no pointers.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
}

/// An anonymous file of `len` zero bytes that child processes inherit.
pub fn memory_file(len: usize) -> io::Result<OwnedFd> {
    // SAFETY: the name is a C string; the descriptor is new and owned by the result.
    let fd = unsafe { libc::memfd_create(c"hawker-swarm".as_ptr(), 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: just opened, owned by nobody else.
    let file = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: no pointers.
    let sized = unsafe { libc::ftruncate(fd, len as libc::off_t) };
    if sized == 0 { Ok(file) } else { Err(io::Error::last_os_error()) }
}

/// Types that may lie in memory shared with other processes: any bytes, zeros included, are a valid value, and all
/// access is atomic.
///
/// # Safety
/// Only for `repr(C)` structs of atomics.
pub unsafe trait Shareable: Sync {}

/// Maps a memory file for the rest of the process's life.
pub fn map_shared<T: Shareable>(fd: RawFd) -> io::Result<&'static T> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: a new mapping of a whole file; checked below.
    let address = unsafe { libc::mmap(std::ptr::null_mut(), size_of::<T>(), protection, libc::MAP_SHARED, fd, 0) };
    if address == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: page-aligned, long enough, never unmapped; `T: Shareable` makes any content valid.
    Ok(unsafe { &*address.cast::<T>() })
}

/// Sleeps until the word is woken, no longer has the value `expected`, or the time is over.
pub fn futex_wait(word: &AtomicU32, expected: u32, timeout: Duration) {
    let time = libc::timespec { tv_sec: timeout.as_secs() as _, tv_nsec: timeout.subsec_nanos() as _ };
    // SAFETY: the word and the timespec outlive the call.
    unsafe {
        libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAIT, expected, &raw const time, 0usize, 0u32)
    };
}

/// Wakes who sleeps on the word.
pub fn futex_wake(word: &AtomicU32) {
    // SAFETY: the word outlives the call.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAKE, 1, 0usize, 0usize, 0u32) };
}

/// What a poller reports about a socket.
#[derive(Debug, Clone, Copy)]
pub struct Ready {
    /// The number it was registered with.
    pub key: u64,
    /// There is something to read, or it was closed.
    pub readable: bool,
    /// It can be written to: a connect is over.
    pub writable: bool,
}

/// An epoll instance with room for a batch of events.
pub struct Poller {
    fd: OwnedFd,
    events: Vec<libc::epoll_event>,
}

impl Poller {
    /// So many sockets are reported at once.
    const BATCH: usize = 256;

    /// A new one.
    pub fn new() -> io::Result<Poller> {
        // SAFETY: the descriptor is new and owned by the result.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: just opened, owned by nobody else.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(Poller { fd, events: vec![libc::epoll_event { events: 0, u64: 0 }; Self::BATCH] })
    }

    /// Watches a socket edge-triggered, for reading and, until [`watch_reads`](Poller::watch_reads), writing.
    pub fn watch(&self, fd: RawFd, key: u64) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, fd, key, libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLET)
    }

    /// From now on only reading.
    pub fn watch_reads(&self, fd: RawFd, key: u64) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_MOD, fd, key, libc::EPOLLIN | libc::EPOLLET)
    }

    /// Watches a socket edge-triggered, only for reading.
    pub fn watch_reads_of(&self, fd: RawFd, key: u64) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, fd, key, libc::EPOLLIN | libc::EPOLLET)
    }

    /// Watches a listening socket, level-triggered.
    pub fn watch_listener(&self, fd: RawFd, key: u64) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, fd, key, libc::EPOLLIN)
    }

    fn control(&self, operation: i32, fd: RawFd, key: u64, events: i32) -> io::Result<()> {
        let mut event = libc::epoll_event { events: events as u32, u64: key };
        // SAFETY: the event outlives the call.
        let done = unsafe { libc::epoll_ctl(self.fd.as_raw_fd(), operation, fd, &mut event) };
        if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// Waits for sockets to become ready; how many are, to be looked at with [`ready`](Poller::ready).
    pub fn wait(&mut self, timeout: Duration) -> usize {
        let millis = timeout.as_millis().min(i32::MAX as u128) as i32;
        let room = self.events.len() as i32;
        // SAFETY: the buffer holds `room` events.
        let count = unsafe { libc::epoll_wait(self.fd.as_raw_fd(), self.events.as_mut_ptr(), room, millis) };
        // Interrupted by a signal is the same as nothing ready.
        count.max(0) as usize
    }

    /// The `index`th ready socket of the last wait.
    pub fn ready(&self, index: usize) -> Ready {
        let event = self.events[index];
        let flags = event.events as i32;
        let over = libc::EPOLLERR | libc::EPOLLHUP;
        Ready {
            key: event.u64,
            readable: flags & (libc::EPOLLIN | over) != 0,
            writable: flags & (libc::EPOLLOUT | over) != 0,
        }
    }
}

fn address(ip: Ipv4Addr, port: u16) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: port.to_be(),
        sin_addr: libc::in_addr { s_addr: u32::from(ip).to_be() },
        sin_zero: [0; 8],
    }
}

fn set_option<T>(fd: RawFd, level: i32, name: i32, value: &T) {
    let len = size_of::<T>() as libc::socklen_t;
    // SAFETY: the value is `len` bytes long. A refused option costs speed, not correctness.
    unsafe { libc::setsockopt(fd, level, name, std::ptr::from_ref(value).cast::<c_void>(), len) };
}

fn nodelay(fd: RawFd) {
    set_option(fd, libc::IPPROTO_TCP, libc::TCP_NODELAY, &1i32);
}

fn tcp_socket() -> io::Result<RawFd> {
    let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: no pointers.
    let fd = unsafe { libc::socket(libc::AF_INET, kind, 0) };
    if fd < 0 { Err(io::Error::last_os_error()) } else { Ok(fd) }
}

fn bind(fd: RawFd, ip: Ipv4Addr, port: u16) -> io::Result<()> {
    let address = address(ip, port);
    let len = size_of::<libc::sockaddr_in>() as libc::socklen_t;
    // SAFETY: the address is `len` bytes long.
    let done = unsafe { libc::bind(fd, (&raw const address).cast(), len) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Starts to connect from one loopback address to another. The port is chosen by connect(2), which knows that only the
/// pair of ends must be unique; closing resets, so that no run leaves thousands of waiting sockets to the next.
pub fn connect(source: Ipv4Addr, target: Ipv4Addr, port: u16) -> io::Result<RawFd> {
    let fd = tcp_socket()?;
    set_option(fd, libc::IPPROTO_IP, libc::IP_BIND_ADDRESS_NO_PORT, &1i32);
    set_option(fd, libc::SOL_SOCKET, libc::SO_LINGER, &libc::linger { l_onoff: 1, l_linger: 0 });
    nodelay(fd);
    bind(fd, source, 0)?;
    let address = address(target, port);
    let len = size_of::<libc::sockaddr_in>() as libc::socklen_t;
    // SAFETY: the address is `len` bytes long.
    let done = unsafe { libc::connect(fd, (&raw const address).cast(), len) };
    let error = io::Error::last_os_error();
    if done == 0 || error.raw_os_error() == Some(libc::EINPROGRESS) { Ok(fd) } else { Err(error) }
}

/// A listening socket on 127.0.0.1 and its port.
pub fn listen() -> io::Result<(RawFd, u16)> {
    let fd = tcp_socket()?;
    bind(fd, Ipv4Addr::LOCALHOST, 0)?;
    let mut address = address(Ipv4Addr::LOCALHOST, 0);
    let mut len = size_of::<libc::sockaddr_in>() as libc::socklen_t;
    // SAFETY: the address is `len` bytes long.
    let done = unsafe { libc::listen(fd, 4096) | libc::getsockname(fd, (&raw mut address).cast(), &mut len) };
    if done == 0 { Ok((fd, u16::from_be(address.sin_port))) } else { Err(io::Error::last_os_error()) }
}

/// The next connection, if one waits.
pub fn accept(listener: RawFd) -> Option<RawFd> {
    let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: the peer's address is not asked for.
    let fd = unsafe { libc::accept4(listener, std::ptr::null_mut(), std::ptr::null_mut(), flags) };
    if fd < 0 {
        return None;
    }
    nodelay(fd);
    Some(fd)
}

/// What reading brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// So many bytes.
    Bytes(usize),
    /// Nothing for now.
    Nothing,
    /// The other side is gone.
    Closed,
}

/// Reads what is there.
#[inline]
pub fn receive(fd: RawFd, buffer: &mut [u8]) -> Received {
    // SAFETY: the buffer is as long as said.
    let count = unsafe { libc::recv(fd, buffer.as_mut_ptr().cast(), buffer.len(), libc::MSG_DONTWAIT) };
    match count {
        0 => Received::Closed,
        1.. => Received::Bytes(count as usize),
        _ if io::Error::last_os_error().kind() == io::ErrorKind::WouldBlock => Received::Nothing,
        _ => Received::Closed,
    }
}

/// Sends all of it, waiting for room if the socket is full.
#[inline]
pub fn send_all(fd: RawFd, bytes: &[u8]) -> io::Result<()> {
    let sent = send(fd, bytes);
    if sent == bytes.len() as isize { Ok(()) } else { send_rest(fd, bytes, sent) }
}

#[inline]
fn send(fd: RawFd, bytes: &[u8]) -> isize {
    let flags = libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT;
    // SAFETY: the bytes are as long as said.
    unsafe { libc::send(fd, bytes.as_ptr().cast(), bytes.len(), flags) }
}

#[cold]
fn send_rest(fd: RawFd, bytes: &[u8], mut sent: isize) -> io::Result<()> {
    let mut done = 0;
    loop {
        if sent < 0 {
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::WouldBlock {
                return Err(error);
            }
            wait_for_room(fd);
        } else {
            done += sent as usize;
            if done == bytes.len() {
                return Ok(());
            }
        }
        sent = send(fd, &bytes[done..]);
    }
}

fn wait_for_room(fd: RawFd) {
    let mut poll = libc::pollfd { fd, events: libc::POLLOUT, revents: 0 };
    // SAFETY: one pollfd, as said.
    unsafe { libc::poll(&mut poll, 1, 1000) };
}

/// Closes a socket.
pub fn close(fd: RawFd) {
    // SAFETY: the caller's table holds each descriptor once and forgets it now.
    unsafe { libc::close(fd) };
}

/// Where `needle` first is in `haystack`.
#[inline]
pub fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    // SAFETY: both are as long as said; the result points into `haystack`.
    unsafe {
        let start = haystack.as_ptr().cast::<c_void>();
        let found = libc::memmem(start, haystack.len(), needle.as_ptr().cast(), needle.len());
        (!found.is_null()).then(|| found.byte_offset_from(start) as usize)
    }
}
