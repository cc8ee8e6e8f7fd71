//! One call to AWS: tried again while that is safe, and in no more of a hurry than AWS likes.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use tokio::runtime::Runtime;

use crate::system::chance;

/// How often one call is made at most. With a third of all calls throttled, one in a million is given up.
const MOST_TRIES: u32 = 13;

/// How often a call is made while AWS has not answered once: there is no network, or no way to AWS.
const MOST_UNHEARD: u32 = 5;

/// The first pause, which doubles until the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// What is waited before every call, once calls have been throttled: it grows with each that is, and shrinks with each
/// that is not.
const SLOWEST: Duration = Duration::from_secs(2);
const QUICKEST: Duration = Duration::from_millis(5);

/// A call that failed for good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{call}: {}{message}", [code, reason].iter().filter(|text| !text.is_empty()).map(|text| format!("{text}: ")).collect::<String>())]
pub struct CallError {
    /// What was called, as IAM names it: `organizations:CreateAccount`.
    pub call: &'static str,
    /// AWS's code; empty if AWS did not answer.
    pub code: String,
    /// Which limit or rule is in the way (`ACCOUNT_NUMBER_LIMIT_EXCEEDED`), where AWS says so.
    pub reason: String,
    /// What AWS said, or what kept it from answering.
    pub message: String,
    /// Whether AWS may have done it all the same.
    pub unsure: bool,
}

impl CallError {
    /// A listing that does not end.
    pub(super) fn endless(call: &'static str) -> Self {
        let message = "it hands out the same page again and again".to_owned();
        Self { call, code: String::new(), reason: String::new(), message, unsure: false }
    }

    /// Whether AWS says that.
    pub fn is(&self, code: &str) -> bool {
        self.code == code || self.code.strip_suffix("Exception") == Some(code)
    }

    /// What to do about it, where that is known.
    pub fn help(&self) -> Option<String> {
        if self.code.starts_with("AccessDenied") || self.is("UnauthorizedOperation") {
            Some(format!("whoever calls needs the permission {}", self.call))
        } else if self.message.contains("credential") && self.code.is_empty() {
            Some("log in, or set credentials of the management account for this job".to_owned())
        } else if matches!(
            self.code.as_str(),
            "ExpiredToken"
                | "ExpiredTokenException"
                | "UnrecognizedClientException"
                | "InvalidClientTokenId"
                | "InvalidSignatureException"
        ) {
            Some("the credentials are not valid, or no longer: log in again".to_owned())
        } else if self.is("AWSOrganizationsNotInUse") {
            Some("these credentials are of an account that is in no organization: use the management account's, or create the organization first".to_owned())
        } else if self.is("SubscriptionRequired") {
            Some("the Support API needs a paid support plan in the management account".to_owned())
        } else if self.unsure && self.code.is_empty() {
            Some(
                "AWS does not answer: is there a network, and does a proxy (HTTPS_PROXY) let calls through?".to_owned(),
            )
        } else {
            None
        }
    }
}

/// How a try went wrong.
#[derive(Debug)]
enum Miss {
    /// AWS has not done it, and would later.
    NotNow(CallError),
    /// Nobody knows.
    Unsure(CallError),
    /// It will not be done.
    Never(CallError),
}

/// Makes calls, and counts them.
#[derive(Debug)]
pub struct Calls {
    runtime: Runtime,
    pace: Mutex<Duration>,
    made: AtomicU64,
    throttled: AtomicU64,
    /// Whether AWS has answered anything yet.
    heard: AtomicBool,
}

impl Calls {
    pub(super) fn new(runtime: Runtime) -> Self {
        Self {
            runtime,
            pace: Mutex::new(Duration::ZERO),
            made: AtomicU64::new(0),
            throttled: AtomicU64::new(0),
            heard: AtomicBool::new(false),
        }
    }

    /// How many calls were made, each try counted, and how many of these were throttled.
    pub fn counted(&self) -> (u64, u64) {
        (self.made.load(Ordering::SeqCst), self.throttled.load(Ordering::SeqCst))
    }

    pub(super) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Makes a call that may as well be made twice.
    pub(super) fn again<T, E, F>(&self, call: &'static str, make: impl Fn() -> F) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        self.make(call, true, make)
    }

    /// Makes a call that must not be made twice: where nobody knows whether AWS has done it, the error says so.
    pub(super) fn once<T, E, F>(&self, call: &'static str, make: impl Fn() -> F) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        self.make(call, false, make)
    }

    fn make<T, E, F>(&self, call: &'static str, twice: bool, make: impl Fn() -> F) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let mut longest = FIRST_PAUSE;
        let mut tries = 0;
        loop {
            tries += 1;
            let pace = *self.pace.lock().unwrap_or_else(PoisonError::into_inner);
            thread::sleep(pace.mul_f64(2.0 * chance::fraction()));
            self.made.fetch_add(1, Ordering::SeqCst);
            let miss = match self.runtime.block_on(make()) {
                Ok(answer) => {
                    self.heard.store(true, Ordering::SeqCst);
                    self.go(false);
                    return Ok(answer);
                }
                Err(error) => {
                    self.heard.fetch_or(error.raw_response().is_some(), Ordering::SeqCst);
                    understood(call, &error)
                }
            };
            let error = match miss {
                Miss::NotNow(error) => {
                    self.throttled.fetch_add(1, Ordering::SeqCst);
                    self.go(true);
                    error
                }
                Miss::Unsure(error) if twice => error,
                Miss::Unsure(error) | Miss::Never(error) => return Err(error),
            };
            let most = if self.heard.load(Ordering::SeqCst) { MOST_TRIES } else { MOST_UNHEARD };
            if tries >= most {
                return Err(error);
            }
            tracing::debug!(%error, tries, "again");
            // Anything up to the longest pause: those who were refused together do not come back together.
            thread::sleep(longest.mul_f64(chance::fraction()));
            longest = (longest * 2).min(LONGEST_PAUSE);
        }
    }

    fn go(&self, slower: bool) {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        *pace = if slower {
            (*pace).max(QUICKEST).mul_f64(1.5).min(SLOWEST)
        } else if *pace > QUICKEST {
            pace.mul_f64(0.8)
        } else {
            Duration::ZERO
        };
    }
}

fn understood<E>(call: &'static str, error: &SdkError<E, HttpResponse>) -> Miss
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let code = error.code().unwrap_or_default().to_owned();
    let status = error.raw_response().map(|response| response.status().as_u16());
    let message = match error.message() {
        Some(message) => message.to_owned(),
        None => super::in_words(error),
    };
    let mut problem = CallError { call, code, reason: String::new(), message, unsure: false };
    let busy = ["TooManyRequests", "Throttling", "ConcurrentModification", "RequestLimitExceeded", "SlowDown"];
    // The code of one of the two throttles comes with a reason; both mean the same here.
    if status == Some(429) || busy.iter().any(|busy| problem.code.starts_with(busy)) {
        return Miss::NotNow(problem);
    }
    let unanswered = match error {
        // Without credentials there was no call.
        SdkError::ConstructionFailure(_) => false,
        SdkError::DispatchFailure(_) => !problem.message.contains("credential"),
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) => true,
        _ => status.is_some_and(|status| status >= 500),
    };
    if unanswered {
        problem.unsure = true;
        Miss::Unsure(problem)
    } else {
        Miss::Never(problem)
    }
}
