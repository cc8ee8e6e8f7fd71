//! Tera, set up once: strict about what is undefined, and about what reaches the output.
//!
//! A value reaches a rendered file in two ways. Through a filter that writes a whole literal (`hcl`, `json`);
//! or as it is, if it consists of characters that mean nothing to HCL inside quotes or out. Anything else is
//! refused, with the expression's place: forgetting the filter is an error, never an injection.

mod filters;
mod locate;
mod refusal;
mod slices;

use std::sync::{Arc, OnceLock};

use tera::{Context, ErrorKind, Tera};

use crate::diagnostic::{Code, Diagnostic, FileId, Place, Sources};
use crate::feature::TemplateText;
use crate::organization::AccountKey;
use locate::Noted;

/// The templates of a repository, compiled.
#[derive(Debug)]
pub struct Engine {
    tera: Tera,
    /// Names and texts, for the places of errors.
    templates: Vec<(TemplateText, Arc<str>)>,
    /// The templates with notes: made when the first thing goes wrong.
    noted: OnceLock<Option<Noted>>,
}

/// A template that could not be rendered.
#[derive(Clone, Debug)]
pub struct RenderError {
    template: String,
    message: String,
    place: Option<Place>,
    help: Option<String>,
    /// Whether the template itself refuses: then the cause is what it was given.
    thrown: bool,
}

impl RenderError {
    /// As a diagnostic that names the account it happened for; and where its inputs stand, if those are refused.
    pub fn to_diagnostic(&self, account: &AccountKey, inputs: Option<Place>) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(Code::Template, format!("rendering `{account}`: {}", self.message));
        diagnostic = match self.place {
            Some(place) => diagnostic.at(place),
            None => diagnostic.in_file(&self.template),
        };
        if let Some(inputs) = inputs.filter(|_| self.thrown) {
            diagnostic = diagnostic.label(inputs, "what it was given");
        }
        diagnostic.maybe_help(self.help.clone())
    }
}

impl Engine {
    /// Compiles the templates. All that are not well-formed are reported.
    pub fn new(templates: &[TemplateText], sources: &Sources) -> Result<Self, Vec<Diagnostic>> {
        let texts =
            || templates.iter().map(|template| (template.name.clone(), sources.get(template.file).text.to_string()));
        let mut tera = filters::tera();
        if let Err(error) = tera.add_raw_templates(texts()) {
            // Adding stops at the first mistake; each by itself tells about the others.
            let mut problems: Vec<Diagnostic> = templates
                .iter()
                .filter_map(|template| {
                    let text = &sources.get(template.file).text;
                    let error = filters::tera().add_raw_template(&template.name, text).err()?;
                    matches!(error.kind(), ErrorKind::SyntaxError(_)).then(|| malformed(&error, templates))
                })
                .collect();
            if problems.is_empty() {
                problems = unknown_names(&error.to_string(), templates, sources);
            }
            if problems.is_empty() {
                problems.push(malformed(&error, templates));
            }
            return Err(problems);
        }
        let slices: Vec<Diagnostic> = templates.iter().flat_map(|template| sliced(template, sources)).collect();
        if !slices.is_empty() {
            return Err(slices);
        }
        let templates =
            templates.iter().map(|template| (template.clone(), Arc::clone(&sources.get(template.file).text)));
        Ok(Self { tera, templates: templates.collect(), noted: OnceLock::new() })
    }

    /// Renders a template. The same template and context give the same text.
    pub fn render(&self, name: &str, context: &Context) -> Result<String, RenderError> {
        refusal::begin(name);
        self.tera.render(name, context).map_err(|error| self.explain(name, context, &error))
    }

    /// Where in the templates a (one-based) line of the output of `name` comes from.
    pub fn place_of_line(&self, name: &str, context: &Context, line: usize) -> Option<Place> {
        self.noted()?.output_line(name, context, line)
    }

    fn noted(&self) -> Option<&Noted> {
        self.noted.get_or_init(|| Noted::new(&self.templates)).as_ref()
    }

