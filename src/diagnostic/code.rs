//! The stable name of each kind of problem.

use std::fmt;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// The stable name of a kind of problem, as printed in brackets and in JSON.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// As people see it: kebab-case.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

codes! {
    /// A file could not be read: missing, a directory, not UTF-8, too large, no permission.
    Unreadable = "unreadable",
    /// A file is not TOML.
    Syntax = "syntax",
    /// A key that nothing knows.
    UnknownKey = "unknown-key",
    /// A key that must be there.
    MissingKey = "missing-key",
    /// A value of the wrong type.
    WrongType = "wrong-type",
    /// A value of the right type that breaks a rule.
    BadValue = "bad-value",
    /// A name that breaks the rule for names.
    BadName = "bad-name",
    /// A reference to something that is not declared.
    Unknown = "unknown-reference",
    /// Two things that must differ do not.
    Duplicate = "duplicate",
    /// An account name or e-mail that AWS would refuse.
    AccountIdentity = "account-identity",
    /// Address pools, reserved ranges or blocks that contradict each other.
    Network = "network",
    /// No block of the wanted size is left.
    PoolExhausted = "pool-exhausted",
    /// Two accounts hold overlapping blocks.
    NetworkOverlap = "network-overlap",
    /// An account that has no network block yet.
    NotAllocated = "not-allocated",
    /// An account that disappeared without being retired.
    Disappeared = "disappeared",
    /// A template or overlay that cannot be rendered.
    Template = "template",
    /// Rendered HCL that is not HCL.
    RenderedSyntax = "rendered-syntax",
    /// Two sources that would write one file.
    FileConflict = "file-conflict",
    /// A feature whose manifest is wrong.
    FeatureManifest = "feature-manifest",
    /// A feature that needs another that is not on.
    FeatureRequires = "feature-requires",
    /// A wave that claims nothing, or claims what another already has.
    Wave = "wave",
    /// Something that later waves use and the first one does not rehearse.
    Parity = "parity",
    /// A day that has passed, and what ended with it is still there.
    Ended = "ended",
    /// A team without something that a feature needs of it.
    TeamLacks = "team-lacks",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
