//! A connection whose reader may stand still for so long and no longer: an answer that nobody takes would be held for ever.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

#[derive(Debug)]
pub(crate) struct Patient<C> {
    connection: C,
    /// How long the other end may take nothing of what is sent.
    limit: Duration,
    /// Runs while the other end takes nothing.
    standing: Pin<Box<Sleep>>,
    is_standing: bool,
}

impl<C> Patient<C> {
    pub(crate) fn new(connection: C, limit: Duration) -> Self {
        Patient { connection, limit, standing: Box::pin(sleep(limit)), is_standing: false }
    }

    /// Ends what has stood still for too long; anything that moves begins anew.
    fn judge<T>(&mut self, context: &mut Context<'_>, moved: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if moved.is_ready() {
            self.is_standing = false;
            return moved;
        }
        if !self.is_standing {
            self.is_standing = true;
            self.standing.as_mut().reset(Instant::now() + self.limit);
        }
        match self.standing.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<C: AsyncRead + Unpin> AsyncRead for Patient<C> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().connection).poll_read(context, buffer)
    }
}

impl<C: AsyncWrite + Unpin> AsyncWrite for Patient<C> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let moved = Pin::new(&mut this.connection).poll_write(context, bytes);
        this.judge(context, moved)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let moved = Pin::new(&mut this.connection).poll_flush(context);
        this.judge(context, moved)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let moved = Pin::new(&mut this.connection).poll_shutdown(context);
        this.judge(context, moved)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let moved = Pin::new(&mut this.connection).poll_write_vectored(context, parts);
        this.judge(context, moved)
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn a_reader_who_takes_nothing_is_left_and_a_slow_one_is_not() {
        let (near, mut far) = tokio::io::duplex(4);
        const LIMIT: Duration = Duration::from_millis(200);
        let mut patient = Patient::new(near, LIMIT);
        let slow = tokio::spawn(async move {
            let mut bytes = [0; 4];
            for _ in 0..4 {
                sleep(LIMIT / 4).await;
                far.read_exact(&mut bytes).await.unwrap();
            }
            far
        });
        patient.write_all(&[1; 16]).await.expect("each part is taken in time");
        let _far = slow.await.unwrap();
        patient.write_all(&[1; 4]).await.unwrap();
        assert_eq!(patient.write_all(&[1; 4]).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
