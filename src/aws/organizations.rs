//! AWS Organizations, and what else is about an account from outside of it: contacts, names, support cases.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use aws_config::retry::RetryConfig;
use aws_sdk_account::types::AlternateContactType;
use aws_sdk_organizations::operation::close_account::CloseAccountError;
use aws_sdk_organizations::operation::create_account::CreateAccountError;
use aws_sdk_organizations::types::{Account, CreateAccountState, CreateAccountStatus, PolicyType, Tag, TargetType};
use jiff::Timestamp;

use super::call::{CallError, Calls};
use crate::organization::{Contact, ContactKind};
use crate::pool;
use crate::snapshot::{Creation, Member, Policy, Progress, SCHEMA_VERSION, Snapshot, State, Unit};

/// How many calls are made at a time for the snapshot. Organizations allows few more.
const READERS: usize = 4;

/// Pages in a row that bring nothing new, before the end is believed although there is always another one. AWS sends
/// empty pages now and then.
const MOST_EMPTY_PAGES: usize = 20;

/// What a snapshot is to have besides units and accounts: each costs calls.
pub struct Asking<'a> {
    /// Whether an account's contacts are compared.
    pub contacts: &'a (dyn Fn(&Member) -> bool + Sync),
    /// Names of policies whose targets are compared.
    pub policies: &'a BTreeSet<String>,
    /// Support cases that are not resolved yet.
    pub cases: Vec<String>,
}

impl std::fmt::Debug for Asking<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asking").field("policies", self.policies).field("cases", &self.cases).finish_non_exhaustive()
    }
}

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
        let (mut token, mut empty) = (None, 0);
        loop {
            let page = $self.calls.again($call, || $request.set_next_token(token.clone()).send())?;
            let items = page.$items.unwrap_or_default();
            empty = if items.is_empty() { empty + 1 } else { 0 };
            found.extend(items);
            token = page.next_token;
            if token.is_none() || empty > MOST_EMPTY_PAGES {
                break found;
            }
        }
    }};
}

