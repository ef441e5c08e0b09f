//! The front in a browser: pages over studies, cohorts and deliveries.
