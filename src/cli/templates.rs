//! Features.

use clap::{Args, Subcommand};

use super::Format;

/// What to do with the built-in features.
#[derive(Debug, Subcommand)]
pub enum TemplatesCommand {
    /// List the features there are, and where each comes from.
    List(TemplatesListArgs),
    /// Copy a built-in feature to templates/, where it takes the built-in one's place and can be changed.
    ///
    /// What it was made from is remembered beside it, in templates/FEATURE/.built-in: commit that as well.
    #[command(after_long_help = "Examples:
  groundwork templates eject network
  groundwork render --check             Nothing renders differently yet.")]
    Eject(TemplatesFeatureArgs),
    /// Show what was changed here since a feature was ejected, and what was changed in groundwork since.
    #[command(after_long_help = "Examples:
  groundwork templates diff
  groundwork templates diff network --upstream | patch -p1     Take over what groundwork changed,
  groundwork templates renew network                           and say so.
  groundwork templates diff --check                            In CI: exit 1 if there is something to take over.")]
    Diff(TemplatesDiffArgs),
    /// Remember the feature of this groundwork as what templates/FEATURE was made from: its changes are taken over.
    Renew(TemplatesFeatureArgs),
}

/// `groundwork templates list`
#[derive(Args, Debug)]
pub struct TemplatesListArgs {
    /// Text for people, or JSON.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `groundwork templates eject`, `groundwork templates renew`
#[derive(Args, Debug)]
pub struct TemplatesFeatureArgs {
    /// The feature's name.
    #[arg(value_name = "FEATURE")]
    pub feature: String,
}

/// `groundwork templates diff`
#[derive(Args, Debug)]
pub struct TemplatesDiffArgs {
    /// The feature's name; all that are in templates/ by default.
    #[arg(value_name = "FEATURE")]
    pub feature: Option<String>,
    /// Only what was changed in groundwork, as a patch.
    #[arg(long)]
    pub upstream: bool,
    /// Exit 1 if anything was changed in groundwork since a feature was ejected.
    #[arg(long)]
    pub check: bool,
}
