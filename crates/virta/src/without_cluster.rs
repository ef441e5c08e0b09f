//! Several machines in a program without what they need: it says how to get one.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;

use serde::Serialize;
use virta_flow::{Error, Piece, Step};

use crate::args::Common;
use crate::failure::Failure;

/// No worker.
#[derive(Debug)]
pub(crate) enum Worker {}

impl Worker {
    /// Refuses, naming the way to a program that can.
    pub(crate) fn listen(_: SocketAddr, _: &Path, _: Option<&Path>, _: &Common) -> Result<Self, Failure> {
        Err(refused())
    }

    pub(crate) fn address(&self) -> SocketAddr {
        match *self {}
    }

    pub(crate) fn serve(self) -> Result<(), Failure> {
        match self {}
    }
}

/// No workers.
#[derive(Debug)]
pub(crate) struct Machines(Infallible);

/// What would be asked of workers.
#[derive(Debug, Clone, Copy)]
#[expect(dead_code, reason = "nobody is asked")]
pub(crate) struct Question<'a> {
    pub store: &'a Path,
    pub snapshot: &'a virta_store::Snapshot,
    pub study: &'a str,
    pub study_hash: &'a str,
    pub threads: usize,
}

impl Machines {
    /// Refuses, naming the way to a program that can.
    pub(crate) fn reach(
        _: &[String],
        _: Option<&Path>,
        _: &Question<'_>,
        _: &(dyn Fn(u64) + Sync),
    ) -> Result<Self, Failure> {
        Err(refused())
    }

    pub(crate) fn done(self) -> Done {
        match self.0 {}
    }
}

impl virta_flow::Workers for Machines {
    fn work(&mut self, _: &Step, _: &mut dyn FnMut(Vec<Piece>) -> Result<(), Error>) -> Result<(), Error> {
        match self.0 {}
    }
}

/// What workers would have done.
#[derive(Debug)]
pub(crate) struct Done(Infallible);

impl Serialize for Done {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        match self.0 {}
    }
}

impl Done {
    pub(crate) fn page(&self) -> String {
        match self.0 {}
    }
}

/// No workers for statements.
#[cfg(feature = "sql")]
#[derive(Debug)]
pub(crate) struct Reached(Infallible);

#[cfg(feature = "sql")]
impl Reached {
    /// Refuses, naming the way to a program that can.
    pub(crate) fn reach(_: &[String], _: Option<&Path>, _: Option<u64>) -> Result<std::sync::Arc<Self>, Failure> {
        Err(refused())
    }

    /// Refuses, naming the way to a program that can.
    pub(crate) fn reach_sometime(
        _: &[String],
        _: Option<&Path>,
        _: Option<u64>,
    ) -> Result<(std::sync::Arc<Self>, Option<String>), Failure> {
        Err(refused())
    }

    pub(crate) fn serve_session(
        &self,
        _: &Path,
        _: (&virta_store::Snapshot, &[virta_store::StudyResults]),
        _: (usize, Option<usize>),
        _: &mut virta_query::Options,
    ) -> Result<(), Failure> {
        match self.0 {}
    }
}

fn refused() -> Failure {
    Failure::refused("this program was built without what several machines need")
        .fix("build it with the feature cluster: cargo build --release --features cluster")
}
