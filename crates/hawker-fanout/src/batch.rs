//! What leaves in one flush, put together once per variant.

use crate::Item;
use bytes::Bytes;
use std::sync::Arc;

/// How a connection wants its frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Variant {
    /// Text frames instead of binary ones.
    pub text: bool,
    /// It can take compressed ones.
    pub packed: bool,
}

/// Writes frames around items.
pub trait Framer<P> {
    /// The bytes of these items for a variant, ready for the socket.
    fn frame(&self, items: &[Arc<Item<P>>], variant: Variant) -> Bytes;
}

/// Items and their bytes, made when first asked for.
pub struct Batch<P> {
    items: Vec<Arc<Item<P>>>,
    frames: [Option<Bytes>; 4],
}

impl<P> Batch<P> {
    /// A batch of items, in their order.
    pub fn new(items: Vec<Arc<Item<P>>>) -> Self {
        Self { items, frames: [const { None }; 4] }
    }

    /// Its items.
    pub fn items(&self) -> &[Arc<Item<P>>] {
        &self.items
    }

    /// Its bytes for a variant; all connections of that variant share them.
    pub fn bytes(&mut self, variant: Variant, framer: &impl Framer<P>) -> &Bytes {
        let at = usize::from(variant.text) * 2 + usize::from(variant.packed);
        self.frames[at].get_or_insert_with(|| framer.frame(&self.items, variant))
    }
}
