//! A connection whose messages are bounded: one that says it is longer is refused before any of it is kept.
//!
//! The transport's own client takes messages of up to 4 GB and makes room for what a message says of its length.

use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::SizeHint;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Bytes, Service, http};
use tonic::transport::{Channel, Error};

/// Bytes of a message from a worker. No frame is so long.
pub(crate) const MESSAGE_MAX: u32 = 4 << 20;

/// A connection to a worker.
#[derive(Debug, Clone)]
pub(crate) struct Limited(pub Channel);

impl Service<http::Request<Body>> for Limited {
    type Response = http::Response<Body>;
    type Error = Error;
    type Future = BoxFuture<Self::Response, Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let answer = self.0.call(request);
        Box::pin(async move { Ok(answer.await?.map(|body| Body::new(Answer { body, messages: Messages::default() }))) })
    }
}

/// What a worker answers, as long as its messages are not too long.
struct Answer {
    body: Body,
    messages: Messages,
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = tonic::codegen::StdError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        let frame = match std::task::ready!(Pin::new(&mut self.body).poll_frame(context)) {
            Some(frame) => frame?,
            None => return Poll::Ready(None),
        };
        if let Some(bytes) = frame.data_ref() {
            self.messages.pass(bytes)?;
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A message that is longer than any may be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("it sent a message of {0} bytes, which is too long")]
pub(crate) struct TooLong(u32);

/// Where in the messages of an answer its bytes are. Before each message stand a byte and its length in four (gRPC over
/// HTTP/2, "Length-Prefixed-Message").
#[derive(Debug, Default)]
struct Messages {
    head: Vec<u8>,
    /// Bytes of the message at hand that have not come yet.
    left: usize,
}

impl Messages {
    fn pass(&mut self, mut bytes: &[u8]) -> Result<(), TooLong> {
        loop {
            let (within, rest) = bytes.split_at(self.left.min(bytes.len()));
            self.left -= within.len();
            let Some((&next, rest)) = rest.split_first() else { return Ok(()) };
            self.head.push(next);
            bytes = rest;
            if let [_, length @ ..] = self.head.as_slice()
                && let Ok(length) = <[u8; 4]>::try_from(length)
            {
                let length = u32::from_be_bytes(length);
                if length > MESSAGE_MAX {
                    return Err(TooLong(length));
                }
                self.head.clear();
                self.left = length as usize;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(length: u32, says: u32) -> Vec<u8> {
        [&[0], says.to_be_bytes().as_slice(), &vec![7; length as usize]].concat()
    }

    #[test]
    fn a_message_that_is_too_long_is_refused_by_what_it_says_wherever_it_is_cut() {
        let good = [message(0, 0), message(3, 3), message(MESSAGE_MAX, MESSAGE_MAX), message(1, 1)].concat();
        let bad = [good.as_slice(), &message(0, MESSAGE_MAX + 1)].concat();
        for cut in [1, 2, 3, 5, 7, 4096, bad.len()] {
            let pass = |bytes: &[u8]| {
                let mut messages = Messages::default();
                bytes.chunks(cut).try_for_each(|piece| messages.pass(piece))
            };
            assert_eq!(pass(&good), Ok(()), "{cut}");
            assert_eq!(pass(&bad), Err(TooLong(MESSAGE_MAX + 1)), "{cut}");
            assert_eq!(pass(&bad[..bad.len() - 1]), Ok(()), "{cut}");
        }
    }
}
