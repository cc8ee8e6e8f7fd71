//! What is done.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_organizations::operation::close_account::CloseAccountError;
use aws_sdk_organizations::operation::create_account::CreateAccountError;
use aws_sdk_organizations::types::Tag;

use super::{Organizations, contact_type, creation, pages};
use crate::aws::call::CallError;
use crate::organization::{Contact, ContactKind};
use crate::snapshot::{Creation, Progress};

impl Organizations {
    /// Asks for an account, and returns the request's id.
    ///
    /// # Errors
    /// AWS refuses; or, with `unsure`, nobody knows whether it makes one now.
    pub fn create_account(
        &self,
        name: &str,
        email: &str,
        role: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<Creation, CallError> {
        const CALL: &str = "organizations:CreateAccount";
        let reason = RefCell::default();
        let call = || async {
            let request = self.organizations.create_account().account_name(name).email(email).role_name(role);
            let answer = request.set_tags(Some(to_tags(tags))).send().await;
            if let Err(error) = &answer
                && let Some(CreateAccountError::ConstraintViolationException(limit)) = error.as_service_error()
            {
                *reason.borrow_mut() = limit.reason().map(|reason| reason.as_str().to_owned());
            }
            answer
        };
        let answer = self.calls.once(CALL, call);
        let answer = answer.map_err(|error| CallError { reason: reason.take().unwrap_or_default(), ..error })?;
        answer.create_account_status.as_ref().and_then(creation).ok_or_else(|| CallError {
            call: CALL,
            code: String::new(),
            reason: String::new(),
            message: "AWS did not say which request it is".to_owned(),
            unsure: true,
        })
    }

    /// How a request to make an account stands.
    ///
    /// # Errors
    /// The call fails.
    pub fn creation(&self, request: &str) -> Result<Progress, CallError> {
        let call = || self.organizations.describe_create_account_status().create_account_request_id(request).send();
        let answer = self.calls.again("organizations:DescribeCreateAccountStatus", call)?;
        Ok(answer.create_account_status.as_ref().and_then(creation).map_or(Progress::Pending, |found| found.progress))
    }

    /// The id of the unit, or root, that an account is in.
    ///
    /// # Errors
    /// The call fails.
    pub fn parent(&self, id: &str) -> Result<String, CallError> {
        let parents =
            pages!(self, "organizations:ListParents", self.organizations.list_parents().child_id(id), parents);
        Ok(parents.into_iter().find_map(|parent| parent.id).unwrap_or_default())
    }

    /// Moves an account, wherever it is.
    ///
    /// # Errors
    /// A call fails.
    pub fn move_account(&self, id: &str, to: &str) -> Result<(), CallError> {
        for last in [false, true] {
            let from = self.parent(id)?;
            if from == to {
                return Ok(());
            }
            let call = || {
                self.organizations
                    .move_account()
                    .account_id(id)
                    .source_parent_id(&from)
                    .destination_parent_id(to)
                    .send()
            };
            match self.calls.again("organizations:MoveAccount", call) {
                Ok(_) => return Ok(()),
                // A call that was cut off has moved it.
                Err(error)
                    if !last
                        && (error.is("SourceParentNotFound")
                            || error.is("DuplicateAccount")
                            || error.is("AccountNotFound")) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Makes a unit, unless its parent has one of that name; returns its id.
    ///
    /// # Errors
    /// A call fails.
    pub fn create_unit(&self, parent: &str, name: &str) -> Result<String, CallError> {
        let there = || Ok(self.units(parent)?.into_iter().find(|unit| unit.name == name).map(|unit| unit.id));
        if let Some(id) = there()? {
            return Ok(id);
        }
        let call = || self.organizations.create_organizational_unit().parent_id(parent).name(name).send();
        loop {
            match self.calls.once("organizations:CreateOrganizationalUnit", call) {
                Ok(answer) => return Ok(answer.organizational_unit.and_then(|unit| unit.id).unwrap_or_default()),
                Err(error) if error.unsure || error.is("DuplicateOrganizationalUnit") => {
                    if let Some(id) = there()? {
                        return Ok(id);
                    }
                    if !error.unsure {
                        return Err(error);
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Sets tags of an account.
    ///
    /// # Errors
    /// The call fails.
    pub fn tag(&self, id: &str, tags: &BTreeMap<String, String>) -> Result<(), CallError> {
        let call = || self.organizations.tag_resource().resource_id(id).set_tags(Some(to_tags(tags))).send();
        self.calls.again("organizations:TagResource", call).map(|_| ())
    }

    /// Removes tags of an account.
    ///
    /// # Errors
    /// The call fails.
    pub fn untag(&self, id: &str, keys: &BTreeSet<String>) -> Result<(), CallError> {
        let keys: Vec<String> = keys.iter().cloned().collect();
        let call = || self.organizations.untag_resource().resource_id(id).set_tag_keys(Some(keys.clone())).send();
        self.calls.again("organizations:UntagResource", call).map(|_| ())
    }

    /// Attaches a policy.
    ///
    /// # Errors
    /// The call fails.
    pub fn attach(&self, policy: &str, target: &str) -> Result<(), CallError> {
        let call = || self.organizations.attach_policy().policy_id(policy).target_id(target).send();
        match self.calls.again("organizations:AttachPolicy", call) {
            Err(error) if !error.is("DuplicatePolicyAttachment") => Err(error),
            _ => Ok(()),
        }
    }

    /// Detaches a policy.
    ///
    /// # Errors
    /// The call fails.
    pub fn detach(&self, policy: &str, target: &str) -> Result<(), CallError> {
        let call = || self.organizations.detach_policy().policy_id(policy).target_id(target).send();
        match self.calls.again("organizations:DetachPolicy", call) {
            Err(error) if !error.is("PolicyNotAttached") => Err(error),
            _ => Ok(()),
        }
    }

    /// Gives an account another name.
    ///
    /// # Errors
    /// The call fails.
    pub fn rename(&self, id: &str, name: &str) -> Result<(), CallError> {
        let call = || self.account.put_account_name().account_id(id).account_name(name).send();
        self.calls.again("account:PutAccountName", call).map(|_| ())
    }

    /// Sets an alternate contact.
    ///
    /// # Errors
    /// The call fails.
    pub fn set_contact(&self, id: &str, kind: ContactKind, to: &Contact) -> Result<(), CallError> {
        let call = || {
            let request =
                self.account.put_alternate_contact().account_id(id).alternate_contact_type(contact_type(kind));
            request.name(&to.name).title(&to.title).email_address(&to.email).phone_number(&to.phone).send()
        };
        self.calls.again("account:PutAlternateContact", call).map(|_| ())
    }

    /// Whether whoever calls can work in an account: the role there can be assumed.
    ///
    /// # Errors
    /// It cannot.
    pub fn try_role(&self, partition: &str, id: &str, role: &str) -> Result<(), CallError> {
        let arn = format!("arn:{partition}:iam::{id}:role/{role}");
        let call = || self.sts.assume_role().role_arn(&arn).role_session_name(crate::aws::SESSION).send();
        self.calls.again("sts:AssumeRole", call).map(|_| ())
    }

    /// Opens a case with that subject, unless there is one that is not resolved; returns its id.
    ///
    /// # Errors
    /// A call fails.
    pub fn open_case(&self, subject: &str, text: &str) -> Result<String, CallError> {
        let there = || -> Result<Option<String>, CallError> {
            let cases = pages!(
                self,
                "support:DescribeCases",
                self.support.describe_cases().include_resolved_cases(false).include_communications(false),
                cases
            );
            let same = cases.into_iter().find(|case| case.subject.as_deref() == Some(subject));
            Ok(same.and_then(|case| case.case_id))
        };
        if let Some(id) = there()? {
            return Ok(id);
        }
        let call = || {
            let request = self.support.create_case().subject(subject).communication_body(text).language("en");
            request
                .service_code("customer-account")
                .category_code("other-account-issues")
                .issue_type("customer-service")
                .send()
        };
        loop {
            match self.calls.once("support:CreateCase", call) {
                Ok(answer) => return Ok(answer.case_id.unwrap_or_default()),
                Err(error) if error.unsure => {
                    if let Some(id) = there()? {
                        return Ok(id);
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Closes an account; whether AWS has taken it on. If not, it has enough to close for now.
    ///
    /// # Errors
    /// The call fails.
    pub fn close(&self, id: &str) -> Result<bool, CallError> {
        let reason = RefCell::default();
        let call = || async {
            let answer = self.organizations.close_account().account_id(id).send().await;
            if let Err(error) = &answer
                && let Some(CloseAccountError::ConstraintViolationException(limit)) = error.as_service_error()
            {
                *reason.borrow_mut() = limit.reason().map(|reason| reason.as_str().to_owned());
            }
            answer
        };
        let answer = self.calls.again("organizations:CloseAccount", call);
        match answer.map_err(|error| CallError { reason: reason.take().unwrap_or_default(), ..error }) {
            Ok(_) => Ok(true),
            Err(error) if error.is("AccountAlreadyClosed") => Ok(true),
            // ..._QUOTA_EXCEEDED this month, ..._REQUESTS_LIMIT_EXCEEDED at once.
            Err(error) if error.reason.starts_with("CLOSE_ACCOUNT_") => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn to_tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect()
}
