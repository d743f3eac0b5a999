//! The playground: one self-contained file in www/dist/.

use crate::stamp::Inputs;
use crate::{places, tools};
use anyhow::{Context, Result};

/// Checks and bundles the page. Returns whether there was anything to do.
pub fn build() -> Result<bool> {
    let (page, template) = (places::root().join("www"), places::template());
    let dist = page.join("dist");
    let target = dist.join("index.html");
    Inputs::of("page")
        .value(include_str!("page.mjs"))
        .folder(&page.join("src"))
        .folder(&places::generated())
        .file(&page.join("index.html"))
        .file(&page.join("tsconfig.json"))
        .file(&template.join("package-lock.json"))
        .folder(&template.join("dist"))
        .unless_fresh(&dist, std::slice::from_ref(&target), || {
            tools::npm_bin(&template, "tsc")
                .arg("--project")
                .arg(page.join("tsconfig.json"))
                .run()
                .context("the sources of the page do not compile")?;
            tools::node()?
                .args(["--input-type=module", "--eval", include_str!("page.mjs"), "--"])
                .args([&page, &template, &template.join("node_modules"), &target])
                .run()
                .context("the page could not be bundled")?;
            Ok(())
        })
}
