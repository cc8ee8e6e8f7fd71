//! Why a step failed, from what Terraform said: whether to try again, and what to tell people.
//!
//! Terraform says it in prose only. The patterns are codes of AWS and of the operating system, which are not reworded;
//! what none of them fits is a failure like any other.

use super::Holder;

/// Errors named in a summary; the rest are counted.
const MOST_ERRORS: usize = 3;

/// The longest summary of one error, in characters.
const LONGEST_ERROR: usize = 400;

/// What kind of failure it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody else holds the lock of the state.
    Locked(Box<Holder>),
    /// The lock was taken when it was asked for and gone when it was looked at: nobody holds it.
    LockRace,
    /// The state changed after the plan was made.
    Stale,
    /// AWS wants less at a time.
    Throttled,
    /// Something that was made a moment ago is not there yet, for all of AWS.
    NotThereYet,
    /// The network failed.
    Network,
    /// It will fail again.
    Other,
}

impl Kind {
    /// Why it is worth trying again; nothing if it is not.
    pub fn passing(&self) -> Option<&'static str> {
        match self {
            Self::LockRace => Some("lost a race for the lock"),
            Self::Stale => Some("the state has changed since it was planned"),
            Self::Throttled => Some("AWS throttles"),
            Self::NotThereYet => Some("AWS does not know yet what it was told"),
            Self::Network => Some("the network failed"),
            Self::Locked(_) | Self::Other => None,
        }
    }
}

/// A failed step, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What kind of failure it is.
    pub kind: Kind,
    /// Terraform's own errors in a line each; empty where it did not say any.
    pub errors: Vec<String>,
    /// What to do, where that is known.
    pub help: Option<&'static str>,
}

/// Codes of failures that pass, as whole words or phrases.
const PASSING: [(Kind, &[&str]); 3] = [
    (
        Kind::Throttled,
        &[
            "Throttling",
            "RequestLimitExceeded",
            "TooManyRequests",
            "Rate exceeded",
            "SlowDown",
            "PriorRequestNotComplete",
            "RequestThrottled",
            "StatusCode: 429",
            "429 Too Many Requests",
        ],
    ),
    (
        Kind::NotThereYet,
        &[
            "OptInRequired",
            "PendingVerification",
            "not authorized to perform: sts:AssumeRole",
            "InvalidClientTokenId",
            "Invalid principal in policy",
            "cannot be assumed by Lambda",
            "ConcurrentModification",
            "OperationAborted",
            "couldn't find resource",
            "ConditionalRequestConflict",
        ],
    ),
    (
        Kind::Network,
        &[
            "connection reset by peer",
            "i/o timeout",
            "TLS handshake timeout",
            "unexpected EOF",
            "Client.Timeout exceeded",
            "server misbehaving",
            "StatusCode: 500",
            "StatusCode: 502",
            "StatusCode: 503",
            "StatusCode: 504",
            "502 Bad Gateway",
            "503 Service Unavailable",
            "504 Gateway Timeout",
        ],
    ),
];

/// What people are to do about failures that are theirs.
const HELP: [(&str, &str); 9] = [
    (
        "no space left on device",
        "the disk is full: `target/groundwork` and `.terraform` folders are what groundwork fills",
    ),
    ("No valid credential sources found", "there are no AWS credentials here: log in, or set them for this job"),
    ("ExpiredToken", "the AWS credentials have expired: log in again"),
    (
        "Unsupported Terraform Core version",
        "the root module wants another version of terraform: `required_version` in terraform.tf says which",
    ),
    (
        "Failed to query available provider packages",
        "providers come from the network unless `groundwork providers lock` has locked them and they have been fetched once",
    ),
    (
        "doesn't match any of the checksums",
        "`groundwork providers lock` records the checksums of another version or platform",
    ),
    (
        "failed to decode current backend config",
        "the folder was initialised by hand with another backend: remove its `.terraform` folder",
    ),
    (
        "Backend configuration changed",
        "the folder was initialised with another backend: remove its `.terraform` folder",
    ),
    ("NoSuchBucket", "there is no bucket for the state: `groundwork state bootstrap` makes it"),
];

impl Trouble {
    /// Understands what a failed step printed.
    pub fn read(said: &str) -> Self {
        // Terraform breaks lines where it likes.
        let flat = said.lines().map(|line| line.trim_start_matches(['│', ' ']).trim()).collect::<Vec<_>>().join(" ");
        let kind = kind(said, &flat);
        let help = HELP.iter().find(|(pattern, _)| flat.contains(pattern)).map(|(_, help)| *help);
        Self { kind, errors: errors(said), help }
    }

    /// What happened, in a few lines; `otherwise` where Terraform did not say.
    pub fn message(&self, otherwise: &str) -> String {
        if self.errors.is_empty() {
            return otherwise.to_owned();
        }
        let mut lines: Vec<String> = self.errors.iter().take(MOST_ERRORS).cloned().collect();
        if self.errors.len() > MOST_ERRORS {
            lines.push(format!("and {}", crate::text::Count(self.errors.len() - MOST_ERRORS, "more error")));
        }
        lines.join("; ")
    }
}

