//! The bucket that holds Terraform's state.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::DateTimeFormat;
use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, BucketLocationConstraint, BucketVersioningStatus,
    CreateBucketConfiguration, ExpirationStatus, LifecycleRule, LifecycleRuleFilter, NoncurrentVersionExpiration,
    ObjectOwnership, PublicAccessBlockConfiguration, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule, VersioningConfiguration,
};
use tokio::runtime::Runtime;

use crate::state::{ABANDONED_UPLOAD_DAYS, OLD_VERSION_DAYS, RULE, Settings, Step};

/// The one region in which a bucket is made without naming it.
const UNNAMED_REGION: &str = "us-east-1";

/// What went wrong, and where.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// The bucket is somebody else's, or may not be seen.
    #[error(
        "the bucket `{bucket}` is there, and may not be looked at: it is somebody else's, or these credentials are not allowed to ({reason})"
    )]
    NotOurs {
        /// Its name.
        bucket: String,
        /// What AWS said.
        reason: String,
    },
    /// A call failed.
    #[error("{action} `{bucket}`: {reason}")]
    Call {
        /// What was tried: `cannot list`.
        action: &'static str,
        /// The bucket, or an object in it.
        bucket: String,
        /// What AWS said.
        reason: String,
    },
    /// No call could be made.
    #[error("cannot call AWS: {0}")]
    Runtime(#[from] std::io::Error),
}

/// An object, as a listing tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// In bytes.
    pub size: u64,
    /// When it was written last, RFC 3339.
    pub modified: String,
}

/// A bucket, whether or not it is there.
#[derive(Debug)]
pub struct Bucket {
    name: String,
    region: String,
    client: Client,
    runtime: Runtime,
}

impl Bucket {
    /// A bucket in a region, as whoever may assume that role, or as the caller.
    ///
    /// # Errors
    /// No call could be made.
    pub fn new(name: &str, region: &str, role: Option<&str>) -> Result<Self, BucketError> {
        let runtime = super::runtime()?;
        let configuration = runtime.block_on(super::configuration(region, role));
        Ok(Self { name: name.to_owned(), region: region.to_owned(), client: Client::new(&configuration), runtime })
    }

    fn failed<E>(&self, action: &'static str, error: &SdkError<E>) -> BucketError
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        BucketError::Call { action, bucket: self.name.clone(), reason: super::in_words(error) }
    }

    /// How the bucket is set up; nothing where there is none.
    ///
    /// # Errors
    /// It may not be looked at.
    pub fn settings(&self) -> Result<Option<Settings>, BucketError> {
        self.runtime.block_on(async {
            if let Err(error) = self.client.head_bucket().bucket(&self.name).send().await {
                let status = error.raw_response().map(|response| response.status().as_u16());
                return match status {
                    Some(404) => Ok(None),
                    Some(301 | 403) => {
                        Err(BucketError::NotOurs { bucket: self.name.clone(), reason: super::in_words(&error) })
                    }
                    _ => Err(self.failed("cannot look at", &error)),
                };
            }
            let mut settings = Settings::default();
            let block = self.client.get_public_access_block().bucket(&self.name).send().await;
            if let Some(block) =
                present(block).map_err(|error| self.failed("cannot read the public access block of", &error))?
            {
                let all = block.public_access_block_configuration;
                settings.is_private = all.is_some_and(|all| {
                    [
                        all.block_public_acls,
                        all.ignore_public_acls,
                        all.block_public_policy,
                        all.restrict_public_buckets,
                    ] == [Some(true); 4]
                });
            }
            let versioning = self.client.get_bucket_versioning().bucket(&self.name).send().await;
            let versioning = versioning.map_err(|error| self.failed("cannot read the versioning of", &error))?;
            settings.is_versioned = versioning.status == Some(BucketVersioningStatus::Enabled);
            let encryption = self.client.get_bucket_encryption().bucket(&self.name).send().await;
            let encryption =
                present(encryption).map_err(|error| self.failed("cannot read the encryption of", &error))?;
            settings.is_encrypted =
                encryption.and_then(|encryption| encryption.server_side_encryption_configuration).is_some_and(
                    |rules| rules.rules.iter().any(|rule| rule.apply_server_side_encryption_by_default.is_some()),
                );
            let policy = self.client.get_bucket_policy().bucket(&self.name).send().await;
            let policy = present(policy).map_err(|error| self.failed("cannot read the policy of", &error))?;
            settings.policy = policy.and_then(|policy| policy.policy).filter(|policy| !policy.is_empty());
            settings.rules = self.rules().await?.iter().filter_map(|rule| rule.id.clone()).collect();
            Ok(Some(settings))
        })
    }

    async fn rules(&self) -> Result<Vec<LifecycleRule>, BucketError> {
        let lifecycle = self.client.get_bucket_lifecycle_configuration().bucket(&self.name).send().await;
        let lifecycle = present(lifecycle).map_err(|error| self.failed("cannot read the lifecycle of", &error))?;
        Ok(lifecycle.and_then(|lifecycle| lifecycle.rules).unwrap_or_default())
    }

