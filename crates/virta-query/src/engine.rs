//! Threads, memory and disk for queries: of one session, or shared by many.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use datafusion::error::DataFusionError;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use tokio::runtime::{Handle, Runtime};

use crate::error::{Error, Result};

/// What queries run on. Sessions that share one share its threads and stay below its memory limit together.
pub struct Engine {
    runtime: Option<Runtime>,
    handle: Handle,
    pub(crate) environment: Arc<RuntimeEnv>,
    pub(crate) threads: usize,
    pub(crate) memory_limit_bytes: Option<usize>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("threads", &self.threads).finish_non_exhaustive()
    }
}

impl Engine {
    /// Threads for queries, at least one, and what they may use. Without a memory limit nothing is written to disk.
    ///
    /// # Errors
    /// [`Error::Spill`] when the folder for temporary files cannot be written, [`Error::Engine`] when the threads cannot
    /// be started.
    pub fn new(threads: usize, memory_limit_bytes: Option<usize>, spill_folder: Option<PathBuf>) -> Result<Self> {
        let threads = threads.max(1);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("virta-sql")
            .enable_time()
            .build()
            .map_err(|_| Error::Engine("its threads cannot be started"))?;
        let environment = RuntimeEnvBuilder::new();
        let environment = match (memory_limit_bytes, spill_folder) {
            (None, _) => environment.with_disk_manager_builder(disk(DiskManagerMode::Disabled)),
            (Some(limit), None) => environment
                .with_memory_pool(Arc::new(FairSpillPool::new(limit)))
                .with_disk_manager_builder(disk(DiskManagerMode::Disabled)),
            (Some(limit), Some(folder)) => environment
                .with_memory_pool(Arc::new(FairSpillPool::new(limit)))
                .with_disk_manager_builder(disk(DiskManagerMode::Directories(vec![folder]))),
        };
        let environment = environment.build_arc().map_err(|error| match error {
            DataFusionError::IoError(error) => Error::Spill(error.kind().to_string()),
            _ => Error::Engine("it cannot be set up"),
        })?;
        let handle = runtime.handle().clone();
        Ok(Engine { runtime: Some(runtime), handle, environment, threads, memory_limit_bytes })
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Whatever still runs has nobody to answer to.
            runtime.shutdown_timeout(Duration::from_secs(2));
        }
    }
}

fn disk(mode: DiskManagerMode) -> DiskManagerBuilder {
    DiskManagerBuilder::default().with_mode(mode)
}
