//! `groundwork providers`

use super::{Context, Failure, parts};
use crate::cli::{ProvidersCommand, ProvidersLockArgs};
use crate::organization::Account;
use crate::providers::{self, FetchError, Lock, Required};
use crate::render;
use crate::run::WORK;
use crate::system::files;
use crate::system::inputs::PROVIDER_LOCK;
use crate::system::process::Children;
use crate::terraform::find;
use crate::text::Count;

/// How long Terraform gets to stop.
const GRACE: std::time::Duration = std::time::Duration::from_secs(10);

pub(crate) fn run(context: &Context, command: &ProvidersCommand) -> Result<(), Failure> {
    match command {
        ProvidersCommand::Lock(args) => lock(context, args),
    }
}

fn lock(context: &Context, args: &ProvidersLockArgs) -> Result<(), Failure> {
    let required = required(context)?;
    if required.is_empty() {
        context.ui.done("no root module requires a provider: there is nothing to lock");
        return Ok(());
    }
    let terraform = find(args.terraform.as_deref()).map_err(|error| Failure::because(error.to_string()))?;
    let children =
        Children::new(GRACE).map_err(|error| Failure::because(format!("cannot start a watchdog: {error}")))?;
    let path = context.root.join(PROVIDER_LOCK);
    let current = files::read_bytes(&path, 1 << 20).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let mut arguments: Vec<String> = args.platform.iter().map(|platform| format!("-platform={platform}")).collect();
    if let Some(mirror) = &args.fs_mirror {
        let mirror = std::path::absolute(mirror).unwrap_or_else(|_| mirror.clone());
        arguments.push(format!("-fs-mirror={}", mirror.display()));
    }
    let progress = context.ui.progress("locking", required.len());
    let current = current.filter(|_| !args.upgrade);
    let locked =
        providers::lock(&context.root.join(WORK), &required, current.as_deref(), &arguments, &terraform, &children);
    drop(progress);
    let text = locked.map_err(|error| match error {
        FetchError::Io(error) => Failure::because(format!("the providers cannot be locked: {error}")),
        FetchError::Terraform { message, help } => {
            let failure = Failure::because(format!("the providers cannot be locked: {message}"));
            help.into_iter().fold(failure, Failure::help)
        }
    })?;
    let lock = Lock::parse(&text).map_err(|error| Failure::because(error.to_string()))?;
    files::replace(&path, &text).map_err(|error| Failure::from_error(&error))?;
    for provider in &lock.providers {
        context.ui.status(format_args!("{} {}", provider.address, provider.version));
    }
    let (providers, platforms) = (Count(lock.providers.len(), "provider"), Count(args.platform.len(), "platform"));
    context
        .ui
        .done(format_args!("{PROVIDER_LOCK}: {providers} for {platforms}; commit it, and run `groundwork render`"));
    Ok(())
}

/// What the root modules of all accounts require.
fn required(context: &Context) -> Result<Required, Failure> {
    let repository = context.load_sound()?;
    let (organization, engine) = parts(&repository)?;
    let accounts: Vec<&Account> = organization.with_root().filter(|account| account.is_renderable()).collect();
    let modules =
        render::render(organization, &accounts, &repository.features, engine, &|| ()).map_err(|problems| {
            context.ui.diagnostics(&problems, &repository.sources);
            Failure::Said
        })?;
    let mut required = Required::new();
    for (_, content) in modules.iter().flat_map(|module| &module.files).filter(|(name, _)| name.ends_with(".tf")) {
        providers::required(&String::from_utf8_lossy(&content.bytes), &mut required);
    }
    Ok(required)
}
