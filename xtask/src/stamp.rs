//! Skipping steps whose inputs have not changed.
//!
//! A stamp is a file with the hash of everything that a step read, and lies in the folder that the step fills: who
//! deletes the folder deletes the stamp. Contents are compared, not times, so a fresh checkout costs nothing.

use crate::places;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// The inputs of one step.
pub struct Inputs {
    name: &'static str,
    hasher: DefaultHasher,
}

impl Inputs {
    pub fn of(name: &'static str) -> Self {
        let hasher = DefaultHasher::new();
        Self { name, hasher }
    }

    pub fn value(mut self, value: impl Hash) -> Self {
        value.hash(&mut self.hasher);
        self
    }

    /// A file by its name and contents; that it is not there counts too.
    pub fn file(self, path: &Path) -> Self {
        self.value(places::shown(path)).value(fs::read(path).ok())
    }

    pub fn folder(self, dir: &Path) -> Self {
        places::files_below(dir).iter().fold(self, |inputs, file| inputs.file(file))
    }

    /// Does the step unless it is fresh; `made` are files in `dir` that it leaves there. True if it was done.
    pub fn unless_fresh(self, dir: &Path, made: &[PathBuf], step: impl FnOnce() -> Result<()>) -> Result<bool> {
        let stamp = dir.join(format!(".{}.stamp", self.name));
        let hash = format!("{:016x}", self.hasher.finish());
        if made.iter().all(|path| path.exists()) && fs::read_to_string(&stamp).is_ok_and(|old| old == hash) {
            return Ok(false);
        }
        // A step that fails half-way must not look fresh afterwards.
        let _ = fs::remove_file(&stamp);
        step()?;
        for path in made {
            ensure!(path.exists(), "the step \"{}\" did not make {}", self.name, places::shown(path));
        }
        fs::write(&stamp, hash).with_context(|| format!("could not write {}", places::shown(&stamp)))?;
        Ok(true)
    }
}
