//! Ingest through its public interface: small extracts in, tables of the store out.

mod columns;
mod explain;
mod faults;
mod identity;
mod order;
mod people;
mod secrecy;
mod world;
