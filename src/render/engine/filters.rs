//! What templates can call.
//!
//! Tera's own text filters pass on that a text is safe: `{{ x | hcl | replace(..) }}` would put out whatever is
//! left of the literal. Here a finished literal is final: filters refuse it, and those whose only purpose is to
//! declare a text safe are gone.

use ipnet::Ipv4Net;
use tera::{Error, Kwargs, State, StringInput, Tera, TeraResult, Value};

use super::refusal;
use crate::hcl;
use crate::network;

/// Filters of Tera that groundwork does not have, because they declare their output safe or pass that on.
const REFUSED: [&str; 11] = [
    "safe",
    "escape",
    "escape_html",
    "escape_xml",
    "newlines_to_br",
    "title",
    "truncate",
    "indent",
    "trim_start",
    "trim_end",
    "pluralize",
];

/// An engine without templates.
pub(super) fn tera() -> Tera {
    let mut tera = Tera::default();
    tera.autoescape_on([".tera"]);
    tera.set_escape_fn(refusal::write_harmless);
    for name in REFUSED {
        tera.register_filter(name, move |_: Value, _: Kwargs, _: &State| -> TeraResult<Value> {
            Err(Error::message(format!(
                "the filter `{name}` is not available: what it returns would reach the file unchecked"
            )))
        });
    }
    tera.register_filter("hcl", to_hcl);
    tera.register_filter("json", to_json);
    tera.register_filter("upper", |text: StringInput<'_>, _: Kwargs, _: &State| on_plain(&text, str::to_uppercase));
    tera.register_filter("lower", |text: StringInput<'_>, _: Kwargs, _: &State| on_plain(&text, str::to_lowercase));
    tera.register_filter("trim", |text: StringInput<'_>, _: Kwargs, _: &State| {
        on_plain(&text, |text| text.trim().to_owned())
    });
    tera.register_filter("capitalize", |text: StringInput<'_>, _: Kwargs, _: &State| on_plain(&text, capitalize));
    tera.register_filter("replace", replace);
    tera.register_filter("join", join);
    tera.register_filter("cidrsubnet", cidrsubnet);
    tera
}

/// `value | hcl` or `value | hcl(indent=4)`: any value as an HCL literal.
fn to_hcl(value: Value, arguments: Kwargs, _: &State) -> TeraResult<Value> {
    refuse_finished(&value)?;
    let indent = arguments.get::<usize>("indent")?.unwrap_or(0);
    let literal = hcl::literal(&value, indent).map_err(Error::message)?;
    Ok(Value::safe_string(&literal))
}

/// `value | json`: any value as JSON on one line. Not where Terraform reads it: JSON leaves `${` as it is.
fn to_json(value: Value, _: Kwargs, _: &State) -> TeraResult<Value> {
    if refusal::is_for_terraform() {
        return Err(Error::message(
            "the filter `json` does not stop Terraform from evaluating `${..}` in a text: use `hcl`, and `jsonencode(..)` around it for JSON",
        ));
    }
    refuse_finished(&value)?;
    let json = serde_json::to_string(&value).map_err(Error::message)?;
    Ok(Value::safe_string(&json))
}

/// `block | cidrsubnet(newbits=4, netnum=2)`: Terraform's function of that name.
fn cidrsubnet(block: &str, arguments: Kwargs, _: &State) -> TeraResult<Value> {
    let (bits, index) = (arguments.must_get::<u8>("newbits")?, arguments.must_get::<u32>("netnum")?);
    let network: Ipv4Net = block.parse().map_err(|_| Error::message(format!("`{block}` is not an IPv4 network")))?;
    match network::subnet(network, bits, index) {
        Some(subnet) => Ok(Value::from(subnet.to_string())),
        None => Err(Error::message(format!("`{block}` has no subnet {index} when its prefix is lengthened by {bits}"))),
    }
}

fn replace(text: StringInput<'_>, arguments: Kwargs, _: &State) -> TeraResult<Value> {
    let (from, to) = (arguments.must_get::<String>("from")?, arguments.must_get::<String>("to")?);
    on_plain(&text, |text| text.replace(&from, &to))
}

fn join(items: Vec<Value>, arguments: Kwargs, _: &State) -> TeraResult<Value> {
    items.iter().try_for_each(refuse_finished)?;
    let separator = arguments.get::<String>("sep")?.unwrap_or_default();
    Ok(Value::from(items.iter().map(ToString::to_string).collect::<Vec<_>>().join(&separator)))
}

fn on_plain(text: &StringInput<'_>, change: impl Fn(&str) -> String) -> TeraResult<Value> {
    if text.is_safe() { Err(finished()) } else { Ok(Value::from(change(text.as_str()))) }
}

fn refuse_finished(value: &Value) -> TeraResult<()> {
    // Tera calls numbers and the like safe, too.
    if value.is_string() && value.is_safe() { Err(finished()) } else { Ok(()) }
}

fn finished() -> Error {
    Error::message("a finished literal cannot be changed: apply `hcl` or `json` last")
}

fn capitalize(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters.flat_map(char::to_lowercase)).collect())
}
