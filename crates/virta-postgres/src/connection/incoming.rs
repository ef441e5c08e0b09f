//! Messages as they come, read while others are answered.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, ReadHalf};
use tokio::sync::mpsc::Sender;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::cancel::Control;
use crate::login::Stream;
use crate::wire::{Front, front};

/// Messages that were read and wait to be answered.
pub(super) const WAITING_MAX: usize = 64;

/// What the reader hands over.
pub(super) enum Incoming {
    Message(Front, OwnedSemaphorePermit),
    Malformed,
    TooLong(usize),
}

/// Reads messages as they come, so that a client that goes is noticed while it is being answered.
pub(super) async fn read(
    mut reader: ReadHalf<Box<dyn Stream>>,
    sender: Sender<Incoming>,
    bytes_max: usize,
    control: Arc<Control>,
) {
    // What was read and not yet answered takes at most so much memory.
    let room = Arc::new(Semaphore::new(bytes_max));
    loop {
        let mut head = [0; 5];
        if reader.read_exact(&mut head).await.is_err() {
            control.leave();
            break;
        }
        let [kind, length @ ..] = head;
        let length = usize::try_from(u32::from_be_bytes(length)).ok().and_then(|length| length.checked_sub(4));
        let incoming = match length {
            None => Incoming::Malformed,
            Some(length) if length > bytes_max => Incoming::TooLong(length),
            Some(length) => {
                let permits = u32::try_from(length.max(1)).unwrap_or(u32::MAX);
                let Ok(permit) = Arc::clone(&room).acquire_many_owned(permits).await else { break };
                let mut body = vec![0; length];
                if reader.read_exact(&mut body).await.is_err() {
                    control.leave();
                    break;
                }
                front(kind, &body).map_or(Incoming::Malformed, |message| Incoming::Message(message, permit))
            }
        };
        let is_last = !matches!(incoming, Incoming::Message(..));
        if sender.send(incoming).await.is_err() || is_last {
            break;
        }
    }
    // The connection ends when what was read is answered; until then its statements look at the control.
    drop(sender);
    std::future::pending::<()>().await;
}
