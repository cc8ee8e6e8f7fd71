//! A provider: a request of the plugin protocol in, an answer out.

use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};

use prost::Message;
use rmpv::Value;
use serde_json::{Value as Json, json};

use super::aws::{Place, replaced_by};
use super::schema::{Block, Provider, Schema, Schemas};
use super::value::{self, get, is_open, of_block, set};
use super::wire::{self, Diagnostic, DynamicValue};
use super::world::World;
use super::{generic, wire::Selector};

/// What a request gets.
pub(crate) enum Answer {
    Message(Vec<u8>),
    /// The protocol's word for what this provider does not do.
    Unimplemented,
}

/// One provider, for as many Terraforms as there are.
pub(crate) struct Service {
    schemas: Arc<Schemas>,
    address: String,
    /// All of it, as it is sent.
    schema: Vec<u8>,
    world: Arc<World>,
}

/// One provider block of one Terraform: it has a connection of its own.
#[derive(Default)]
pub(crate) struct Connection(Mutex<Arc<Place>>);

fn failed(summary: &str, detail: impl Display) -> Diagnostic {
    Diagnostic { severity: 1, summary: summary.to_owned(), detail: detail.to_string(), attribute: None }
}

fn path(fields: &[String]) -> wire::AttributePath {
    let step = |field: &String| wire::PathStep { selector: Some(Selector::AttributeName(field.clone())) };
    wire::AttributePath { steps: fields.iter().map(step).collect() }
}

fn message(answer: &impl Message) -> Answer {
    Answer::Message(answer.encode_to_vec())
}

impl Service {
    pub(crate) fn new(schemas: Arc<Schemas>, address: String, world: Arc<World>) -> Self {
        let schema = schemas.provider_schemas[&address].to_wire().encode_to_vec();
        Self { schemas, address, schema, world }
    }

    fn provider(&self) -> &Provider {
        &self.schemas.provider_schemas[&self.address]
    }

