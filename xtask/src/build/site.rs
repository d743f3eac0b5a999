//! Builds the documentation as a static site in www/dist/docs/. A broken link between pages is an error.

use crate::stamp::Inputs;
use crate::{places, tools};
use anyhow::{Context, Result};

/// Builds the site from `pkg-template/docs`. Returns whether there was anything to do.
pub fn build() -> Result<bool> {
    let site = places::root().join("www/site");
    let documents = places::template().join("docs");
    let index = places::root().join("www/dist/docs/index.html");
    let output = places::root().join("www/dist/docs");
    tools::npm_ci(&site)?;
    Inputs::of("site")
        .folder(&documents)
        .folder(&site.join(".vitepress"))
        .file(&site.join("package-lock.json"))
        .unless_fresh(&output, &[index], || {
            tools::npm_bin(&site, "vitepress")
                .args(["build"])
                .arg(&site)
                .run()
                .context("the documentation could not be built as a site")?;
            Ok(())
        })
}
