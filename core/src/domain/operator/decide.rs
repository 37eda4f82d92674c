//! What may happen next.
