//! What HTTP says about files. All of it comes from strangers: addresses, names, ranges, and the files themselves.

pub mod grant;
pub mod media;
pub mod name;
pub mod range;
