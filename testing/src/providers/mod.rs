//! Providers without a network: this process is the provider, for every root module that a real Terraform works on.
//!
//! Terraform attaches through `TF_REATTACH_PROVIDERS` and speaks its plugin protocol to a socket. Behind it are the real
//! providers' schemas, from `fixture/schemas.json`, and what any provider does that keeps to its schema: what is configured
//! stays, what is computed is unknown until apply, what was made is read back. So Terraform itself says of a
//! root module whether every argument exists, is of its type and is where it belongs; plans, applies, plans again.
//!
//! What it cannot know is what only the real provider's code or AWS knows: values that are refused, arguments
//! that exclude each other, limits.

mod aws;
mod generic;
mod schema;
mod server;
mod service;
mod value;
mod wire;
mod world;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use tokio::net::UnixListener;
use tokio::runtime::Runtime;

use self::schema::Schemas;
use self::service::Service;
use self::value::{of_attribute, set};
use self::world::World;

/// The schemas of every type that the templates use. `fixture/README.md` says where they come from.
const SCHEMAS: &str = include_str!("../../fixture/schemas.json");

/// Every provider that the templates use, served for as long as this lives.
#[derive(Debug)]
pub struct Providers {
    world: Arc<World>,
    schemas: Arc<Schemas>,
    attach: String,
    sockets: tempfile::TempDir,
    _runtime: Runtime,
}

impl Providers {
    /// Serves all of them.
    ///
    /// # Panics
    /// There is no socket to be had.
    pub fn start() -> Self {
        let schemas: Schemas = serde_json::from_str(SCHEMAS).unwrap();
        // The path of a socket is short: 108 bytes at most.
        let sockets = tempfile::Builder::new().prefix("gw").tempdir_in("/tmp").unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let world = Arc::new(World::default());
        let mut attach = serde_json::Map::new();
        let schemas = Arc::new(schemas);
        for (index, address) in schemas.provider_schemas.keys().enumerate() {
            let socket = sockets.path().join(index.to_string());
            let listener = {
                let _inside = runtime.enter();
                UnixListener::bind(&socket).unwrap()
            };
            let service = Service::new(Arc::clone(&schemas), address.clone(), Arc::clone(&world));
            runtime.spawn(server::serve(listener, Arc::new(service)));
            let how = json!({
                "Protocol": "grpc",
                "ProtocolVersion": 6,
                "Pid": std::process::id(),
                // Otherwise Terraform would end this process when it is done.
                "Test": true,
                "Addr": { "Network": "unix", "String": socket },
            });
            // OpenTofu takes `hashicorp/aws` for its own registry's.
            attach.insert(address.replace("registry.terraform.io/", "registry.opentofu.org/"), how.clone());
            attach.insert(address.clone(), how);
        }
        Self { world, schemas, attach: Json::Object(attach).to_string(), sockets, _runtime: runtime }
    }

    /// The environment variable that makes a Terraform use them, and its value.
    pub fn environment(&self) -> (&'static str, &str) {
        ("TF_REATTACH_PROVIDERS", &self.attach)
    }

    /// Where their sockets are.
    pub fn sockets(&self) -> &Path {
        self.sockets.path()
    }

    /// Whether a type of resource, or a data source (`data.` in front), is known.
    pub fn knows(&self, kind: &str) -> bool {
        self.schemas.provider_schemas.values().any(|provider| match kind.strip_prefix("data.") {
            Some(kind) => provider.data_source_schemas.contains_key(kind),
            None => provider.resource_schemas.contains_key(kind),
        })
    }

    /// Whether a type of resource has an attribute.
    pub fn has_attribute(&self, kind: &str, attribute: &str) -> bool {
        self.schemas
            .provider_schemas
            .values()
            .filter_map(|provider| provider.resource_schemas.get(kind))
            .any(|schema| schema.block.attributes.contains_key(attribute))
    }

    /// Everything of a type that there is, as JSON, each by a key of its own.
    pub fn objects(&self, kind: &str) -> BTreeMap<String, Json> {
        self.world.all(kind)
    }

    /// How many objects there are.
    pub fn count(&self) -> usize {
        self.world.len()
    }

    /// Makes an account of the organization, as `groundwork organization` does.
    pub fn add_account(&self, email: &str, id: &str) {
        self.world.add_account(email, id);
    }

    /// Makes an organizational unit, and those above it, as `groundwork organization` does.
    pub fn add_unit(&self, path: &str) {
        self.world.add_unit(path);
    }

    /// Whether the organization is as AWS makes it: without service control policies, and without services that it trusts.
    pub fn set_new_organization(&self, is_new: bool) {
        self.world.set_new(is_new);
    }

    /// The id of the organizational unit at a path; `/` is the root.
    pub fn unit_id(path: &str) -> String {
        world::unit_id(path.trim_start_matches('/'))
    }

    /// Changes an attribute of an object behind Terraform's back.
    ///
    /// # Panics
    /// There is no such object or attribute.
    pub fn change(&self, kind: &str, key: &str, attribute: &str, new: &Json) {
        let provider =
            self.schemas.provider_schemas.values().find(|provider| provider.resource_schemas.contains_key(kind));
        let schema = &provider.unwrap().resource_schemas[kind].block.attributes[attribute];
        let mut object = self.world.get(kind, key).unwrap();
        set(&mut object, attribute, of_attribute(schema, new));
        self.world.put(kind, key, object);
    }

    /// Removes an object behind Terraform's back.
    ///
    /// # Panics
    /// There is no such object.
    pub fn remove(&self, kind: &str, key: &str) {
        assert!(self.world.remove(kind, key).is_some(), "there is no {kind} {key}");
    }
}
