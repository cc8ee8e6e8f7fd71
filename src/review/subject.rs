//! What a review is about: accounts, with what is known of them and their digests.

use ipnet::Ipv4Net;

use crate::digest::Digest;
use crate::organization;

/// One account that was planned, or should have been.
#[derive(Debug)]
pub struct Subject {
    /// `domain/environment`; or, without a groundwork repository, where its plan was found.
    pub key: String,
    /// What the organization says about it.
    pub about: About,
    /// Its digest, or why there is none.
    pub digest: Result<Digest, String>,
}

/// What is known of an account from elsewhere than its plan.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Its domain and environment.
    pub place: Option<(String, String)>,
    /// Who stewards it.
    pub team: Option<String>,
    /// Whether destroying or replacing anything in it needs an explicit word.
    pub protected: bool,
    /// Texts that are this account's, by the name of the token that stands for them.
    pub known: Vec<(String, String)>,
    /// Its network blocks.
    pub networks: Vec<Ipv4Net>,
}

impl About {
    /// What a key alone tells.
    pub fn key(key: &str) -> Self {
        let mut about = Self::default();
        match key.split_once('/') {
            Some((domain, environment)) if !environment.contains('/') => {
                about.known.push(("domain".to_owned(), domain.to_owned()));
                about.known.push(("environment".to_owned(), environment.to_owned()));
                about.place = Some((domain.to_owned(), environment.to_owned()));
            }
            _ => about.known.push(("account".to_owned(), key.to_owned())),
        }
        about
    }

    /// What domains.toml and the ledger tell.
    pub fn account(account: &organization::Account) -> Self {
        let team = &account.domain.team;
        let allotment = account.allotment.as_ref();
        let mut known = vec![
            ("domain", Some(account.key.domain())),
            ("environment", Some(account.key.environment())),
            ("account_id", allotment.and_then(|allotment| allotment.id.as_deref())),
            ("email", Some(account.email.as_str())),
            ("account_name", Some(account.name.as_str())),
            ("state_key", allotment.map(|allotment| allotment.state_key.as_str())),
            ("region", Some(account.region.as_str())),
            ("team", Some(team.name.as_str())),
            ("team_email", Some(team.email.as_str())),
            ("slack", team.slack.as_deref()),
            ("on_call", team.on_call.as_deref()),
            ("cost_center", team.cost_center.as_deref()),
            ("team_github", team.github.as_deref()),
            ("repository", account.domain.repository.as_deref()),
        ];
        known.retain(|(_, value)| value.is_some());
        Self {
            place: Some((account.key.domain().to_owned(), account.key.environment().to_owned())),
            team: Some(team.name.clone()),
            protected: account.protected,
            known: known
                .into_iter()
                .filter_map(|(name, value)| value.map(|value| (name.to_owned(), value.to_owned())))
                .collect(),
            networks: allotment.and_then(|allotment| allotment.network).into_iter().collect(),
        }
    }
}