    /// Answers one call. The error says what could not be read.
    pub(crate) fn call(&self, connection: &Connection, call: &str, body: &[u8]) -> Result<Answer, String> {
        let place = || Arc::clone(&connection.0.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(match call {
            "/grpc.health.v1.Health/Check" => Answer::Message(vec![0x08, 0x01]),
            "/plugin.GRPCController/Shutdown" => message(&wire::Nothing {}),
            "/tfplugin6.Provider/GetProviderSchema" => Answer::Message(self.schema.clone()),
            "/tfplugin6.Provider/StopProvider"
            | "/tfplugin6.Provider/GetFunctions"
            | "/tfplugin6.Provider/ValidateProviderConfig" => message(&wire::Nothing {}),
            "/tfplugin6.Provider/ConfigureProvider" => {
                let request: wire::Configure = decode(body)?;
                let place = Place::of(&value::read(request.config.as_ref())?);
                *connection.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(place);
                message(&wire::Diagnostics { diagnostics: Vec::new() })
            }
            "/tfplugin6.Provider/ValidateResourceConfig" => {
                let request: wire::TypeAndConfig = decode(body)?;
                validated(self.resource(&request.type_name)?, &request)?
            }
            "/tfplugin6.Provider/ValidateDataResourceConfig" => {
                let request: wire::TypeAndConfig = decode(body)?;
                validated(self.data_source(&request.type_name)?, &request)?
            }
            "/tfplugin6.Provider/UpgradeResourceState" => {
                let request: wire::UpgradeResourceState = decode(body)?;
                let schema = self.resource(&request.type_name)?;
                let raw = request.raw_state.unwrap_or_default().json;
                let json: Json = serde_json::from_slice(&raw).map_err(|error| error.to_string())?;
                state(&of_block(&schema.block, &json))
            }
            "/tfplugin6.Provider/ReadResource" => self.read(decode(body)?),
            "/tfplugin6.Provider/PlanResourceChange" => self.plan(&place(), decode(body)?)?,
            "/tfplugin6.Provider/ApplyResourceChange" => self.apply(&place(), &decode(body)?)?,
            "/tfplugin6.Provider/ImportResourceState" => self.import(&place(), &decode(body)?)?,
            "/tfplugin6.Provider/ReadDataSource" => {
                let request: wire::TypeAndConfig = decode(body)?;
                let schema = self.data_source(&request.type_name)?;
                let config = value::read(request.config.as_ref())?;
                let seed = format!("data.{} {config}", request.type_name);
                let place = place();
                let mut found = config;
                self.find(&request.type_name, &schema.block, &mut found);
                place.know(&schema.block, &mut found);
                place.look_up(&request.type_name, &mut found, &self.world);
                let invent = |field: &str, seed: &str| place.invent(&request.type_name, field, seed);
                state(&generic::applied(&schema.block, found, &seed, &invent))
            }
            _ => Answer::Unimplemented,
        })
    }

    /// A data source with the id of something that there is tells what it is.
    fn find(&self, kind: &str, block: &Block, config: &mut Value) {
        let Some(id) = get(config, "id").as_str().map(str::to_owned) else { return };
        let Some((_, object)) = self.world.find(kind, &id) else { return };
        for name in block.attributes.keys().filter(|name| name.as_str() != "id") {
            if is_open(get(config, name)) {
                set(config, name, get(&object, name).clone());
            }
        }
    }

    fn resource(&self, kind: &str) -> Result<&Schema, String> {
        self.provider().resource_schemas.get(kind).ok_or_else(|| format!("there is no resource type {kind}"))
    }

    fn data_source(&self, kind: &str) -> Result<&Schema, String> {
        self.provider().data_source_schemas.get(kind).ok_or_else(|| format!("there is no data source {kind}"))
    }

    /// An object is as it is in the world, and not there if it is not. One without a key was never made here.
    fn read(&self, request: wire::ReadResource) -> Answer {
        let key = String::from_utf8_lossy(&request.private);
        let new_state = if key.is_empty() {
            request.current_state
        } else {
            Some(value::write(&self.world.get(&request.type_name, &key).unwrap_or(Value::Nil)))
        };
        message(&wire::WasRead { new_state, private: request.private })
    }

    fn plan(&self, place: &Place, request: wire::PlanResourceChange) -> Result<Answer, String> {
        let schema = self.resource(&request.type_name)?;
        let prior = value::read(request.prior_state.as_ref())?;
        let proposed = value::read(request.proposed_new_state.as_ref())?;
        if proposed.is_nil() {
            return Ok(message(&wire::WasPlanned {
                planned_state: request.proposed_new_state,
                planned_private: request.prior_private,
                ..wire::WasPlanned::default()
            }));
        }
        let mut planned = generic::planned(&schema.block, proposed, &prior);
        place.know(&schema.block, &mut planned);
        let is_changed = |field: &&&str| !prior.is_nil() && get(&prior, field) != get(&planned, field);
        let requires_replace = replaced_by(&request.type_name)
            .iter()
            .filter(is_changed)
            .map(|field| path(&[(*field).to_owned()]))
            .collect();
        Ok(message(&wire::WasPlanned {
            planned_state: Some(value::write(&planned)),
            requires_replace,
            planned_private: request.prior_private,
        }))
    }

    fn apply(&self, place: &Place, request: &wire::ApplyResourceChange) -> Result<Answer, String> {
        let kind = &request.type_name;
        let schema = self.resource(kind)?;
        let mut planned = value::read(request.planned_state.as_ref())?;
        let mut key = String::from_utf8_lossy(&request.planned_private).into_owned();
        if planned.is_nil() {
            self.world.remove(kind, &key);
            let new_state = Some(value::write(&Value::Nil));
            return Ok(message(&wire::WasApplied { new_state, private: Vec::new() }));
        }
        place.know(&schema.block, &mut planned);
        if key.is_empty() {
            let planned = request.planned_state.as_ref().map(|planned| planned.msgpack.as_slice());
            key = self.world.key(kind, planned.unwrap_or_default());
        }
        let invent = |field: &str, seed: &str| place.invent(kind, field, seed);
        let object = generic::applied(&schema.block, planned, &format!("{kind} {key}"), &invent);
        let new_state = Some(value::write(&object));
        self.world.put(kind, &key, object);
        Ok(message(&wire::WasApplied { new_state, private: key.into_bytes() }))
    }

    fn import(&self, place: &Place, request: &wire::ImportResourceState) -> Result<Answer, String> {
        let kind = &request.type_name;
        let schema = self.resource(kind)?;
        let (key, object) = self.world.find(kind, &request.id).unwrap_or_else(|| {
            let mut object = of_block(&schema.block, &json!({ "id": request.id }));
            place.know(&schema.block, &mut object);
            let key = self.world.key(kind, request.id.as_bytes());
            let invent = |field: &str, seed: &str| place.invent(kind, field, seed);
            let object = generic::applied(&schema.block, object, &format!("{kind} {key}"), &invent);
            self.world.put(kind, &key, object.clone());
            (key, object)
        });
        let imported =
            wire::Imported { type_name: kind.clone(), state: Some(value::write(&object)), private: key.into_bytes() };
        Ok(message(&wire::WasImported { imported_resources: vec![imported], diagnostics: Vec::new() }))
    }
}

fn decode<M: Message + Default>(body: &[u8]) -> Result<M, String> {
    M::decode(body).map_err(|error| error.to_string())
}

fn state(state: &Value) -> Answer {
    let state: Option<DynamicValue> = Some(value::write(state));
    message(&wire::State { state, diagnostics: Vec::new() })
}

fn validated(schema: &Schema, request: &wire::TypeAndConfig) -> Result<Answer, String> {
    let config = value::read(request.config.as_ref())?;
    let refused = |fields: Vec<String>| Diagnostic {
        attribute: Some(path(&fields[..1])),
        ..failed(
            "Value for unconfigurable attribute",
            format_args!(
                "Can't configure a value for \"{}\": its value will be decided by the provider.",
                fields.join(".")
            ),
        )
    };
    let diagnostics = generic::unconfigurable(&schema.block, config).into_iter().map(refused).collect();
    Ok(message(&wire::Diagnostics { diagnostics }))
}
