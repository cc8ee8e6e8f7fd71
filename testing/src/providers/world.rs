//! What providers have made: the objects behind the states.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rmpv::Value;
use serde_json::Value as Json;

use super::generic::hash;
use super::value::{get, to_json};

/// Objects by type, and by the key that the provider keeps beside the state.
#[derive(Debug, Default)]
pub(crate) struct World {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    objects: BTreeMap<(String, String), Value>,
    /// How often the same was made: two that are equal are still two.
    made: HashMap<String, usize>,
    /// Paths of the organizational units that groundwork has made.
    units: BTreeSet<String>,
    /// Ids of the organization's accounts, by e-mail.
    accounts: BTreeMap<String, String>,
    /// Whether the organization has neither service control policies nor services that it trusts.
    is_new: bool,
}

impl World {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A key for an object that is about to be made like this. The same for the same things made in the same order.
    pub(crate) fn key(&self, kind: &str, planned: &[u8]) -> String {
        let seed = hash(&format!("{kind} {}", String::from_utf8_lossy(planned)));
        let mut inner = self.inner();
        let times = inner.made.entry(format!("{kind} {seed}")).or_default();
        *times += 1;
        format!("{seed}.{times}")
    }

    pub(crate) fn put(&self, kind: &str, key: &str, object: Value) {
        self.inner().objects.insert((kind.to_owned(), key.to_owned()), object);
    }

    pub(crate) fn get(&self, kind: &str, key: &str) -> Option<Value> {
        self.inner().objects.get(&(kind.to_owned(), key.to_owned())).cloned()
    }

    pub(crate) fn remove(&self, kind: &str, key: &str) -> Option<Value> {
        self.inner().objects.remove(&(kind.to_owned(), key.to_owned()))
    }

    /// The key and the object that has this id.
    pub(crate) fn find(&self, kind: &str, id: &str) -> Option<(String, Value)> {
        let inner = self.inner();
        let found = inner.objects.iter().find(|((of, _), object)| of == kind && get(object, "id").as_str() == Some(id));
        found.map(|((_, key), object)| (key.clone(), object.clone()))
    }

    /// Every object of a type, as JSON, by its key.
    pub(crate) fn all(&self, kind: &str) -> BTreeMap<String, Json> {
        let inner = self.inner();
        let of_kind = inner.objects.iter().filter(|((of, _), _)| of == kind);
        of_kind.map(|((_, key), object)| (key.clone(), to_json(object))).collect()
    }

    pub(crate) fn add_account(&self, email: &str, id: &str) {
        self.inner().accounts.insert(email.to_owned(), id.to_owned());
    }

    /// Ids of the organization's accounts, by e-mail.
    pub(crate) fn accounts(&self) -> BTreeMap<String, String> {
        self.inner().accounts.clone()
    }

    pub(crate) fn add_unit(&self, path: &str) {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        self.inner().units.extend(ends.map(|end| path[..end].to_owned()));
    }

    pub(crate) fn set_new(&self, is_new: bool) {
        self.inner().is_new = is_new;
    }

    pub(crate) fn is_new(&self) -> bool {
        self.inner().is_new
    }

    /// Ids and names of the units in one, or in the root.
    pub(crate) fn units_below(&self, parent: &str) -> Vec<(String, String)> {
        let inner = self.inner();
        let split = inner.units.iter().map(|path| (path, path.rsplit_once('/').unwrap_or(("", path))));
        split
            .filter(|(_, (above, _))| unit_id(above) == parent)
            .map(|(path, (_, name))| (unit_id(path), name.to_owned()))
            .collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.inner().objects.len()
    }
}

/// The id of the unit at a path; the root's is empty.
pub(crate) fn unit_id(path: &str) -> String {
    if path.is_empty() { "r-acme".to_owned() } else { format!("ou-acme-{}", hash(path)) }
}
