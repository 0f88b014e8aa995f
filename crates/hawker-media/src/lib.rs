//! Live video without sockets, clocks or threads.
//!
//! Bytes of a publisher go through [`rtmp::Session`], which says what they are; [`relay::Relay`] puts them on one
//! timeline and holds the last seconds for all viewers together; [`flv`], [`rtmp`] and [`hls`] are what viewers are
//! given. [`access`] says who may push and play.

pub mod access;
pub mod flv;
pub mod hls;
pub mod relay;
pub mod rtmp;
pub mod track;

#[cfg(test)]
mod samples;
