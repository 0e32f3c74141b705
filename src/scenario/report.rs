//! Collects problems while a scenario is checked, each pointed at its place in the files.

use super::document::{Node, Origin, Path, Source};
use super::problem::Problem;

/// Collects problems of one scenario.
pub(super) struct Reporter<'a> {
    sources: &'a [Source],
    root: &'a Node,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
    poisoned: Vec<Path>,
}

impl<'a> Reporter<'a> {
    pub(super) fn new(sources: &'a [Source], root: &'a Node) -> Reporter<'a> {
        Reporter { sources, root, problems: Vec::new(), warnings: Vec::new(), poisoned: Vec::new() }
    }

    /// All problems found, and all warnings.
    pub(super) fn finish(self) -> (Vec<Problem>, Vec<Problem>) {
        (self.problems, self.warnings)
    }

    /// Whether the value at `path` comes from the command line.
    pub(super) fn is_set(&self, path: &Path) -> bool {
        path.find(self.root).is_some_and(|node| self.sources[node.origin.source].name == "--set")
    }

    /// Marks a path whose value is a stand-in: what follows from it is not reported.
    pub(super) fn poison(&mut self, path: &Path) {
        self.poisoned.push(path.clone());
    }

    /// Whether something at, in or around `path` is a stand-in.
    pub(super) fn is_poisoned(&self, path: &Path) -> bool {
        self.poisoned.iter().any(|poison| poison.is_within(path) || path.is_within(poison))
    }

    /// A problem with the meaning of the setting at `path`; dropped where a stand-in is involved.
    pub(super) fn meaning(&mut self, path: &Path, message: &str, remedy: &str) {
        if !self.is_poisoned(path) {
            self.at(path, message, remedy);
        }
    }

    /// Something at `path` that is right but has no effect.
    pub(super) fn warning(&mut self, path: &Path, message: &str, remedy: &str) {
        let value = path.find(self.root).map(Node::brief).unwrap_or_default();
        let warning = self.problem(path.show(self.root), path.place(self.root), value, message, remedy);
        self.warnings.push(warning);
    }

    /// A warning of the table at `path`, which no group names.
    pub(super) fn unused(&mut self, path: &Path) {
        self.warning(path, "no group uses this", "name it in a group, or leave it out");
    }

    /// An unknown name at `path`, with the nearest of those `known`.
    pub(super) fn unknown<'n>(
        &mut self,
        path: &Path,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'n str> + Clone,
    ) {
        let remedy = match nearest(name, known.clone()) {
            Some(meant) => format!("did you mean \"{meant}\"?"),
            None => match known.take(8).collect::<Vec<_>>().join(", ") {
                none if none.is_empty() => format!("the scenario has no {what} at all"),
                names => format!("known: {names}"),
            },
        };
        self.meaning(path, &format!("there is no {what} \"{name}\""), &remedy);
    }

    /// A problem with the value at `path`, or with its absence.
    pub(super) fn at(&mut self, path: &Path, message: &str, remedy: &str) {
        let value = path.find(self.root).map(Node::brief).unwrap_or_default();
        self.push(path.show(self.root), path.place(self.root), value, message, remedy);
    }

    /// A problem with the value `node` at `path`.
    pub(super) fn value(&mut self, path: &Path, node: &Node, message: &str, remedy: &str) {
        self.push(path.show(self.root), node.origin, node.brief(), message, remedy);
    }

    /// A problem with the key at `path`.
    pub(super) fn key(&mut self, path: &Path, key: Origin, message: &str, remedy: &str) {
        let value = path.find(self.root).map(Node::brief).unwrap_or_default();
        self.push(path.show(self.root), key, value, message, remedy);
    }

    /// A setting that is missing.
    pub(super) fn missing(&mut self, path: &Path, message: &str, remedy: &str) {
        self.push(path.show(self.root), path.place(self.root), String::new(), message, remedy);
    }

    fn push(&mut self, path: String, origin: Origin, value: String, message: &str, remedy: &str) {
        let problem = self.problem(path, origin, value, message, remedy);
        self.problems.push(problem);
    }

    fn problem(&self, path: String, origin: Origin, value: String, message: &str, remedy: &str) -> Problem {
        let source = &self.sources[origin.source];
        let (line, column) = source.position(origin.start);
        Problem {
            path,
            file: source.name.clone(),
            line,
            column,
            value,
            message: message.to_owned(),
            remedy: remedy.to_owned(),
            origin: Some(origin),
        }
    }
}

/// The known name that was probably meant.
pub(crate) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let score = |candidate: &str| strsim::jaro_winkler(&name.to_lowercase(), &candidate.to_lowercase());
    known
        .map(|candidate| (score(candidate), candidate))
        .filter(|(score, _)| *score >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_near() {
        let known = ["horizon", "replications", "time_to_failure", "time_to_restore"];
        assert_eq!(nearest("horzion", known.into_iter()), Some("horizon"));
        assert_eq!(nearest("time_to_fail", known.into_iter()), Some("time_to_failure"));
        assert_eq!(nearest("colour", known.into_iter()), None);
    }
}
