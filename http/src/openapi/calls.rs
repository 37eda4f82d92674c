//! The table of calls: router and document in one, so that no route can be without its documentation.

use super::describe::{Call, Operation};
use crate::app::App;
use axum::Router;
use axum::routing::{get, post};

/// All calls so far: their routes, and what is said about each.
pub(crate) struct Calls {
    pub(crate) router: Router<App>,
    pub(crate) described: Vec<Described>,
    room: &'static str,
}

/// A call as the document knows it.
pub(crate) struct Described {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    /// The heading under which it stands.
    pub(crate) room: &'static str,
    pub(crate) summary: &'static str,
    /// The handler's name.
    pub(crate) operation_id: &'static str,
    /// Says what the handler takes and answers.
    pub(crate) describe: fn(&mut Operation<'_>),
}

impl Calls {
    pub(crate) fn new() -> Self {
        Self {
            router: Router::new(),
            described: Vec::new(),
            room: "",
        }
    }

    /// The calls after this stand under this heading.
    pub(crate) fn room(mut self, name: &'static str) -> Self {
        self.room = name;
        self
    }

    /// A question.
    pub(crate) fn get<H, T>(mut self, path: &'static str, handler: H, summary: &'static str) -> Self
    where
        H: Call<T>,
        T: 'static,
    {
        self.describe::<H, T>("get", path, summary);
        self.router = self.router.route(path, get(handler));
        self
    }

    /// A command.
    pub(crate) fn post<H, T>(
        mut self,
        path: &'static str,
        handler: H,
        summary: &'static str,
    ) -> Self
    where
        H: Call<T>,
        T: 'static,
    {
        self.describe::<H, T>("post", path, summary);
        self.router = self.router.route(path, post(handler));
        self
    }

    fn describe<H: Call<T>, T>(
        &mut self,
        method: &'static str,
        path: &'static str,
        summary: &'static str,
    ) {
        let name = std::any::type_name::<H>();
        self.described.push(Described {
            method,
            path,
            room: self.room,
            summary,
            operation_id: name.rsplit("::").next().unwrap_or(name),
            describe: H::describe,
        });
    }
}
