//! A repository, read as a whole: from the inputs to the organization, with everything there is to say
//! about them.

use crate::config::Config;
use crate::diagnostic::{Diagnostics, Sources};
use crate::document;
use crate::feature::{BuiltIn, Features};
use crate::ledger::{self, Ledger, Wanted};
use crate::network::{LARGEST_BLOCK, SMALLEST_LAID_OUT};
use crate::organization::{AccountKey, Organization};
use crate::render::engine::Engine;
use crate::system::files::to_text;
use crate::system::inputs::{DOMAINS, Inputs, LEDGER};
use jiff::civil::Date;

/// What the inputs mean. The parts that could not be made out are missing, and the diagnostics say why.
#[derive(Debug)]
pub struct Repository {
    /// All texts that diagnostics point into.
    pub sources: Sources,
    /// Everything wrong so far.
    pub diagnostics: Diagnostics,
    /// `templates/`, what is built in, and `overlays/`.
    pub features: Features,
    /// domains.toml as written.
    pub config: Option<Config>,
    /// ledger.toml.
    pub ledger: Ledger,
    /// What is meant.
    pub organization: Option<Organization>,
    /// The templates, ready to render.
    pub engine: Option<Engine>,
}

impl Repository {
    /// Makes sense of the inputs. Pure: the same inputs on the same day give the same repository.
    pub fn load(inputs: &Inputs, mut diagnostics: Diagnostics, today: Date) -> Self {
        let mut sources = Sources::default();
        let document = read_text(inputs, DOMAINS, &mut diagnostics).map(|text| {
            let file = sources.add(DOMAINS, text);
            document::parse(&sources, file, &mut diagnostics)
        });
        let built_in = BuiltIn::chosen(document.as_ref(), &mut diagnostics);
        let features = Features::load(inputs, &built_in, &mut sources, &mut diagnostics);
        let ledger = read_text(inputs, LEDGER, &mut diagnostics)
            .map(|text| {
                let file = sources.add(LEDGER, text);
                Ledger::parse(&sources, file, &mut diagnostics)
            })
            .unwrap_or_default();
        let config = document.map(|root| Config::load(root, &features, &mut sources, &mut diagnostics));
        let organization = config.as_ref().and_then(|config| config.organization(&features, &ledger, &mut diagnostics));
        let engine = match Engine::new(&features.templates, &sources) {
            Ok(engine) => Some(engine),
            Err(problems) => {
                diagnostics.extend(problems);
                None
            }
        };
        let mut repository = Self { sources, diagnostics, features, config, ledger, organization, engine };
        repository.check_overlays();
        repository.check_blocks();
        repository.check_ledger(today);
        repository
    }

    /// What domains.toml asks of the ledger. Of all features one is known by name: `network`, whose `prefix` and
    /// `zones` say which block an account needs, whose `cidr` says which one it has, and whose `existing` that it is not
    /// groundwork's.
    pub fn wanted(&self) -> Vec<Wanted> {
        let Some(organization) = &self.organization else { return Vec::new() };
        organization.accounts.iter().map(wanted).collect()
    }

    /// The zone ids of a region: the configuration's own, or else the built-in ones.
    pub fn zone_ids(&self, region: &str) -> Option<Vec<String>> {
        let own = self.organization.as_ref().and_then(|organization| organization.zones.get(region)).cloned();
        own.or_else(|| crate::network::zones::of_region(region))
    }

    /// Whether anything stops a command that needs the whole.
    pub fn is_sound(&self) -> bool {
        !self.diagnostics.has_errors() && self.organization.is_some() && self.engine.is_some()
    }

    fn check_ledger(&mut self, today: Date) {
        let Some(organization) = &self.organization else { return };
        // With errors in domains.toml accounts may be missing here that are not missing there.
        let comparable = !self.diagnostics.has_errors();
        ledger::check(&self.ledger, &organization.address_space, today, &mut self.diagnostics);
        if comparable {
            ledger::compare(&self.ledger, &self.wanted(), &mut self.diagnostics);
        }
    }

