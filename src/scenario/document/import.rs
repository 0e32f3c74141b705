//! From files to one tree: imports under their importer, overrides on top, presets underneath.
//!
//! `import` names files relative to the importing one. What a file says itself overrides what it imports, and a later
//! import overrides an earlier one; tables are laid over one another key by key, lists are replaced. A file that
//! imports itself, by however many steps, is refused, and so are imports that go on and on. A file that is imported
//! more than once is read once.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path as FilePath, PathBuf};

use super::{Node, Origin, Source, Table, Value, parse, set};
use crate::scenario::problem::Problem;

/// The longest chain of imports.
const DEEPEST: usize = 32;
/// The most files that are read.
const MOST_FILES: usize = 1_000;

/// Reads files and remembers them.
#[derive(Default)]
pub(in crate::scenario) struct Reader {
    pub sources: Vec<Source>,
    pub problems: Vec<Problem>,
    open: Vec<PathBuf>,
    /// What is known of each file, imports included, by its identity and the directory its imports are relative to.
    known: BTreeMap<(PathBuf, PathBuf), Option<Node>>,
    is_full: bool,
}

impl Reader {
    /// The tree of the file at `path` with its imports; `None`, with problems, if a file cannot be read.
    pub(in crate::scenario) fn file(&mut self, path: &FilePath) -> Option<Node> {
        self.read(path, &path.display().to_string(), None)
    }

    /// The tree of `text`, which imports relative to `directory`.
    pub(in crate::scenario) fn text(
        &mut self,
        name: &str,
        text: String,
        directory: &FilePath,
    ) -> Option<Node> {
        let source = self.add(name, text, directory);
        self.parse(source)
    }

    /// Lays `--set` overrides over `root`.
    pub(in crate::scenario) fn set(&mut self, root: &mut Node, sets: &[String]) {
        for text in sets {
            let directory = self.sources.first().map(|source| source.directory.clone()).unwrap_or_default();
            let source = self.add("--set", text.clone(), &directory);
            if let Err((message, remedy)) = set::apply(root, text, source) {
                self.problem(Origin { source, start: 0, end: text.len() }, "", message, remedy);
            }
        }
    }

    /// Registers a source and returns its index.
    pub(in crate::scenario) fn add(&mut self, name: &str, text: String, directory: &FilePath) -> usize {
        self.sources.push(Source { name: name.to_owned(), text, directory: directory.to_owned() });
        self.sources.len() - 1
    }

    fn read(&mut self, path: &FilePath, name: &str, importer: Option<Origin>) -> Option<Node> {
        let identity = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if self.open.contains(&identity) {
            let message = format!("{name} imports itself");
            self.unreadable(name, importer, message, "take one of the imports out of the circle");
            return None;
        }
        let directory = path.parent().unwrap_or(FilePath::new("")).to_owned();
        let home = fs::canonicalize(directory.join(".")).unwrap_or_else(|_| directory.clone());
        let key = (identity.clone(), home);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        if !self.has_room(name, importer) {
            return None;
        }
        // A file that cannot be read counts, and is reported once.
        self.known.insert(key.clone(), None);
        let text = self.contents(path, name, importer)?;
        let source = self.add(name, text, &directory);
        self.open.push(identity);
        let tree = self.parse(source);
        self.open.pop();
        self.known.insert(key, tree.clone());
        tree
    }

    /// Whether another file may be read; the first that may not is reported.
    fn has_room(&mut self, name: &str, importer: Option<Origin>) -> bool {
        let (deep, many) = (self.open.len() > DEEPEST, self.known.len() >= MOST_FILES);
        if deep {
            let message = format!("{name} is imported through more than {DEEPEST} files");
            self.unreadable(name, importer, message, "import it from a file nearer to the first");
        } else if many && !self.is_full {
            self.is_full = true;
            let message = format!("{name} is one file more than the {MOST_FILES} that may be read");
            self.unreadable(name, importer, message, "put several imported files into one");
        }
        !deep && !many
    }

