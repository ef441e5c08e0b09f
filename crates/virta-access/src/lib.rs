//! Who may enter and as what, and the log of who used which data.
