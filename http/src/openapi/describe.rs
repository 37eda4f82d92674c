//! What a handler says about itself by its signature: each of its parts, and what it answers, describes itself.

use crate::app::App;
use crate::problem::{Border, Problem};
use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, State};
use axum::handler::Handler;
use axum::response::IntoResponse;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The shapes that the document names: of what is asked, and of what is answered. They differ where a field may be
/// left out of the one and always stands in the other.
pub(crate) struct Shapes {
    pub(crate) asked: SchemaGenerator,
    pub(crate) answered: SchemaGenerator,
}

impl Shapes {
    /// Where a shape of what is asked stands, until the document knows whether it is the same as what is answered.
    pub(super) const ASKED: &str = "#/components/asked/";

    pub(super) fn new() -> Self {
        let settings = |path: &'static str| {
            let mut settings = SchemaSettings::draft2020_12();
            settings.definitions_path = path.into();
            settings
        };
        Self {
            asked: settings("/components/asked").into_generator(),
            answered: settings("/components/schemas")
                .for_serialize()
                .into_generator(),
        }
    }
}

/// A call while it is described.
pub(crate) struct Operation<'s> {
    pub(crate) shapes: &'s mut Shapes,
    pub(super) parameters: Vec<Value>,
    /// Media types and schemas of what it takes, one of them.
    pub(super) body: Vec<(&'static str, Value)>,
    /// Media types and schemas of what it answers when all is well, one of them.
    pub(super) answer: Vec<(&'static str, Value)>,
    /// The answer bears an `ETag`, and may be 304.
    pub(crate) tagged: bool,
    /// Other headers of the answer when all is well: names and what stands in them.
    pub(super) headers: Vec<(&'static str, Value)>,
    pub(super) problems: BTreeSet<Border>,
    /// The shop may refuse it.
    pub(crate) is_command: bool,
    /// The barcode may be of anything, and so may the refusal.
    pub(crate) is_scan: bool,
}

impl<'s> Operation<'s> {
    pub(super) fn new(shapes: &'s mut Shapes) -> Self {
        Self {
            shapes,
            parameters: Vec::new(),
            body: Vec::new(),
            answer: Vec::new(),
            tagged: false,
            headers: Vec::new(),
            problems: BTreeSet::new(),
            is_command: false,
            is_scan: false,
        }
    }

    /// It answers this, when all is well; or another that it answers.
    pub(crate) fn answers(&mut self, media_type: &'static str, schema: Value) {
        self.answer.push((media_type, schema));
    }

    /// Its answer bears this header, when all is well.
    pub(crate) fn answers_header(&mut self, name: &'static str, description: &str, schema: &Value) {
        let header = json!({"description": description, "schema": schema});
        self.headers.push((name, header));
    }

    /// It answers a `T`, when all is well.
    pub(crate) fn answers_with<T: JsonSchema>(&mut self) {
        let schema = self.shapes.answered.subschema_for::<T>();
        self.answers("application/json", schema.to_value());
    }

    /// It takes a `T` as its body.
    pub(crate) fn takes_body<T: JsonSchema>(&mut self) {
        let schema = self.shapes.asked.subschema_for::<T>().to_value();
        self.takes_file("application/json", schema);
    }

    /// It takes this as its body; or another that it takes.
    pub(crate) fn takes_file(&mut self, media_type: &'static str, schema: Value) {
        self.body.push((media_type, schema));
    }

    /// The border may answer this.
    pub(crate) fn may_answer(&mut self, problems: &[Border]) {
        self.problems.extend(problems);
    }

    /// It takes the id in the path.
    pub(crate) fn takes_id<T: JsonSchema>(&mut self) {
        let schema = self.shapes.asked.subschema_for::<T>();
        self.parameters.push(json!({
            "name": "id", "in": "path", "required": true, "schema": schema,
        }));
    }

    /// It takes a header.
    pub(crate) fn takes_header(&mut self, name: &str, description: &str, schema: Value) {
        self.parameters.push(json!({
            "name": name, "in": "header", "required": false, "description": description, "schema": schema,
        }));
    }

    /// It takes the fields of `T` behind the question mark.
    pub(crate) fn takes_parameters<T: JsonSchema>(&mut self) {
        let schema = T::json_schema(&mut self.shapes.asked).to_value();
        let none = Map::new();
        let fields = schema["properties"].as_object().unwrap_or(&none);
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        for (name, field) in fields {
            let mut field = without_null(field.clone());
            let description = field.as_object_mut().and_then(|f| f.remove("description"));
            let mut parameter = json!({
                "name": name, "in": "query", "required": required.iter().any(|r| r == name), "schema": field,
            });
            if let Some(description) = description {
                parameter["description"] = description;
            }
            self.parameters.push(parameter);
        }
    }
}

/// What stands behind the question mark is there or not, and never null.
fn without_null(mut schema: Value) -> Value {
    let is_null = |one: &Value| *one == json!({"type": "null"});
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|one| one != "null");
        if let [one] = &types[..] {
            schema["type"] = one.clone();
        }
    }
    if let Some(Value::Array(any)) = schema.get_mut("anyOf")
        && any.iter().any(is_null)
    {
        any.retain(|one| !is_null(one));
        if let [one] = &any[..] {
            let mut one = one.clone();
            if let (Some(one), Some(Value::String(description))) =
                (one.as_object_mut(), schema.get("description"))
            {
                one.insert("description".into(), description.clone().into());
            }
            return one;
        }
    }
    schema
}

/// A part of a request that a handler takes.
pub(crate) trait Takes {
    fn describe(operation: &mut Operation<'_>);
}

/// What a handler answers.
pub(crate) trait Answers {
    fn describe(operation: &mut Operation<'_>);
}

impl Takes for State<App> {
    fn describe(_: &mut Operation<'_>) {}
}

impl<T: JsonSchema> Answers for Json<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.may_answer(&[Border::NotNow]);
        operation.answers_with::<T>();
    }
}

impl<T: Answers> Answers for Result<T, Problem> {
    fn describe(operation: &mut Operation<'_>) {
        T::describe(operation);
    }
}

/// A handler all parts of which describe themselves.
pub(crate) trait Call<T>: Handler<T, App> {
    fn describe(operation: &mut Operation<'_>);
}

macro_rules! calls_of {
    ($($part:ident),*; $last:ident) => {
        impl<F, Fut, R, M, $($part,)* $last> Call<(M, $($part,)* $last,)> for F
        where
            F: FnOnce($($part,)* $last) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future<Output = R> + Send,
            R: IntoResponse + Answers,
            $($part: FromRequestParts<App> + Send + Takes,)*
            $last: FromRequest<App, M> + Send + Takes,
        {
            fn describe(operation: &mut Operation<'_>) {
                $($part::describe(operation);)*
                $last::describe(operation);
                R::describe(operation);
            }
        }
    };
}

impl<F, Fut, R> Call<((),)> for F
where
    F: FnOnce() -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = R> + Send,
    R: IntoResponse + Answers,
{
    fn describe(operation: &mut Operation<'_>) {
        R::describe(operation);
    }
}

calls_of!(; A);
calls_of!(A; B);
calls_of!(A, B; C);
calls_of!(A, B, C; D);
calls_of!(A, B, C, D; E);
calls_of!(A, B, C, D, E; G);
