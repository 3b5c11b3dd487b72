//! What became of a message from the outbox.

/// As the job of its kind reports it.
pub(super) enum Outcome {
    /// It arrived.
    Sent,
    /// The other side will never take it.
    Refused,
    /// Not now.
    Later,
}
