//! `groundwork digest`

use std::io::{self, Read as _};
use std::path::Path;

use super::{Context, Failure};
use crate::cli::DigestArgs;
use crate::digest::Seal;
use crate::plan::MOST_BYTES;
use crate::system::files;
use crate::system::plans::read_one;

pub(crate) fn run(context: &Context, args: &DigestArgs) -> Result<(), Failure> {
    let name = args.plan.display();
    let bytes = read(&args.plan).map_err(|reason| Failure::because(format!("cannot read `{name}`: {reason}")))?;
    let seal = args.seal_key.as_deref().map(Seal::new);
    let digest = read_one(&bytes, args.account.as_deref(), seal.as_ref())
        .map_err(|reason| Failure::because(format!("there is no digest of `{name}`: {reason}")))?;
    let text = serde_json::to_string(&digest).unwrap_or_default();
    let Some(out) = &args.out else { return Ok(context.ui.answer(&text)?) };
    files::replace_with_folder(out, &format!("{text}\n")).map_err(|error| Failure::from_error(&error))?;
    context.ui.done(format_args!("{}: {}", out.display(), digest.fingerprint));
    Ok(())
}

fn read(plan: &Path) -> Result<Vec<u8>, String> {
    if plan != Path::new("-") {
        return files::read_bytes(plan, MOST_BYTES).map_err(|error| error.to_string());
    }
    let mut bytes = Vec::new();
    io::stdin().lock().take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(format!("it is larger than {} MiB", MOST_BYTES >> 20));
    }
    Ok(bytes)
}