fn kind(said: &str, flat: &str) -> Kind {
    if flat.contains("Error acquiring the state lock") {
        if let Some(holder) = Holder::in_error(said) {
            return Kind::Locked(Box::new(holder));
        }
        if ["PreconditionFailed", "StatusCode: 412", "ConditionalRequestConflict"]
            .iter()
            .any(|code| flat.contains(code))
        {
            return Kind::LockRace;
        }
    }
    if flat.contains("Saved plan is stale") {
        return Kind::Stale;
    }
    let passing = PASSING.iter().find(|(_, patterns)| patterns.iter().any(|pattern| flat.contains(pattern)));
    passing.map_or(Kind::Other, |(kind, _)| kind.clone())
}

/// The errors that Terraform lists: the line that begins with `Error:`, and the first sentence below it.
fn errors(said: &str) -> Vec<String> {
    let lines: Vec<&str> = said.lines().map(|line| line.trim_start_matches(['│', '╷', '╵', ' ']).trim()).collect();
    let mut errors: Vec<String> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(title) = line.strip_prefix("Error: ") else { continue };
        let paragraph = |from: usize| -> (String, usize) {
            let text: Vec<&str> = lines[from..].iter().copied().take_while(|line| !line.is_empty()).collect();
            (text.join(" "), from + text.len())
        };
        // A title may be broken into several lines as well.
        let (rest, after) = paragraph(index + 1);
        let mut error = if rest.is_empty() { title.to_owned() } else { format!("{title} {rest}") };
        let (body, _) = lines[after..]
            .iter()
            .position(|line| !line.is_empty())
            .map_or_else(|| (String::new(), after), |skip| paragraph(after + skip));
        // Excerpts of the source are for the log: they may hold values.
        if !body.is_empty() && !body.starts_with("with ") && !body.starts_with("on ") && !body.starts_with("Error: ") {
            let first = body.split_inclusive(". ").next().unwrap_or_default().trim();
            error = format!("{}: {first}", error.trim_end_matches('.'));
        }
        if error.chars().count() > LONGEST_ERROR {
            error = error.chars().take(LONGEST_ERROR).chain(['…']).collect();
        }
        if !errors.contains(&error) {
            errors.push(error);
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(said: &str, kind: &Kind, message: &str) {
        let trouble = Trouble::read(said);
        assert_eq!((&trouble.kind, trouble.message("it did not say why").as_str()), (kind, message), "{said}");
    }

    #[test]
    fn what_passes_is_told_from_what_does_not() {
        case(
            "Error: creating EC2 VPC: operation error EC2: CreateVpc, https response error\nStatusCode: 503, RequestID: x, api error RequestLimitExceeded: Request limit\nexceeded.\n\n  with aws_vpc.main,\n  on network.tf line 3",
            &Kind::Throttled,
            "creating EC2 VPC: operation error EC2: CreateVpc, https response error StatusCode: 503, RequestID: x, api error RequestLimitExceeded: Request limit exceeded.",
        );
        case(
            "\nError: Saved plan is stale\n\nThe given plan file can no longer be applied because the state was changed by\nanother operation after the plan was created.\n",
            &Kind::Stale,
            "Saved plan is stale: The given plan file can no longer be applied because the state was changed by another operation after the plan was created.",
        );
        case(
            "╷\n│ Error: Cannot assume IAM Role\n│ \n│   with provider[\"registry.terraform.io/hashicorp/aws\"],\n│   on providers.tf line 1, in provider \"aws\":\n│    1: provider \"aws\" {\n│ \n│ is not authorized to perform: sts:AssumeRole on resource\n╵\n",
            &Kind::NotThereYet,
            "Cannot assume IAM Role",
        );
        case(
            "Error: Invalid value for variable\n\n  on main.tf line 3:\n  3: password = \"hunter2-hunter2\"\n\nIt is wrong.",
            &Kind::Other,
            "Invalid value for variable",
        );
        case("panic: runtime error\n", &Kind::Other, "it did not say why");
    }

    #[test]
    fn a_lock_that_is_held_is_told_from_one_that_is_gone() {
        let race = "Error: Error acquiring the state lock\n\nError message: operation error S3: PutObject, https response error\nStatusCode: 412, api error PreconditionFailed: x\noperation error S3: GetObject, StatusCode: 404, NoSuchKey\n";
        assert_eq!(Trouble::read(race).kind, Kind::LockRace);
        let held = format!("{race}Lock Info:\n  ID:        1\n  Who:       a@b\n");
        assert!(matches!(Trouble::read(&held).kind, Kind::Locked(holder) if holder.who == "a@b"));
        let denied = "Error: Error acquiring the state lock\n\nError message: operation error S3: PutObject, StatusCode: 403, AccessDenied";
        assert_eq!(Trouble::read(denied).kind, Kind::Other);
    }

    #[test]
    fn errors_are_counted_and_said_once() {
        let said = "Error: A\n\nError: B\n\nError: A\n\nError: C\n\nError: D\n";
        assert_eq!(Trouble::read(said).message(""), "A; B; C; and 1 more error");
    }
}
