//! The door for clients of PostgreSQL: R, Python, DBeaver, Excel.
