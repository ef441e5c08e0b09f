//! `virta compare`: releases of several regions side by side.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;
use virta_release::Bundle;
use virta_report::{Region, compared_html, compared_xlsx, definition_differences};

use super::report::{self, Form};
use crate::args::CompareArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::render;

pub(crate) fn run(args: &CompareArgs, out: &mut Output) -> Result<(), Failure> {
    let form = Form::of(&args.output)?;
    let mut used = BTreeSet::new();
    let mut regions = Vec::new();
    for path in &args.releases {
        let bundle = Bundle::read(path)?;
        regions.push(region(name(path, &mut used), bundle));
    }
    let lang = args.lang;
    let bytes = match form {
        Form::Html => compared_html(&regions, lang).map(String::into_bytes),
        Form::Xlsx => compared_xlsx(&regions, lang),
    };
    let bytes = bytes.map_err(|error| Failure::refused(error.to_string()))?;
    report::put(&args.output, &bytes)?;
    let differences = definition_differences(&regions);
    out.document(&Document {
        file: args.output.display().to_string(),
        bytes: bytes.len(),
        regions: regions.iter().map(|region| region.name.as_str()).collect(),
        definitions_differ: differences
            .iter()
            .map(|difference| Differs { key: &difference.key, values: &difference.values })
            .collect(),
    })?;
    out.text(format!("{}: {}, {} regions", args.output.display(), render::bytes(bytes.len() as u64), regions.len()))?;
    for difference in &differences {
        let values = difference.values.iter().map(|value| value.as_deref().unwrap_or("not set"));
        let values: Vec<String> =
            regions.iter().zip(values).map(|(region, value)| format!("{} {value}", region.name)).collect();
        out.text(format!("definitions differ: {}: {}", difference.key, values.join("; ")))?;
    }
    Ok(())
}

/// A region is called as its bundle's folder; of two folders of one name the second gets a number.
fn name(path: &Path, used: &mut BTreeSet<String>) -> String {
    let folder = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = folder.file_name().map_or_else(|| "region".to_owned(), |name| name.to_string_lossy().into_owned());
    let numbered = (2_u32..).map(|number| format!("{name} ({number})"));
    let free = std::iter::once(name.clone()).chain(numbered).find(|name| !used.contains(name)).unwrap_or(name);
    used.insert(free.clone());
    free
}

fn region(name: String, bundle: Bundle) -> Region {
    let Bundle { manifest, tables, names } = bundle;
    Region {
        name,
        title: manifest.titles.study,
        cohorts: manifest.titles.cohorts,
        segments: manifest.titles.segments,
        pilots: manifest.titles.pilots,
        study: manifest.study,
        version: manifest.version,
        k: manifest.policy.k,
        round_to: manifest.policy.round_to,
        periods: manifest.periods.into_iter().map(|period| period.period).collect(),
        definition: manifest.definition,
        sources: manifest.sources.into_iter().map(|source| (source.source, source.known_to)).collect(),
        tables,
        names,
    }
}

#[derive(Serialize)]
struct Document<'a> {
    file: String,
    bytes: usize,
    regions: Vec<&'a str>,
    /// The rules in which the studies differ, with what each region says; null where it is not set.
    definitions_differ: Vec<Differs<'a>>,
}

#[derive(Serialize)]
struct Differs<'a> {
    key: &'a str,
    values: &'a [Option<String>],
}
