//! Keys of IAM users, and the secrets that hold them, in one account.

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_iam::types::StatusType;
use aws_sdk_sts::config::Credentials;
use jiff::Timestamp;

use super::call::{CallError, Calls};
use crate::keys::{Key, Secret};

/// What names a version of a secret, in front of the id of the key it holds where that is too short: AWS wants 32 to 64
/// characters.
const VERSION: &str = "groundwork-access-key-";

/// How short a version's name may be.
const SHORTEST: usize = 32;

/// The label of the version that everybody reads.
const CURRENT: &str = "AWSCURRENT";

/// IAM and Secrets Manager in one account.
#[derive(Debug)]
pub struct AccountKeys {
    calls: Calls,
    iam: aws_sdk_iam::Client,
    secrets: aws_sdk_secretsmanager::Client,
    region: Region,
}

impl AccountKeys {
    /// Those of the account in which this role is, for a region.
    ///
    /// # Errors
    /// The operating system does not let us make calls.
    pub fn new(region: &str, role: &str) -> std::io::Result<Self> {
        let calls = Calls::new(super::runtime()?);
        let configuration = calls.block_on(super::configuration(region, Some(role)));
        // What may be tried again, and when, is decided in one place.
        let configuration = configuration.into_builder().retry_config(RetryConfig::disabled()).build();
        Ok(Self {
            iam: aws_sdk_iam::Client::new(&configuration),
            secrets: aws_sdk_secretsmanager::Client::new(&configuration),
            region: Region::new(region.to_owned()),
            calls,
        })
    }

    /// A user's keys, each with its last use.
    ///
    /// # Errors
    /// There is no such user, or a call fails.
    pub fn keys(&self, user: &str) -> Result<Vec<Key>, CallError> {
        let call = || self.iam.list_access_keys().user_name(user).send();
        let listed = self.calls.again("iam:ListAccessKeys", call)?;
        let mut keys = Vec::new();
        for listed in listed.access_key_metadata {
            let Some(id) = listed.access_key_id else { continue };
            let call = || self.iam.get_access_key_last_used().access_key_id(&id).send();
            let used = match self.calls.again("iam:GetAccessKeyLastUsed", call) {
                Ok(used) => used.access_key_last_used,
                // Deleted since it was listed.
                Err(error) if error.is("NoSuchEntity") => continue,
                Err(error) => return Err(error),
            };
            let used = used.and_then(|used| Some((moment(used.last_used_date.as_ref())?, used.service_name)));
            keys.push(Key {
                active: listed.status == Some(StatusType::Active),
                created: moment(listed.create_date.as_ref()).unwrap_or(Timestamp::UNIX_EPOCH),
                used,
                id,
            });
        }
        Ok(keys)
    }

    /// Makes a key: its id, and its secret, which nobody is told again.
    ///
    /// # Errors
    /// AWS refuses; or, with `unsure`, nobody knows whether there is one more now.
    pub fn make(&self, user: &str) -> Result<(String, Secret), CallError> {
        const CALL: &str = "iam:CreateAccessKey";
        let answer = self.calls.once(CALL, || self.iam.create_access_key().user_name(user).send())?;
        let made = answer.access_key.ok_or_else(|| CallError {
            call: CALL,
            code: String::new(),
            reason: String::new(),
            message: "AWS did not say which key it is".to_owned(),
            unsure: true,
        })?;
        Ok((made.access_key_id, Secret::new(made.secret_access_key)))
    }

    /// Whether AWS accepts a key yet.
    ///
    /// # Errors
    /// It cannot be tried.
    pub fn prove(&self, id: &str, secret: &Secret) -> Result<bool, CallError> {
        let credentials = Credentials::new(id, secret.reveal(), None, None, "a fresh key");
        let loader = aws_config::defaults(BehaviorVersion::latest()).region(self.region.clone());
        let loader = loader.credentials_provider(credentials).retry_config(RetryConfig::disabled());
        let sts = aws_sdk_sts::Client::new(&self.calls.block_on(loader.load()));
        match self.calls.again("sts:GetCallerIdentity", || sts.get_caller_identity().send()) {
            Ok(_) => Ok(true),
            Err(error) if error.is("InvalidClientTokenId") || error.is("SignatureDoesNotMatch") => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Deactivates a key.
    ///
    /// # Errors
    /// The call fails.
    pub fn deactivate(&self, user: &str, id: &str) -> Result<(), CallError> {
        let inactive = StatusType::Inactive;
        let call = || self.iam.update_access_key().user_name(user).access_key_id(id).status(inactive.clone()).send();
        self.calls.again("iam:UpdateAccessKey", call).map(drop)
    }

    /// Deletes a key, unless it is gone.
    ///
    /// # Errors
    /// The call fails.
    pub fn delete(&self, user: &str, id: &str) -> Result<(), CallError> {
        let call = || self.iam.delete_access_key().user_name(user).access_key_id(id).send();
        match self.calls.again("iam:DeleteAccessKey", call) {
            Err(error) if !error.is("NoSuchEntity") => Err(error),
            _ => Ok(()),
        }
    }

    /// The id of the key in a secret: the name of its version says it, so that nobody has to read the secret itself.
    /// Nothing where there is none, or one that was put there by others. `keys` are those that it may be.
    ///
    /// # Errors
    /// There is no such secret (`ResourceNotFound`), it is about to go (`InvalidRequest`), or the call fails.
    pub fn held(&self, name: &str, keys: &[Key]) -> Result<Option<String>, CallError> {
        const CALL: &str = "secretsmanager:DescribeSecret";
        let secret = self.calls.again(CALL, || self.secrets.describe_secret().secret_id(name).send())?;
        if secret.deleted_date.is_some() {
            let code = "InvalidRequestException".to_owned();
            let message = format!("`{name}` is about to be deleted");
            return Err(CallError { call: CALL, code, reason: String::new(), message, unsure: false });
        }
        let versions = secret.version_ids_to_stages.unwrap_or_default();
        let current = versions.into_iter().find(|(_, labels)| labels.iter().any(|label| label == CURRENT));
        let Some((version, _)) = current else { return Ok(None) };
        let listed = keys.iter().find(|key| version_of(&key.id) == version).map(|key| key.id.as_str());
        Ok(listed.or_else(|| version.strip_prefix(VERSION)).map(str::to_owned))
    }

    /// Puts a key into a secret, under a version that names it: both at once. Doing it again changes nothing.
    ///
    /// # Errors
    /// AWS refuses; or, with `unsure`, nobody knows.
    pub fn keep(&self, name: &str, id: &str, value: &Secret) -> Result<(), CallError> {
        let call = || {
            let put = self.secrets.put_secret_value().secret_id(name).secret_string(value.reveal());
            put.client_request_token(version_of(id)).send()
        };
        self.calls.again("secretsmanager:PutSecretValue", call).map(drop)
    }

    /// What a secret holds for that key.
    ///
    /// # Errors
    /// The call fails.
    pub fn kept(&self, name: &str, id: &str) -> Result<Secret, CallError> {
        let version = version_of(id);
        let call = || self.secrets.get_secret_value().secret_id(name).version_id(&version).send();
        let answer = self.calls.again("secretsmanager:GetSecretValue", call)?;
        Ok(Secret::new(answer.secret_string.unwrap_or_default()))
    }
}

/// The name of the version that holds a key.
fn version_of(id: &str) -> String {
    if id.len() < SHORTEST { format!("{VERSION}{id}") } else { id.to_owned() }
}

fn moment(at: Option<&aws_sdk_iam::primitives::DateTime>) -> Option<Timestamp> {
    Timestamp::from_second(at?.secs()).ok()
}
