//! What a person sees in the terminal when the server is ready: where to go next.

use crate::demo;
use crate::server::Server;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// The addresses of the pages, and a code for a phone in the same network if one can reach us. `first_link` is there as
/// long as nobody could log in to the console.
pub fn text(server: &Server, demo: bool, first_link: Option<&str>) -> String {
    let mut out = String::new();
    let local = base(server.addr, Ipv4Addr::LOCALHOST.into());
    let app = server.shared.pages_app;
    let _ = writeln!(out, "\n  hawker is ready\n");
    if demo {
        let _ = writeln!(out, "  Viewer   {local}/room/{}", demo::ROOM);
        if let Some(studio) = demo::studio_path(server) {
            let _ = writeln!(out, "  Studio   {local}{studio}");
        }
    } else {
        let _ = writeln!(out, "  Studio   {local}/studio");
    }
    match first_link {
        Some(link) => {
            let _ =
                writeln!(out, "  Console  {local}{link}\n           (sets up the shop's first user; good once)");
        }
        None => {
            let _ = writeln!(out, "  Console  {local}/console");
        }
    }
    let socket = local.replacen("http", "ws", 1);
    let _ = writeln!(out, "  SDKs     {socket} (proxyServer), SDKAppID {app}");
    if let Some(addr) = server.rtmp {
        let rtmp = base(addr, Ipv4Addr::LOCALHOST.into()).replacen("http", "rtmp", 1);
        let _ = writeln!(out, "  Video    {rtmp}/live for OBS and other encoders; the studio has the key");
    }
    let _ = writeln!(out, "  REST     {local}/v4/…   metrics {local}/metrics\n");
    if let Some(here) = reachable(server.addr).filter(|_| demo) {
        let room = format!("{}/room/{}", base(server.addr, here), demo::ROOM);
        let _ = writeln!(out, "  On a phone in the same network: {room}\n\n{}", code(&room));
    }
    let _ = writeln!(out, "  Ctrl-C stops; clients are told to come back.\n");
    out
}

fn base(addr: SocketAddr, instead_of_any: IpAddr) -> String {
    let ip = if addr.ip().is_unspecified() { instead_of_any } else { addr.ip() };
    format!("http://{}", SocketAddr::new(ip, addr.port()))
}

/// Our address in the local network, if we listen there.
pub fn reachable(addr: SocketAddr) -> Option<IpAddr> {
    if addr.ip().is_loopback() {
        return None;
    }
    if !addr.ip().is_unspecified() {
        return Some(addr.ip());
    }
    // Asks the routing table which address would be used; a datagram socket sends nothing by connecting.
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    socket.local_addr().ok().map(|addr| addr.ip()).filter(|ip| !ip.is_loopback())
}

fn code(address: &str) -> String {
    let Ok(code) = QrCode::new(address) else { return String::new() };
    let image = code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build();
    image.lines().map(|line| format!("  {line}\n")).collect()
}
