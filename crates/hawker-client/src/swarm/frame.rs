//! As much WebSocket as the swarm needs: the upgrade, masked frames out, plain frames in.

/// The HTTP request that turns a connection into a WebSocket.
pub fn upgrade_request(authority: &str, path: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nOrigin: http://{authority}\r\n\r\n"
    )
    .into_bytes()
}

/// The end of an HTTP head, if it is complete: everything behind it is frames.
pub fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

/// Whether an HTTP head agrees to the upgrade.
pub fn is_upgraded(head: &[u8]) -> bool {
    head.starts_with(b"HTTP/1.1 101")
}

/// The server's side of the upgrade, for the floor: `None` until the request is complete.
pub fn upgrade_reply(request: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(&request[..head_end(request)?]).ok()?;
    let key = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("sec-websocket-key").then(|| value.trim())
    })?;
    let accept = tokio_tungstenite::tungstenite::handshake::derive_accept_key(key.as_bytes());
    Some(
        format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {accept}\r\n\r\n"
        )
        .into_bytes(),
    )
}

/// Clients must mask. A constant key is as good as any other against nobody in particular.
const MASK: [u8; 4] = [0x5a, 0x0f, 0xc3, 0x96];

/// Appends a text frame of a client.
pub fn push_masked_text(out: &mut Vec<u8>, payload: &[u8]) {
    push_header(out, payload.len(), 0x80);
    out.extend_from_slice(&MASK);
    out.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
}

/// A text frame of a server.
pub fn text_frame(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 10);
    push_header(&mut out, payload.len(), 0);
    out.extend_from_slice(payload);
    out
}

fn push_header(out: &mut Vec<u8>, len: usize, mask_bit: u8) {
    out.push(0x81);
    match len {
        0..126 => out.push(mask_bit | len as u8),
        126..65536 => {
            out.push(mask_bit | 126);
            out.extend_from_slice(&(len as u16).to_be_bytes());
        }
        _ => {
            out.push(mask_bit | 127);
            out.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
}

/// How long the header of a frame with so much payload is.
pub fn header_len(payload: usize) -> usize {
    match payload {
        0..126 => 2,
        126..65536 => 4,
        _ => 10,
    }
}

/// The first frame of a server in `bytes`: opcode, payload, and how many bytes it took. `None` until it is complete.
pub fn first_frame(bytes: &[u8]) -> Option<(u8, &[u8], usize)> {
    let (&first, &second) = (bytes.first()?, bytes.get(1)?);
    let (start, len) = match second & 0x7f {
        126 => (4, u64::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)),
        len => (2, u64::from(len)),
    };
    let end = start + usize::try_from(len).ok()?;
    Some((first & 0x0f, bytes.get(start..end)?, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_all_lengths_are_found_and_only_when_complete() {
        for len in [0, 1, 125, 126, 65535, 65536] {
            let frame = text_frame(&vec![b'x'; len]);
            assert_eq!(frame.len(), len + header_len(len));
            let (opcode, payload, taken) = first_frame(&frame).unwrap();
            assert_eq!((opcode, payload.len(), taken), (1, len, frame.len()));
            assert_eq!(first_frame(&frame[..frame.len() - 1]), None);
        }
    }

    #[test]
    fn masked_frame_is_read_back_by_unmasking() {
        let mut out = Vec::new();
        push_masked_text(&mut out, b"hello");
        let plain: Vec<u8> = out[6..].iter().zip(out[2..6].iter().cycle()).map(|(b, m)| b ^ m).collect();
        assert_eq!((out[0], out[1], &plain[..]), (0x81, 0x85, &b"hello"[..]));
    }

    #[test]
    fn upgrade_reply_proves_that_the_key_was_read() {
        let reply = upgrade_reply(&upgrade_request("h", "/ws")).unwrap();
        assert!(is_upgraded(&reply));
        // The example of RFC 6455.
        assert!(String::from_utf8(reply).unwrap().contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    }
}
