//! One file a command: it asks the libraries and tells the user.

pub mod dictionary;
pub mod doctor;
pub mod manual;
