//! AWS Organizations, and what else is about an account from outside of it: contacts, names, support cases.

mod read;
mod write;

pub use read::Asking;

use aws_config::retry::RetryConfig;
use aws_sdk_account::types::AlternateContactType;
use aws_sdk_organizations::types::{CreateAccountState, CreateAccountStatus};
use jiff::Timestamp;

use super::call::{CallError, Calls};
use crate::organization::ContactKind;
use crate::snapshot::{Creation, Progress};

/// The management account's view of its organization.
#[derive(Debug)]
pub struct Organizations {
    calls: Calls,
    organizations: aws_sdk_organizations::Client,
    account: aws_sdk_account::Client,
    support: aws_sdk_support::Client,
    sts: aws_sdk_sts::Client,
}

/// Where these services have their one endpoint, by a region of the partition.
fn home(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "cn-northwest-1",
        _ if region.starts_with("us-gov-") => "us-gov-west-1",
        _ => "us-east-1",
    }
}

/// Every page of a listing.
macro_rules! pages {
    ($self:ident, $call:literal, $request:expr, $items:ident) => {{
        let mut found = Vec::new();
        let mut token = None;
        loop {
            let page = $self.calls.again($call, || $request.set_next_token(token.clone()).send())?;
            // An empty page is not the end: AWS sends such now and then.
            found.extend(page.$items.unwrap_or_default());
            if page.next_token.is_none() {
                break found;
            }
            if page.next_token == token {
                return Err($crate::aws::CallError::endless($call));
            }
            token = page.next_token;
        }
    }};
}
use pages;

impl Organizations {
    /// The caller's, by a region of the partition that it is in.
    ///
    /// # Errors
    /// The operating system does not let us make calls.
    pub fn new(region: &str) -> std::io::Result<Self> {
        let calls = Calls::new(crate::aws::runtime()?);
        let configuration = calls.block_on(crate::aws::configuration(home(region), None));
        // What may be tried again, and when, is decided in one place.
        let configuration = configuration.into_builder().retry_config(RetryConfig::disabled()).build();
        Ok(Self {
            organizations: aws_sdk_organizations::Client::new(&configuration),
            account: aws_sdk_account::Client::new(&configuration),
            support: aws_sdk_support::Client::new(&configuration),
            sts: aws_sdk_sts::Client::new(&configuration),
            calls,
        })
    }

    /// How many calls were made, and how many of these were throttled.
    pub fn calls(&self) -> &Calls {
        &self.calls
    }

    /// The account whose credentials these are.
    ///
    /// # Errors
    /// The call fails.
    pub fn caller(&self) -> Result<String, CallError> {
        let answer = self.calls.again("sts:GetCallerIdentity", || self.sts.get_caller_identity().send())?;
        Ok(answer.account.unwrap_or_default())
    }

    /// The id of the organization, and that of its management account.
    ///
    /// # Errors
    /// There is none, or the call fails.
    pub fn organization(&self) -> Result<(String, String), CallError> {
        let call = || self.organizations.describe_organization().send();
        let organization = self.calls.again("organizations:DescribeOrganization", call)?.organization;
        let found =
            organization.map(|found| (found.id.unwrap_or_default(), found.master_account_id.unwrap_or_default()));
        Ok(found.unwrap_or_default())
    }
}

fn creation(status: &CreateAccountStatus) -> Option<Creation> {
    let requested = status.requested_timestamp.as_ref().and_then(|at| Timestamp::from_second(at.secs()).ok());
    Some(Creation {
        id: status.id.clone()?,
        name: status.account_name.clone().unwrap_or_default(),
        requested: requested.unwrap_or(Timestamp::UNIX_EPOCH),
        progress: match (&status.state, &status.account_id) {
            (Some(CreateAccountState::Succeeded), Some(id)) => Progress::Done(id.clone()),
            (Some(CreateAccountState::Failed), _) => {
                Progress::Failed(status.failure_reason.as_ref().map_or("UNKNOWN", |reason| reason.as_str()).to_owned())
            }
            _ => Progress::Pending,
        },
    })
}

fn contact_type(kind: ContactKind) -> AlternateContactType {
    match kind {
        ContactKind::Billing => AlternateContactType::Billing,
        ContactKind::Operations => AlternateContactType::Operations,
        ContactKind::Security => AlternateContactType::Security,
    }
}
