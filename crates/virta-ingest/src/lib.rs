//! From extracts and profiles to one commit: rows are checked, persons become keyed pseudonyms, rows get their identity,
//! what is wrong goes to quarantine, and the ledger accounts for every row.
//!
//! - [`ingest`] reads every file that the given profiles name and commits one snapshot.
//! - [`ProjectKey`] is the 256-bit key without which nothing is ingested.
//! - [`IngestReport`] tells what became of each delivery, [`QualityPage`] what its rows look like.
//!
//! ```
//! use virta_ingest::{Options, ProjectKey, ingest};
//! use virta_store::{InitOptions, Store};
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! std::fs::write(folder.join("visits.csv"), "id;what;day\nA1;gp;03.02.2014\nA1;gp;31.02.2014\n")?;
//! std::fs::write(
//!     folder.join("visits.toml"),
//!     r#"
//!     [source]
//!     name = "clinic"
//!     extracted_on = "2014-02-28"
//!     bad_rows_max_percent = 50
//!     [[file]]
//!     table = "contacts"
//!     path = "visits.csv"
//!     [file.columns]
//!     client = { from = "id" }
//!     service = { from = "what" }
//!     start_date = { from = "day", format = "%d.%m.%Y" }
//!     "#,
//! )?;
//! let key = ProjectKey::create(&folder.join("store.key"))?;
//! let store = Store::init(&folder.join("store"), &InitOptions::new(key.id()))?;
//!
//! let report = ingest(&store, &key, &[folder.join("visits.toml")], &Options::default(), &|_| {})?;
//! assert_eq!((report.rows_read, report.rows_accepted, report.rows_quarantined), (2, 1, 1));
//! assert_eq!(report.deliveries[0].quarantined_by["start_date date"], 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Edges of the rules
//!
//! - Amounts in euros with more than two decimals are rounded half away from zero. An exponent is not a number.
//! - Every file has a day of extract, or it is refused. What begins after it, or before 1900-01-02, is quarantined
//!   (`after_extract`, `before_1900`); a step of an assessment after it has not been taken; an end of a contact or plan after
//!   it is an open end, so it is null. In `clients` a birth, death or end of residence after it, a death or end of residence
//!   before the birth (`before_birth`) and an age over 120 on the day of the extract or of death (`age_over_120`) are null,
//!   and counted on the quality page. `observed_from` is moved to the birth.
//! - A single bad row among others never refuses a file, a side table or a code list, unless `bad_rows_max_percent` is 0:
//!   in a small file it would be more than any limit, and a typing error must not take everybody else's rows away. From the
//!   second on all count.
//! - A planned end after the extract leaves the row's cost as the extract says it: nobody can tell whether it is of the days
//!   so far or of the whole plan. It is spread over the days that are known, and the ingest says of how many rows that
//!   holds. A price of a day or month (`euro_per_day`, `euro_per_month`) is worked out up to the day of the extract.
//! - Two-digit years are the latest that are not after the extract; of an end the first that is not before its start; of
//!   pilots, agreements and totals, which may be planned, the nearest to the extract.
//! - Other dates lie in the years 1800 to 2199. Text may end before a pattern's time of day; seconds may follow minutes.
//!   A missing month or day in a pattern is the first. ISO times stand as written, their zone is not applied.
//! - Any unreadable field quarantines its row, unless a rule of the profile sets that field. Empty lines are no rows.
//! - A visit without a cost gets its code's unit cost of the day; a stay gets it for each of its days; an open stay stays
//!   unpriced.
//! - Rows with a `row_key` are the same row when source, table, the names of the key's columns and their texts are the
//!   same, whoever their clients are, and then have the same `contact_id`. Two sections of a profile that read the same
//!   file into the same table give two sets of rows.
//! - A row whose `row_key` is missing whole is quarantined as `missing` in the first column of the key: such rows are not one
//!   row, and none of them could be corrected later. Of a key of several columns one is enough.
//! - Rows whose client and table columns are equal do not conflict, whatever else the file says. Of equally new rows a
//!   cancellation wins, under whichever client's number it comes. A version of another row never brings back an older
//!   one, and a row that is quarantined when it is read supersedes none.
//! - Rows in conflict count, with the rows that cannot be read, towards `bad_rows_max_percent` of the delivery that
//!   brings them, not of an earlier delivery whose rows they meet. A delivery above it has the whole ingest refused.
//! - Only contacts are counted by occurrence: equal rows of another table are one row.
//! - The occurrence and the identity of a row without `row_key` stand on all its fields as written, after unquoting and
//!   decoding.
//! - A file is read again, instead of being known by its hash, when its profile, a code list or a side table changed, or
//!   when it comes with a newer day of extract.
//! - A client exists while a row that stands, a cancelled row or a row in conflict names it: somebody whose only row
//!   moved to another client is gone.
//! - What must be in memory at once has a share of the memory limit: side tables and code lists a quarter, quarantined
//!   rows an eighth. An ingest that needs more ends with an error that names the limit it needs.
//! - Column names of a profile are found in the file as written, else in other capitals. A column that stands there twice
//!   cannot be meant.
//! - Totals are the rows after the last other one, at most a thousand, whose first filled cell begins as `footer` says.
//!   One that another row follows, a broken one included, is a row like any other.
//! - Lines before `header_row` are counted as skipped, the empty ones too, and so are a first line `sep=;` and a header
//!   that comes again. `header_row = [3, 4]` makes each name of the cells of both lines.
//! - A line that breaks the format, and a row with an identity code, are refused whatever `where` says. The values of
//!   `where` and of `null` are compared without spaces around them. Of a section's own rows, no more may be bad than of all.
//! - A spreadsheet's error in a used cell refuses its row, as `missing` where the field is required, else as
//!   `spreadsheet_error`; where `null` has its text, it means missing. A formula that no program has worked out is
//!   such an error, with the text `not calculated`. Whole numbers from 2^53 in doubles, and from 10^15 in workbooks, which
//!   keep 15 digits, have an exponent as text, so that they are no id and no amount.
//! - A date cell at midnight has a time where its format shows one; in workbooks that tell no formats, where another cell
//!   of its column has one. A cell of less than a day is a time of day and no date.
//! - A price per day or month of what is no stay is that of one day; a rule of the profile gives whole costs.
//! - A carriage return that no line feed follows ends a line. Inside quotes it becomes a line feed.
//! - Text that is packed with gzip is unpacked whatever its name; under the name of a text, other archives, Parquet files
//!   and workbooks are refused by what they are.
//! - A file whose size or time of change is another after it was read is refused.
//! - A pseudonym of blanks alone is missing. One that a spreadsheet turned into a number quarantines its row as
//!   `spreadsheet_number`: a power of ten with a decimal sign or a signed exponent (`1,23E+08`, `1.2E8`, `1E+08`), or a whole
//!   number with decimals that are all zero (`4829.0`); `12E5` is an id. What a spreadsheet shows for an error (`#N/A`,
//!   `#REF!`, `#ARVO!`, `#VÄRDEFEL!`, `####`, `Err:502`) quarantines it as `spreadsheet_error`. Of a pseudonym in several
//!   columns this holds for each part. A pseudonym that is a day (`2023-05-01`, `1.5.2023`) is a `spreadsheet_date`, but not as one of several columns.
//! - A side table's key with different values has none, whatever the order of its rows: the rows are quarantined in the
//!   side table as `key_conflict`, and a row that is looked up by such a key as `lookup_conflict`. Where all that is looked
//!   up are texts and codes that may be empty, such as one of several diagnoses, the first by bytes counts. Of two extracts of a side table the newer's value counts, where file names tell
//!   their days. A side table whose bad rows are more than the source allows refuses the ingest; so does any wrong line
//!   of a code list. The ledger calls them `side_table` and `code_list`; sums of an ingest leave their rows out.
//! - The lists of names under `[codes]` are code lists in the ledger. What came with the newest extract of any source counts, of
//!   equally new the greatest by bytes; no row is read again for a new name.
//! - A pilot may name its clients by `client_id`, as a study gave them out.

mod error;
mod identify;
mod ingest;
mod key;
mod ledger;
mod merge;
mod parse;
mod profile;
mod read;
mod rows;

pub use error::{Error, Refusal, Result};
pub use identify::{Identified, identify};
pub use ingest::{OnProgress, Options, Phase, Progress, ingest};
pub use key::ProjectKey;
pub use ledger::advice::JoinAdvice;
pub use ledger::known::known_to;
pub use ledger::linkage::{SourceLinkage, linkage};
pub use ledger::quality::{DeliveryPage, MonthCount, Reconciliation, delivery_page, quarantined_by, reconcile};
pub use ledger::quality_page::{QualityPage, SideTableUse};
pub use ledger::report::{DeliveryReport, IngestReport, Outcome};
pub use merge::catalogue::services_without_stays;
pub use merge::name_book::{CodeNames, code_names};
pub use profile::check::{CellCheck, FileCheck, ListCheck, ProfileCheck, RowCheck, profile_check};
pub use profile::draft::{CodeListDraft, ProfileDraft, profile_new};
pub use profile::keycheck::RowKeyCheck;
pub use profile::sources::profile_files;
