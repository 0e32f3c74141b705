//! Measured data that lie outside the project: in `../shared/data` from its root, or in the folder FLEETCAST_DATA.

#![allow(dead_code)]

use std::path::{Path, PathBuf};

/// Where `file` of the folder is; says that `test` is skipped if there is no such folder or file.
pub(crate) fn file(test: &str, file: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let path = std::env::var_os("FLEETCAST_DATA").map_or_else(beside, PathBuf::from).join(file);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {test}: no ../shared/data/{file}");
    None
}
