//! Compiles in what comes with groundwork: the features below `templates/` and the policies below `policies/`.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut code = String::new();
    for (name, folder) in [("TEMPLATES", "templates"), ("POLICIES", "policies")] {
        println!("cargo:rerun-if-changed={folder}");
        let mut files = Vec::new();
        collect(&root.join(folder), "", &mut files)?;
        files.sort();
        writeln!(code, "static {name}: &[(&str, &[u8])] = &[").map_err(io::Error::other)?;
        for file in files {
            let path = root.join(folder).join(&file);
            writeln!(code, "    ({file:?}, include_bytes!({path:?})),").map_err(io::Error::other)?;
        }
        code.push_str("];\n");
    }
    let out = std::env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(Path::new(&out).join("built_in.rs"), code)
}

/// The files below a folder, by path with `/`; without what editors leave.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || name.ends_with('~') || name == "__pycache__" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{prefix}{name}/"), files)?;
        } else {
            files.push(format!("{prefix}{name}"));
        }
    }
    Ok(())
}
