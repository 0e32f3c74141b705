//! Rows of one result file, set aside while simulations finish out of order, joined in order at the end.
//!
//! All pieces go to one temporary file without a name; an index says whose they are. Pieces of one policy and
//! replication must come in their order, those of different ones may come in any.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Bytes kept in memory before they are written.
const BUFFER: usize = 1 << 20;

/// Whose rows: policy and replication.
pub type Whose = (usize, u64);

/// Rows set aside.
#[derive(Debug)]
pub struct Spool {
    file: File,
    length: u64,
    buffer: Vec<u8>,
    /// Where the pieces are: offset and length, consecutive ones joined.
    pieces: BTreeMap<Whose, Vec<(u64, u64)>>,
}

impl Spool {
    /// An empty one, on the disk of `folder`, where it leaves no trace.
    ///
    /// # Errors
    /// If no file can be made there.
    pub fn new(folder: &Path) -> io::Result<Spool> {
        let file = tempfile::tempfile_in(folder)?;
        Ok(Spool { file, length: 0, buffer: Vec::with_capacity(BUFFER), pieces: BTreeMap::new() })
    }

    /// Appends rows that `write` puts at the end of a buffer.
    ///
    /// # Errors
    /// If the disk is full.
    pub fn append(&mut self, whose: Whose, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let before = self.buffer.len();
        write(&mut self.buffer);
        let added = (self.buffer.len() - before) as u64;
        if added > 0 {
            let pieces = self.pieces.entry(whose).or_default();
            match pieces.last_mut() {
                Some((from, length)) if *from + *length == self.length => *length += added,
                _ => pieces.push((self.length, added)),
            }
            self.length += added;
        }
        if self.buffer.len() >= BUFFER { self.write_out() } else { Ok(()) }
    }

    /// Forgets the rows of replications that are not `wanted`.
    pub fn keep(&mut self, wanted: impl Fn(Whose) -> bool) {
        self.pieces.retain(|&whose, _| wanted(whose));
    }

    fn write_out(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    /// Copies all rows to `out`, ordered by policy and replication, and empties the spool.
    ///
    /// # Errors
    /// If the temporary file cannot be read back, or `out` cannot be written to.
    pub fn join(&mut self, out: &mut impl Write) -> io::Result<()> {
        self.write_out()?;
        for &(from, length) in self.pieces.values().flatten() {
            self.file.seek(SeekFrom::Start(from))?;
            let copied = io::copy(&mut BufReader::new(&self.file).take(length), out)?;
            if copied != length {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
            }
        }
        self.pieces.clear();
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.length = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_joined_in_order_of_policy_and_replication() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path()).unwrap();
        for (whose, text) in
            [((0, 1), "b1 "), ((1, 0), "c1 "), ((0, 0), "a1 "), ((0, 1), "b2 "), ((0, 0), "a2 ")]
        {
            spool.append(whose, |out| out.extend_from_slice(text.as_bytes())).unwrap();
        }
        let mut out = Vec::new();
        spool.keep(|(policy, _)| policy == 0);
        spool.join(&mut out).unwrap();
        assert_eq!(out, b"a1 a2 b1 b2 ");
        out.clear();
        spool.append((0, 0), |out| out.push(b'x')).unwrap();
        spool.join(&mut out).unwrap();
        assert_eq!(out, b"x");
    }

    #[test]
    fn rows_beyond_the_buffer_come_back_whole_and_leave_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path()).unwrap();
        let rows: Vec<String> = (0..300_000).map(|row| format!("{row},row\n")).collect();
        for (index, row) in rows.iter().enumerate() {
            spool.append((index % 2, 0), |out| out.extend_from_slice(row.as_bytes())).unwrap();
        }
        let mut out = Vec::new();
        spool.join(&mut out).unwrap();
        let expected: String = (0..2).flat_map(|odd| rows.iter().skip(odd).step_by(2)).cloned().collect();
        assert!(out == expected.as_bytes());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
