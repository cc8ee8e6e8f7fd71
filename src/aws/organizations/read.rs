//! What there is: the snapshot.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_organizations::types::{Account, OrganizationalUnit, PolicyType, TargetType};
use jiff::Timestamp;

use super::{Organizations, contact_type, creation, pages};
use crate::aws::call::CallError;
use crate::organization::{Contact, ContactKind};
use crate::pool;
use crate::snapshot::{Creation, Member, Policy, SCHEMA_VERSION, Snapshot, State, Unit};

/// Empty pages in a row before the end of the requests is believed, although there is always another page: some servers
/// never stop handing out a token.
const MOST_EMPTY_PAGES: usize = 20;

/// How many calls are made at a time for the snapshot. Organizations allows few more.
const READERS: usize = 4;

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

impl Organizations {
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
        let failed = AtomicBool::new(false);
        let stop = || failed.load(Ordering::SeqCst);
        let one = |task: &T| {
            let result = call(task);
            failed.fetch_or(result.is_err(), Ordering::SeqCst);
            result
        };
        let all = pool::each(tasks, READERS, &stop, &one, &|_| Ok(Vec::new()));
        let mut found = Vec::new();
        for result in all {
            found.extend(result?);
        }
        Ok(found)
    }

    pub(super) fn units(&self, parent: &str) -> Result<Vec<Unit>, CallError> {
        let units = pages!(
            self,
            "organizations:ListOrganizationalUnitsForParent",
            self.organizations.list_organizational_units_for_parent().parent_id(parent),
            organizational_units
        );
        let unit = |unit: OrganizationalUnit| Some(Unit { id: unit.id?, name: unit.name?, parent: parent.to_owned() });
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
            // What is missing here is looked for again before anything is asked for.
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