    fn explain(&self, name: &str, context: &Context, error: &tera::Error) -> RenderError {
        if let Some(refused) = refusal::take() {
            let shown: String = crate::text::inert(&refused).chars().take(60).collect();
            return RenderError {
                template: name.to_owned(),
                message: format!(
                    "`{shown}` is put out as it is, though it has characters that could mean something to Terraform"
                ),
                place: self.noted().and_then(|noted| noted.refused(name, context)),
                help: Some(
                    "write the whole literal with a filter, without quotes around it: {{ value | hcl }}".to_owned(),
                ),
                thrown: false,
            };
        }
        let (message, place, thrown) = match error.kind() {
            ErrorKind::RenderingError(report) | ErrorKind::SyntaxError(report) => {
                let (name, span) = (report.filename(), report.span());
                (report.message().to_owned(), self.place(name, span), self.is_throw(name, span))
            }
            _ => (error.to_string(), None, false),
        };
        RenderError { template: name.to_owned(), message: message.trim().to_owned(), place, help: None, thrown }
    }

    fn is_throw(&self, name: &str, span: &tera::Span) -> bool {
        let text = self.templates.iter().find(|(template, _)| template.name == name);
        text.and_then(|(_, text)| text.get(span.range.clone()))
            .is_some_and(|code| code.trim_start().starts_with("throw("))
    }

    fn place(&self, name: &str, span: &tera::Span) -> Option<Place> {
        let (template, _) = self.templates.iter().find(|(template, _)| template.name == name)?;
        Some(Place::new(template.file, span.range.clone()))
    }
}

fn sliced(template: &TemplateText, sources: &Sources) -> Vec<Diagnostic> {
    slices::find(&sources.get(template.file).text)
        .into_iter()
        .map(|range| {
            Diagnostic::error(
                Code::Template,
                "slices are not available: one of a finished literal would be put out unchecked",
            )
            .at(Place::new(template.file, range))
            .help("`first`, `last`, `nth` and `split` take lists and texts apart")
        })
        .collect()
}

fn malformed(error: &tera::Error, templates: &[TemplateText]) -> Diagnostic {
    let file = |name: &str| -> Option<FileId> {
        templates.iter().find(|template| template.name == name).map(|template| template.file)
    };
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
            let diagnostic = Diagnostic::error(Code::Template, report.message().trim().to_owned());
            match file(report.filename()) {
                Some(file) => diagnostic.at(Place::new(file, report.span().range.clone())),
                None => diagnostic.in_file(report.filename().to_owned()),
            }
        }
        ErrorKind::CircularInclude { tpl, include_chain: chain } => {
            Diagnostic::error(Code::Template, format!("it includes itself: {}", chain.join(" → "))).in_file(tpl.clone())
        }
        ErrorKind::CircularExtend { tpl, inheritance_chain: chain } => {
            Diagnostic::error(Code::Template, format!("it extends itself: {}", chain.join(" → "))).in_file(tpl.clone())
        }
        ErrorKind::MissingParent { current, parent } => {
            Diagnostic::error(Code::Template, format!("it extends `{parent}`, which is not there"))
                .in_file(current.clone())
                .help("templates are named by their path in the repository: templates/_parts/base.tf.tera")
        }
        _ => Diagnostic::error(Code::Template, error.to_string()),
    }
}

/// Filters, functions and tests that are not there. Tera reports all of them together, as text: a line
/// `error: …` each, followed by `--> template:line:column`.
fn unknown_names(report: &str, templates: &[TemplateText], sources: &Sources) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let mut message = None;
    for line in report.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("error: ") {
            message = Some(text);
        } else if let (Some(text), Some(at)) = (message, line.strip_prefix("--> ")) {
            let mut parts = at.rsplitn(3, ':');
            let (column, line, name) = (parts.next(), parts.next(), parts.next());
            let number = |text: Option<&str>| text.and_then(|text| text.parse::<usize>().ok());
            let template = templates.iter().find(|template| Some(template.name.as_str()) == name);
            let (Some(column), Some(line), Some(template)) = (number(column), number(line), template) else { continue };
            let source = &sources.get(template.file).text;
            let start: usize = source.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
            let at = (start + column.saturating_sub(1)).min(source.len());
            problems.push(Diagnostic::error(Code::Template, text.to_owned()).at(Place::new(template.file, at..at + 1)));
            message = None;
        }
    }
    problems
}
