//! An independent check of every row.
