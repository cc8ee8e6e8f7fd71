//! AWS, as far as groundwork itself calls it. Credentials, regions and endpoints are the SDK's own matter: its
//! environment variables and files are respected.

mod call;
mod keys;
mod organizations;
mod s3;

pub use call::{CallError, Calls};
pub use keys::AccountKeys;
pub use organizations::{Asking, Organizations};
pub use s3::{Bucket, BucketError, Object};

use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

/// What sessions in an assumed role are called, in CloudTrail and everywhere.
const SESSION: &str = "groundwork";

/// A runtime whose one thread carries all calls; whoever makes one waits for it.
///
/// # Errors
/// The operating system does not let us.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()
}

/// The caller's configuration for a region, in a role if there is one.
async fn configuration(region: &str, role: Option<&str>) -> SdkConfig {
    let region = Region::new(region.to_owned());
    let own = aws_config::defaults(BehaviorVersion::latest()).region(region.clone()).load().await;
    let Some(role) = role else { return own };
    let credentials =
        AssumeRoleProvider::builder(role).configure(&own).session_name(SESSION).region(region).build().await;
    let shared = aws_sdk_s3::config::SharedCredentialsProvider::new(credentials);
    own.into_builder().credentials_provider(shared).build()
}

/// What the SDK says when nothing that could have credentials has any.
const NO_CREDENTIALS: &str = "no credentials found in chain";

/// What a service said, in a line: its code and its words, or what kept us from asking.
fn in_words<E>(error: &SdkError<E>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let code = error.code().unwrap_or_default();
    match error.message() {
        Some(message) if code.is_empty() => message.to_owned(),
        Some(message) => format!("{code}: {message}"),
        None if !code.is_empty() => code.to_owned(),
        None => {
            // The causes say what the outermost error only names.
            let mut text = error.to_string();
            let mut cause = std::error::Error::source(error);
            while let Some(inner) = cause {
                text = format!("{text}: {inner}");
                cause = inner.source();
            }
            // Where they were looked for is ten lines.
            if text.contains(NO_CREDENTIALS) { "there are no AWS credentials here".to_owned() } else { text }
        }
    }
}
