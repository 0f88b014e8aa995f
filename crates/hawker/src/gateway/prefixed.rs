//! A stream of which some bytes were read already.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Reads what was read before first.
pub struct Prefixed {
    stream: TcpStream,
    prefix: Vec<u8>,
    read: usize,
}

impl Prefixed {
    /// A stream behind a prefix.
    pub fn new(stream: TcpStream, prefix: Vec<u8>) -> Self {
        Self { stream, prefix, read: 0 }
    }

    /// The stream, and what of the prefix nobody read.
    pub fn into_parts(self) -> (TcpStream, Vec<u8>) {
        (self.stream, self.prefix[self.read..].to_vec())
    }
}

impl AsyncRead for Prefixed {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let left = self.prefix.len() - self.read;
        if left == 0 {
            return Pin::new(&mut self.stream).poll_read(cx, to);
        }
        let now = left.min(to.remaining());
        to.put_slice(&self.prefix[self.read..self.read + now]);
        self.read += now;
        if self.read == self.prefix.len() {
            (self.prefix, self.read) = (Vec::new(), 0);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Prefixed {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, pieces)
    }

    /// What is shared with other connections need not be copied for this one.
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
