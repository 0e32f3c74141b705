//! CSV files that a scenario refers to: read, digested, one column at a time.

use std::path::Path as FilePath;

use super::Compiler;
use crate::scenario::document::Path;
use crate::scenario::document::import::reason;
use crate::scenario::study::TraceDigest;

/// A CSV file in memory, cells as text, with the line of each row.
pub(super) struct DataFile {
    pub header: Vec<String>,
    pub rows: Vec<(u64, Vec<String>)>,
}

impl DataFile {
    /// The position of a column.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|known| known == name)
    }
}

impl Compiler<'_, '_> {
    /// Reads the CSV `file` named by the setting at `path`.
    pub(super) fn data_file(&mut self, path: &Path, file: &str) -> Option<DataFile> {
        let location = self.directory.join(file);
        let bytes = match std::fs::read(&location) {
            Ok(bytes) => bytes,
            Err(error) => {
                let message = format!("the file cannot be read: {}", reason(&location, &error));
                let remedy = "name it relative to the scenario file";
                self.report.meaning(path, &message, remedy);
                return None;
            }
        };
        let digest = TraceDigest { file: portable(file), blake3: blake3::hash(&bytes).to_hex().to_string() };
        if !self.digests.contains(&digest) {
            self.digests.push(digest);
        }
        match parse(&bytes) {
            Ok(data) => Some(data),
            Err(error) => {
                let remedy = "give a CSV file: a header, then rows with as many cells, in UTF-8";
                self.report.meaning(path, &format!("{file}: {error}"), remedy);
                None
            }
        }
    }

    /// The position of `column`, reported at `path` if the file has none of that name.
    pub(super) fn column(&mut self, data: &DataFile, path: &Path, column: &str) -> Option<usize> {
        let found = data.column(column);
        if found.is_none() {
            self.report.unknown(path, "column", column, data.header.iter().map(String::as_str));
        }
        found
    }
}

/// The name of a file without what only this machine knows.
fn portable(file: &str) -> String {
    let path = FilePath::new(file);
    match path.file_name() {
        Some(name) if path.is_absolute() => name.to_string_lossy().into_owned(),
        _ => file.to_owned(),
    }
}

fn parse(bytes: &[u8]) -> Result<DataFile, csv::Error> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).trim(csv::Trim::All).from_reader(bytes);
    let header =
        reader.headers()?.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        rows.push((line, record.iter().map(str::to_owned).collect()));
    }
    Ok(DataFile { header, rows })
}

/// Reads a cell that must be a number of 0 or more.
pub(super) fn amount(cell: &str) -> Result<f64, String> {
    let number: f64 = cell.parse().map_err(|_| format!("{cell:?} is no number"))?;
    match number {
        _ if number.is_nan() => Err("NaN is no amount".to_owned()),
        _ if number.is_infinite() => Err(format!("{cell} is infinite")),
        _ if number < 0.0 => Err(format!("{cell} is negative")),
        _ => Ok(number),
    }
}
