//! Skips steps whose inputs have not changed.
//!
//! A stamp is a file with the hash of everything that a step reads. It is stored in the folder that the step fills, so deleting
//! the folder deletes the stamp. Contents are compared, not times, so a fresh checkout rebuilds nothing.

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

    /// Adds a file by name and contents; a missing file counts too.
    pub fn file(self, path: &Path) -> Self {
        self.value(places::shown(path)).value(fs::read(path).ok())
    }

    pub fn folder(self, dir: &Path) -> Self {
        places::files_below(dir).iter().fold(self, |inputs, file| inputs.file(file))
    }

    /// Runs the step unless its outputs are fresh; `made` are files in `dir` that it creates. Returns whether it ran.
    pub fn unless_fresh(self, dir: &Path, made: &[PathBuf], step: impl FnOnce() -> Result<()>) -> Result<bool> {
        let stamp = dir.join(format!(".{}.stamp", self.name));
        let hash = format!("{:016x}", self.hasher.finish());
        if made.iter().all(|path| path.exists()) && fs::read_to_string(&stamp).is_ok_and(|old| old == hash) {
            return Ok(false);
        }
        // A step that fails half-way must not look fresh on the next run.
        let _ = fs::remove_file(&stamp);
        step()?;
        for path in made {
            ensure!(path.exists(), "the step \"{}\" did not make {}", self.name, places::shown(path));
        }
        fs::write(&stamp, hash).with_context(|| format!("could not write {}", places::shown(&stamp)))?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::env;

    /// Creates an empty folder for one test.
    fn folder(name: &str) -> PathBuf {
        let dir = env::temp_dir().join(format!("xtask-stamp-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        dir
    }

    #[test]
    fn a_step_is_done_again_when_an_input_changes_or_its_output_is_gone() {
        let dir = folder("again");
        let (input, output) = (dir.join("input"), dir.join("output"));
        let times = Cell::new(0);
        let step = || {
            let inputs = Inputs::of("step").file(&input);
            inputs.unless_fresh(&dir, std::slice::from_ref(&output), || {
                times.set(times.get() + 1);
                Ok(fs::write(&output, "made")?)
            })
        };
        fs::write(&input, "one").unwrap();
        assert!(step().unwrap() && !step().unwrap());
        fs::write(&input, "two").unwrap();
        assert!(step().unwrap() && !step().unwrap());
        fs::remove_file(&output).unwrap();
        assert!(step().unwrap() && !step().unwrap());
        assert_eq!(times.get(), 3);
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_step_that_failed_or_made_nothing_is_not_fresh() {
        let dir = folder("failed");
        let step = |result: Result<()>| Inputs::of("step").unless_fresh(&dir, &[dir.join("output")], || result);
        assert!(step(Err(anyhow::anyhow!("no"))).is_err());
        assert!(step(Ok(())).unwrap_err().to_string().contains("did not make"));
        fs::write(dir.join("output"), "made").unwrap();
        assert!(step(Ok(())).unwrap() && !step(Ok(())).unwrap());
        fs::remove_dir_all(dir).unwrap();
    }
}