impl Organizations {
    /// The caller's, by a region of the partition that it is in.
    ///
    /// # Errors
    /// The operating system does not let us make calls.
    pub fn new(region: &str) -> std::io::Result<Self> {
        let calls = Calls::new(super::runtime()?);
        let configuration = calls.block_on(super::configuration(home(region), None));
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

    /// All there is, in one walk.
    ///
    /// # Errors
    /// A call fails.
    pub fn snapshot(&self, taken: Timestamp, asking: &Asking<'_>) -> Result<Snapshot, CallError> {
        let (organization, management_account) = self.organization()?;
        let roots = pages!(self, "organizations:ListRoots", self.organizations.list_roots(), roots);
        let root = roots.into_iter().find_map(|root| root.id).unwrap_or_default();
        let mut units: Vec<Unit> = Vec::new();
        let mut parents = vec![root.clone()];
        // One level at a time, so that parents come first.
        while !parents.is_empty() {
            let below = self.many(&parents, |parent| self.units(parent))?;
            parents = below.iter().map(|unit| unit.id.clone()).collect();
            units.extend(below);
        }
        let parents: Vec<String> = [root.clone()].into_iter().chain(units.iter().map(|unit| unit.id.clone())).collect();
        let mut accounts = self.many(&parents, |parent| self.members(parent))?;
        accounts.sort_by(|a, b| a.id.cmp(&b.id));
        let accounts = self.many(&accounts, |member| {
            let mut member = member.clone();
            if member.id != management_account {
                member.tags = self.tags(&member.id)?;
                if (asking.contacts)(&member) && member.state == State::Active {
                    member.contacts = Some(self.contacts(&member.id)?);
                }
            }
            Ok(vec![member])
        })?;
        Ok(Snapshot {
            schema_version: SCHEMA_VERSION,
            taken,
            organization,
            management_account,
            root,
            units,
            accounts,
            policies: self.policies(asking.policies)?,
            creations: self.creations()?,
            cases: self.cases(&asking.cases),
            destroyed: BTreeSet::new(),
        })
    }

    /// Several calls at a time, and what they bring, in order.
    fn many<T: Sync, R: Send>(
        &self,
        tasks: &[T],
        call: impl Fn(&T) -> Result<Vec<R>, CallError> + Sync,
    ) -> Result<Vec<R>, CallError> {
        let failed = std::sync::atomic::AtomicBool::new(false);
        let stop = || failed.load(std::sync::atomic::Ordering::SeqCst);
        let one = |task: &T| {
            let result = call(task);
            failed.fetch_or(result.is_err(), std::sync::atomic::Ordering::SeqCst);
            result
        };
        let all = pool::each(tasks, READERS, &stop, &one, &|_| Ok(Vec::new()));
        let mut found = Vec::new();
        for result in all {
            found.extend(result?);
        }
        Ok(found)
    }

    fn units(&self, parent: &str) -> Result<Vec<Unit>, CallError> {
        let units = pages!(
            self,
            "organizations:ListOrganizationalUnitsForParent",
            self.organizations.list_organizational_units_for_parent().parent_id(parent),
            organizational_units
        );
        let unit = |unit: aws_sdk_organizations::types::OrganizationalUnit| {
            Some(Unit { id: unit.id?, name: unit.name?, parent: parent.to_owned() })
        };
        Ok(units.into_iter().filter_map(unit).collect())
    }

    fn members(&self, parent: &str) -> Result<Vec<Member>, CallError> {
        let accounts = pages!(
            self,
            "organizations:ListAccountsForParent",
            self.organizations.list_accounts_for_parent().parent_id(parent),
            accounts
        );
        Ok(accounts.into_iter().filter_map(|account| member(account, parent)).collect())
    }

    fn tags(&self, id: &str) -> Result<BTreeMap<String, String>, CallError> {
        let tags = pages!(
            self,
            "organizations:ListTagsForResource",
            self.organizations.list_tags_for_resource().resource_id(id),
            tags
        );
        Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    fn contacts(&self, id: &str) -> Result<BTreeMap<ContactKind, Contact>, CallError> {
        let mut contacts = BTreeMap::new();
        for kind in ContactKind::ALL {
            let call = || {
                self.account.get_alternate_contact().account_id(id).alternate_contact_type(contact_type(kind)).send()
            };
            let found = match self.calls.again("account:GetAlternateContact", call) {
                Ok(answer) => answer.alternate_contact,
                Err(error) if error.is("ResourceNotFound") => None,
                Err(error) => return Err(error),
            };
            let Some(found) = found else { continue };
            let contact = Contact {
                name: found.name.unwrap_or_default(),
                title: found.title.unwrap_or_default(),
                email: found.email_address.unwrap_or_default(),
                phone: found.phone_number.unwrap_or_default(),
            };
            contacts.insert(kind, contact);
        }
        Ok(contacts)
    }

    fn policies(&self, names: &BTreeSet<String>) -> Result<Vec<Policy>, CallError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let listed = pages!(
            self,
            "organizations:ListPolicies",
            self.organizations.list_policies().filter(PolicyType::ServiceControlPolicy),
            policies
        );
        let mut policies = Vec::new();
        for policy in listed {
            let (Some(id), Some(name)) = (policy.id, policy.name) else { continue };
            if policy.aws_managed {
                continue;
            }
            let targets = pages!(
                self,
                "organizations:ListTargetsForPolicy",
                self.organizations.list_targets_for_policy().policy_id(&id),
                targets
            );
            let targets = targets.into_iter().filter(|target| target.r#type != Some(TargetType::Account));
            policies.push(Policy { id, name, targets: targets.filter_map(|target| target.target_id).collect() });
        }
        policies.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(policies)
    }

    /// Requests to make an account, the latest of each.
    ///
    /// # Errors
    /// The call fails.
    pub fn creations(&self) -> Result<Vec<Creation>, CallError> {
        let mut found: Vec<Creation> = Vec::new();
        let mut known = HashSet::new();
        let (mut token, mut empty) = (None, 0);
        loop {
            let call = || self.organizations.list_create_account_status().set_next_token(token.clone()).send();
            let page = self.calls.again("organizations:ListCreateAccountStatus", call)?;
            let items: Vec<Creation> =
                page.create_account_statuses.unwrap_or_default().iter().filter_map(creation).collect();
            let is_empty = items.is_empty();
            let before = known.len();
            for item in items {
                if known.insert(item.id.clone()) {
                    found.push(item);
                }
            }
            empty = if is_empty { empty + 1 } else { 0 };
            token = page.next_token;
            // Some servers never stop handing out a token; AWS sends empty pages before the end.
            if token.is_none() || empty > MOST_EMPTY_PAGES || (!is_empty && known.len() == before) {
                break;
            }
        }
        found.sort_by(|a, b| b.requested.cmp(&a.requested).then_with(|| a.id.cmp(&b.id)));
        Ok(found)
    }

    /// Whether cases are resolved. Nothing depends on it, so a call that fails is no reason to stop.
    fn cases(&self, ids: &[String]) -> BTreeMap<String, bool> {
        let mut cases = BTreeMap::new();
        for ids in ids.chunks(100) {
            let call = || {
                let request = self.support.describe_cases().set_case_id_list(Some(ids.to_vec()));
                request.include_resolved_cases(true).include_communications(false).max_results(100).send()
            };
            match self.calls.again("support:DescribeCases", call) {
                Ok(answer) => cases.extend(answer.cases.unwrap_or_default().into_iter().filter_map(|case| {
                    let is_resolved = case.status.as_deref() == Some("resolved");
                    Some((case.case_id?, is_resolved))
                })),
                Err(error) => tracing::warn!(%error, "support cases are not known"),
            }
        }
        cases
    }

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
        let call = || self.sts.assume_role().role_arn(&arn).role_session_name(super::SESSION).send();
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

fn member(account: Account, parent: &str) -> Option<Member> {
    // Servers that do not send the one yet send the other.
    let state = account
        .state
        .as_ref()
        .map(|state| state.as_str())
        .or_else(|| account.status.as_ref().map(|status| status.as_str()));
    Some(Member {
        state: State::from_name(state.unwrap_or_default()),
        id: account.id?,
        name: account.name.unwrap_or_default(),
        email: account.email.unwrap_or_default(),
        parent: parent.to_owned(),
        tags: BTreeMap::new(),
        contacts: None,
    })
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

fn to_tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect()
}

fn contact_type(kind: ContactKind) -> AlternateContactType {
    match kind {
        ContactKind::Billing => AlternateContactType::Billing,
        ContactKind::Operations => AlternateContactType::Operations,
        ContactKind::Security => AlternateContactType::Security,
    }
}