    fn contents(&mut self, path: &FilePath, name: &str, importer: Option<Origin>) -> Option<String> {
        match fs::read(path).map(String::from_utf8) {
            Ok(Ok(text)) => return Some(text),
            Ok(Err(_)) => {
                self.unreadable(name, importer, format!("{name} is not UTF-8 text"), "save it as UTF-8");
            }
            Err(error) => {
                let message = format!("{name} cannot be read: {}", reason(path, &error));
                self.unreadable(name, importer, message, "check the name and the permissions");
            }
        }
        None
    }

    fn parse(&mut self, source: usize) -> Option<Node> {
        let text = self.sources[source].text.clone();
        match parse::document(&text, source) {
            Ok(root) => self.with_imports(root, source),
            Err(errors) => {
                for error in errors {
                    let origin = Origin { source, start: error.start, end: error.end };
                    self.problem(origin, "", format!("not TOML: {}", error.message), error.remedy);
                }
                None
            }
        }
    }

    fn with_imports(&mut self, mut root: Node, source: usize) -> Option<Node> {
        let Some(import) = root.as_table_mut().and_then(|table| table.remove("import")) else {
            return Some(root);
        };
        let files = match import.value {
            Value::Array(items) => items,
            value => vec![Node { value, origin: import.origin }],
        };
        let mut base = Node { value: Value::Table(Table::default()), origin: root.origin };
        let mut complete = true;
        for file in files {
            let Some(name) = file.as_str() else {
                let message = format!("expected the name of a file, found {}", file.kind());
                self.problem(file.origin, "import", message, "import = \"other.toml\", or a list".to_owned());
                continue;
            };
            let path = self.sources[source].directory.join(name);
            match self.read(&path, &path.display().to_string(), Some(file.origin)) {
                Some(imported) => base.overlay(imported),
                None => complete = false,
            }
        }
        base.overlay(root);
        complete.then_some(base)
    }

    fn unreadable(&mut self, name: &str, importer: Option<Origin>, message: String, remedy: &str) {
        if let Some(origin) = importer {
            return self.problem(origin, "import", message, remedy.to_owned());
        }
        self.problems.push(Problem {
            path: String::new(),
            file: name.to_owned(),
            line: 0,
            column: 0,
            value: String::new(),
            message: message.strip_prefix(&format!("{name} ")).unwrap_or(&message).to_owned(),
            remedy: remedy.to_owned(),
            origin: None,
        });
    }

    /// Reports a problem at `origin`.
    pub(in crate::scenario) fn problem(
        &mut self,
        origin: Origin,
        path: &str,
        message: String,
        remedy: String,
    ) {
        let source = &self.sources[origin.source];
        let (line, column) = source.position(origin.start);
        let value = source.text.get(origin.range()).unwrap_or_default();
        self.problems.push(Problem {
            path: path.to_owned(),
            file: source.name.clone(),
            line,
            column,
            value: value.lines().next().unwrap_or_default().to_owned(),
            message,
            remedy,
            origin: Some(origin),
        });
    }
}

/// The operating system's reason in words that are the same everywhere, where it is a usual one.
pub(in crate::scenario) fn reason(path: &FilePath, error: &std::io::Error) -> String {
    match error.kind() {
        _ if path.is_dir() => "it is a directory".to_owned(),
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// Makes every `file` relative to the first source's directory instead of that of the file that names it, so that the
/// resolved scenario can stand where the first file stands.
pub(in crate::scenario) fn rebase_files(root: &mut Node, sources: &[Source]) {
    let Some(home) = sources.first().map(|source| source.directory.as_path()) else { return };
    match &mut root.value {
        Value::Array(items) => items.iter_mut().for_each(|item| rebase_files(item, sources)),
        Value::Table(table) => {
            for entry in &mut table.entries {
                match &mut entry.node.value {
                    Value::String(file) if entry.key == "file" => {
                        let directory = sources[entry.node.origin.source].directory.as_path();
                        if directory != home {
                            let path = directory.join(file.as_str());
                            let path = path.strip_prefix(home).unwrap_or(&path);
                            *file = path.to_string_lossy().into_owned();
                        }
                    }
                    _ => rebase_files(&mut entry.node, sources),
                }
            }
        }
        _ => {}
    }
}
