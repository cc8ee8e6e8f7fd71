//! Making an account: asked for once, whatever dies in between.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{Event, Problem, Work};
use crate::organization::AccountKey;
use crate::snapshot::Progress;

/// How often a request that AWS does not list is looked for before it is taken for lost.
const LOOKS: usize = 3;

/// How often an account is asked for that AWS fails to make for a passing reason.
const MOST_TRIES: usize = 4;

/// The longest pause between two questions how an account comes along.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Reasons for which AWS fails to make an account that have nothing to do with the account.
const PASSING: [&str; 2] = ["CONCURRENT_ACCOUNT_MODIFICATION", "INTERNAL_FAILURE"];

/// The pause after this one.
pub(super) fn longer(pause: Duration) -> Duration {
    pause.mul_f64(1.5).min(LONGEST_PAUSE.max(pause))
}

/// What a reason means, and what to do about it.
fn in_words(reason: &str) -> (&str, Option<&str>) {
    match reason {
        "ACCOUNT_LIMIT_EXCEEDED" | "ACCOUNT_NUMBER_LIMIT_EXCEEDED" => (
            "the organization has as many accounts as it may have; closed ones count until they are gone",
            Some("ask AWS for more: Service Quotas, AWS Organizations, \"Default maximum number of accounts\""),
        ),
        "EMAIL_ALREADY_EXISTS" => (
            "its e-mail is that of another AWS account, perhaps a closed one",
            Some(
                "AWS never accepts an e-mail twice: give the domain another pattern; or, if the account is yours, `groundwork organization adopt`",
            ),
        ),
        "INVALID_EMAIL" => ("AWS takes its e-mail for no address", Some("correct the pattern in domains.toml")),
        "INVALID_ADDRESS" => (
            "the management account's own address is not valid",
            Some("correct it in the management account: Account, Contact information"),
        ),
        "PENDING_BUSINESS_VALIDATION"
        | "FAILED_BUSINESS_VALIDATION"
        | "INVALID_IDENTITY_FOR_BUSINESS_VALIDATION"
        | "UNKNOWN_BUSINESS_VALIDATION" => (
            "AWS has not validated the business of the management account",
            Some("follow the mail that AWS has sent about it"),
        ),
        "MISSING_PAYMENT_INSTRUMENT" | "INVALID_PAYMENT_INSTRUMENT" => {
            ("the management account has no valid payment method", Some("add one in the management account"))
        }
        "CONCURRENT_ACCOUNT_MODIFICATION" => ("somebody else changed it at the same time", Some("run this again")),
        "INTERNAL_FAILURE" => ("AWS says no more than that it failed", Some("run this again; if it stays so, ask AWS")),
        _ => (reason, None),
    }
}

impl Work<'_> {
    /// Makes an account, and returns its id.
    pub(super) fn create(
        &self,
        key: &AccountKey,
        name: &str,
        email: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<String, Problem> {
        let mut tries = 0;
        loop {
            tries += 1;
            let request = match self.announced(key, name)? {
                Some(request) => request,
                None => self.ask(key, name, email, tags)?,
            };
            self.note(key, |held| held.asked.request = Some(request.clone()))?;
            match self.follow(key, &request)? {
                Ok(id) => return Ok(id),
                Err(reason) if PASSING.contains(&reason.as_str()) && tries < MOST_TRIES => {
                    self.pause(self.given.settings.poll)?;
                }
                Err(reason) => return Err(refused(&reason)),
            }
        }
    }

    /// Follows a request, and returns the account's id.
    pub(super) fn follow_to_its_end(&self, key: &AccountKey, request: &str) -> Result<String, Problem> {
        let request = request.to_owned();
        self.note(key, |held| held.asked.request = Some(request.clone()))?;
        self.follow(key, &request)?.map_err(|reason| refused(&reason))
    }

    /// A request that an earlier run announced, and may have sent; otherwise announces one.
    fn announced(&self, key: &AccountKey, name: &str) -> Result<Option<String>, Problem> {
        let asked = self.ledger().accounts.get(key).map(|held| held.asked.clone()).unwrap_or_default();
        if asked.request.is_some() {
            return Ok(asked.request);
        }
        if asked.creation.is_some() {
            return self.look(key, name);
        }
        let now = (self.given.now)();
        self.note(key, |held| held.asked.creation = Some(now))?;
        Ok(None)
    }

    /// Looks for a request that was sent and not answered.
    fn look(&self, key: &AccountKey, name: &str) -> Result<Option<String>, Problem> {
        let asked = self.ledger().accounts.get(key).and_then(|held| held.asked.creation);
        for look in 0..LOOKS {
            if look > 0 {
                self.pause(self.given.settings.settle)?;
            }
            let listed = self.given.cloud.creations()?;
            let found = crate::reconcile::creation_of(&listed, name, asked);
            if let Some(found) = found {
                return Ok(Some(found.id.clone()));
            }
        }
        Ok(None)
    }

    /// Sends the request, once.
    fn ask(
        &self,
        key: &AccountKey,
        name: &str,
        email: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<String, Problem> {
        let (begun, settings) = (Instant::now(), &self.given.settings);
        let mut pause = settings.poll;
        loop {
            match self.given.cloud.create_account(name, email, &self.given.organization.role, tags) {
                Ok(creation) => return Ok(creation.id),
                Err(error) if error.unsure => {
                    if let Some(request) = self.look(key, name)? {
                        return Ok(request);
                    }
                }
                Err(error) if error.reason == "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED" => {
                    (self.given.observer)(Event::Waits(key, "others that are being made", begun.elapsed()));
                }
                Err(error) => {
                    self.note(key, |held| held.asked.forget_creation())?;
                    if error.reason.is_empty() {
                        return Err(error.into());
                    }
                    return Err(refused(&error.reason));
                }
            }
            if begun.elapsed() > settings.creation {
                return Err(Problem::because("AWS does not take the request: run this again later"));
            }
            self.pause(pause)?;
            pause = longer(pause);
        }
    }

    /// Waits for a request: the account's id, or AWS's reason why there is none.
    fn follow(&self, key: &AccountKey, request: &str) -> Result<Result<String, String>, Problem> {
        let (begun, settings) = (Instant::now(), &self.given.settings);
        let mut pause = settings.poll;
        loop {
            match self.given.cloud.creation(request)? {
                Progress::Done(id) => return Ok(Ok(id)),
                Progress::Failed(reason) => {
                    self.note(key, |held| held.asked.forget_creation())?;
                    return Ok(Err(reason));
                }
                Progress::Pending => {}
            }
            if begun.elapsed() > settings.creation {
                return Err(Problem::Failed {
                    problem: format!("AWS is still making it, as {request}"),
                    help: Some("run this again: it goes on where it is".to_owned()),
                });
            }
            (self.given.observer)(Event::Waits(key, "AWS, which is making it", begun.elapsed()));
            self.pause(pause)?;
            pause = longer(pause);
        }
    }
}

fn refused(reason: &str) -> Problem {
    let (words, help) = in_words(reason);
    let problem = if words == reason {
        format!("AWS does not make it: {reason}")
    } else {
        format!("AWS does not make it: {words} ({reason})")
    };
    Problem::Failed { problem, help: help.map(str::to_owned) }
}