    /// Does one step.
    ///
    /// # Errors
    /// It cannot be done. Steps before it stay done; doing all of them again is harmless.
    pub fn take(&self, step: &Step) -> Result<(), BucketError> {
        let bucket = || self.name.clone();
        self.runtime.block_on(async {
            match step {
                Step::Create => {
                    let place = (self.region != UNNAMED_REGION).then(|| {
                        let region = BucketLocationConstraint::from(self.region.as_str());
                        CreateBucketConfiguration::builder().location_constraint(region).build()
                    });
                    let create = self.client.create_bucket().bucket(bucket()).set_create_bucket_configuration(place);
                    let created = create.object_ownership(ObjectOwnership::BucketOwnerEnforced).send().await;
                    match created {
                        Ok(_) => Ok(()),
                        // Two that begin at the same time both want it to be there.
                        Err(error) if error.code() == Some("BucketAlreadyOwnedByYou") => Ok(()),
                        Err(error) => Err(self.failed("cannot create", &error)),
                    }
                }
                Step::BlockPublicAccess => {
                    let all = PublicAccessBlockConfiguration::builder()
                        .block_public_acls(true)
                        .ignore_public_acls(true)
                        .block_public_policy(true)
                        .restrict_public_buckets(true)
                        .build();
                    let put = self.client.put_public_access_block().bucket(bucket());
                    let put = put.public_access_block_configuration(all).send().await;
                    put.map(drop).map_err(|error| self.failed("cannot block public access to", &error))
                }
                Step::Version => {
                    let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
                    let put = self.client.put_bucket_versioning().bucket(bucket()).versioning_configuration(enabled);
                    put.send().await.map(drop).map_err(|error| self.failed("cannot version", &error))
                }
                Step::Encrypt => {
                    let default = ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::Aes256);
                    let default = default.build().map_err(|error| self.unbuilt(&error))?;
                    let rule =
                        ServerSideEncryptionRule::builder().apply_server_side_encryption_by_default(default).build();
                    let rules = ServerSideEncryptionConfiguration::builder().rules(rule).build();
                    let rules = rules.map_err(|error| self.unbuilt(&error))?;
                    let put = self.client.put_bucket_encryption().bucket(bucket());
                    let put = put.server_side_encryption_configuration(rules).send().await;
                    put.map(drop).map_err(|error| self.failed("cannot encrypt", &error))
                }
                Step::RequireTls { policy } => {
                    let put = self.client.put_bucket_policy().bucket(bucket()).policy(policy).send().await;
                    put.map(drop).map_err(|error| self.failed("cannot require TLS for", &error))
                }
                Step::Expire => {
                    let mut rules = self.rules().await?;
                    rules.push(self.rule()?);
                    let all = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build();
                    let all = all.map_err(|error| self.unbuilt(&error))?;
                    let put = self.client.put_bucket_lifecycle_configuration().bucket(bucket());
                    let put = put.lifecycle_configuration(all).send().await;
                    put.map(drop).map_err(|error| self.failed("cannot set the lifecycle of", &error))
                }
            }
        })
    }

    fn rule(&self) -> Result<LifecycleRule, BucketError> {
        LifecycleRule::builder()
            .id(RULE)
            .status(ExpirationStatus::Enabled)
            .filter(LifecycleRuleFilter::builder().prefix("").build())
            .noncurrent_version_expiration(
                NoncurrentVersionExpiration::builder().noncurrent_days(OLD_VERSION_DAYS).build(),
            )
            .abort_incomplete_multipart_upload(
                AbortIncompleteMultipartUpload::builder().days_after_initiation(ABANDONED_UPLOAD_DAYS).build(),
            )
            .build()
            .map_err(|error| self.unbuilt(&error))
    }

    fn unbuilt(&self, error: &dyn std::error::Error) -> BucketError {
        BucketError::Call { action: "cannot set up", bucket: self.name.clone(), reason: error.to_string() }
    }

    /// Every object there is.
    ///
    /// # Errors
    /// It cannot be listed.
    pub fn objects(&self) -> Result<Vec<Object>, BucketError> {
        self.runtime.block_on(async {
            let mut objects = Vec::new();
            let mut pages = self.client.list_objects_v2().bucket(&self.name).into_paginator().send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| self.failed("cannot list", &error))?;
                objects.extend(page.contents.unwrap_or_default().into_iter().filter_map(|object| {
                    let modified = object.last_modified.and_then(|at| at.fmt(DateTimeFormat::DateTime).ok());
                    Some(Object {
                        key: object.key?,
                        size: object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
                        modified: modified.unwrap_or_default(),
                    })
                }));
            }
            Ok(objects)
        })
    }

    /// What an object holds; nothing where there is none.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(&self, key: &str) -> Result<Option<Vec<u8>>, BucketError> {
        self.runtime.block_on(async {
            let object = present(self.client.get_object().bucket(&self.name).key(key).send().await)
                .map_err(|error| self.failed("cannot read from", &error))?;
            let Some(object) = object else { return Ok(None) };
            let bytes = object.body.collect().await.map_err(|error| BucketError::Call {
                action: "cannot read from",
                bucket: self.name.clone(),
                reason: error.to_string(),
            })?;
            Ok(Some(bytes.to_vec()))
        })
    }
}

/// An answer, or nothing where AWS says that there is no such thing.
fn present<T, E: ProvideErrorMetadata>(answer: Result<T, SdkError<E>>) -> Result<Option<T>, Box<SdkError<E>>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error)
            if error.code().is_some_and(|code| {
                code.starts_with("NoSuch") || code.ends_with("NotFoundError") || code == "NotFound"
            }) =>
        {
            Ok(None)
        }
        Err(error) => Err(Box::new(error)),
    }
}
