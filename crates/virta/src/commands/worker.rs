//! `virta worker`: this machine reads buckets for studies and statements that are asked of others.

use serde::Serialize;
use virta_ingest::ProjectKey;

use crate::args::{Common, WorkerArgs};
use crate::failure::Failure;
use crate::interrupt;
use crate::machines::Worker;
use crate::output::Output;

pub(crate) fn run(args: &WorkerArgs, common: &Common, out: &mut Output) -> Result<(), Failure> {
    if let Some(path) = &args.new_secret {
        ProjectKey::create(path)?;
        out.document(&Made { secret: path.display().to_string() })?;
        return out
            .text(format!("secret  {}  (copy it to every machine; whoever has it can ask workers)", path.display()));
    }
    let (Some(address), Some(stores)) = (args.listen, &args.stores) else {
        return Err(Failure::Usage("name an address and a folder: --listen 127.0.0.1:4700 --stores DIR".to_owned()));
    };
    let patience = interrupt::patience();
    let worker = Worker::listen(address, stores, args.secret.as_deref(), common)?;
    let address = worker.address().to_string();
    out.text(format!("worker: {address}, stores of {}\nCtrl-C ends", stores.display()))?;
    out.document(&Listens { address })?;
    worker.serve()?;
    patience.end()
}

#[derive(Debug, Serialize)]
struct Made {
    secret: String,
}

#[derive(Debug, Serialize)]
struct Listens {
    address: String,
}