    /// Pushes blocks that accounts are said to have and that are none, or too small for the network that groundwork makes.
    fn check_blocks(&mut self) {
        use crate::diagnostic::{Code, Diagnostic};
        for account in self.organization.iter().flat_map(|organization| &organization.accounts) {
            let Some(network) = account.inputs.get("network") else { continue };
            let Some(cidr) = network.get("cidr") else { continue };
            let Some(block) = crate::config::parse_network(cidr, &mut self.diagnostics) else { continue };
            let sizes = LARGEST_BLOCK..=SMALLEST_LAID_OUT;
            if !account.has_existing_network() && !sizes.contains(&block.prefix_len()) {
                self.diagnostics.push(
                    Diagnostic::error(Code::Network, format!("groundwork lays out no network in a /{}", block.prefix_len()))
                        .at(cidr.place)
                        .help(format!("it does from /{LARGEST_BLOCK} to /{SMALLEST_LAID_OUT}; to use a network that is there as it is: existing = \"vpc-…\"")),
                );
            }
        }
    }

    /// Pushes overlays for domains and environments that are not there.
    fn check_overlays(&mut self) {
        use crate::diagnostic::{Code, Diagnostic, did_you_mean};
        let Some(domains) =
            self.config.as_ref().and_then(|config| config.root.get("domains")).and_then(document::Node::as_table)
        else {
            return;
        };
        for overlay in &self.features.overlays {
            if !domains.contains_key(&overlay.domain) {
                self.diagnostics.push(
                    Diagnostic::error(Code::Unknown, format!("there is no domain `{}`", overlay.domain))
                        .in_file(format!("overlays/{}", overlay.domain))
                        .maybe_help(did_you_mean(&overlay.domain, domains.keys().map(String::as_str))),
                );
                continue;
            }
            let Some(organization) = &self.organization else { continue };
            let folders = overlay.files.iter().filter_map(|file| file.target.split_once('/')).map(|(folder, _)| folder);
            let mut folders: Vec<&str> = folders.collect();
            folders.dedup();
            for folder in
                folders.into_iter().filter(|folder| organization.environments.iter().any(|name| name == folder))
            {
                if organization.account(&AccountKey::new(overlay.domain.as_str(), folder)).is_none() {
                    self.diagnostics.push(
                        Diagnostic::error(Code::Unknown, format!("`{}` has no account in `{folder}`", overlay.domain))
                            .in_file(format!("overlays/{}/{folder}", overlay.domain))
                            .help("the overlay would reach nothing; add the environment to the domain, or remove the folder"),
                    );
                }
            }
        }
    }
}

fn wanted(account: &crate::organization::Account) -> Wanted {
    let network = account.inputs.get("network");
    let network_place = network
        .and_then(|node| node.get("cidr").or_else(|| node.get("prefix")))
        .map_or(account.place, |node| node.place);
    let zones = network.and_then(|node| node.get("zones")).and_then(document::Node::as_integer);
    Wanted {
        renamed_from: account.domain.renamed_from.as_deref().map(|old| AccountKey::new(old, account.key.environment())),
        key: account.key.clone(),
        region: account.region.clone(),
        email: account.email.clone(),
        prefix: account.network_prefix(),
        block: account.own_block(),
        zones: zones
            .and_then(|zones| usize::try_from(zones).ok())
            .filter(|_| !account.has_existing_network())
            .unwrap_or(0),
        lifecycle: account.lifecycle,
        place: account.place,
        network_place,
    }
}

fn read_text<'a>(inputs: &'a Inputs, path: &str, diagnostics: &mut Diagnostics) -> Option<&'a str> {
    use crate::diagnostic::{Code, Diagnostic};
    let bytes = inputs.files.get(path)?;
    match to_text(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let problem = format!("cannot be read: {error}");
            diagnostics.push(Diagnostic::error(Code::Unreadable, problem).in_file(path.to_owned()));
            None
        }
    }
}
