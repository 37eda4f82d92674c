//! Logging in, passwords, and the tokens of devices and programs.

use super::keyring::{Denied, Keyring};
use super::who::Who;
use crate::app::App;
use crate::extract::{Body, Id, Text};
use crate::openapi::{Answers, Operation};
use crate::problem::{Border, Problem};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sheetwise_core::domain::values::Role;
use sheetwise_core::identity::{OperatorId, StationId};
use sheetwise_store::credentials::{Bearer, Credential};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// `POST /sessions`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSession {
    operator_id: OperatorId,
    password: String,
}

/// A session: the token goes into `Authorization: Bearer …` until it expires.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Session {
    token: String,
    expires_at: Timestamp,
    operator_id: OperatorId,
    name: String,
    roles: BTreeSet<Role>,
}

/// `POST /sessions`: a person logs in.
pub(crate) async fn log_in(
    State(app): State<App>,
    Body(body): Body<NewSession>,
) -> Result<LetIn<Session>, Problem> {
    let logged_in = with(&app, move |keyring| {
        keyring.log_in(&body.operator_id, &body.password)
    })
    .await?;
    let session = Session {
        token: logged_in.token.reveal().to_owned(),
        expires_at: logged_in.expires_at,
        operator_id: logged_in.person.operator_id,
        name: logged_in.person.name,
        roles: logged_in.person.roles,
    };
    Ok(LetIn(session))
}

/// `POST /sessions/current/close`: the person logs out.
pub(crate) async fn log_out(State(app): State<App>, who: Who) -> Result<LetIn<Me>, Problem> {
    if let Who::Person { credential_id, .. } = &who {
        let credential_id = credential_id.clone();
        with(&app, move |keyring| keyring.revoke(&credential_id)).await?;
    }
    Ok(LetIn(Me::from(who)))
}

/// Who is speaking.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Me {
    /// `person`, `device`, `program`, or `at_home` where nobody has a credential yet.
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator_id: Option<OperatorId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<BTreeSet<Role>>,
    /// Of a device: where it stands; everywhere where none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    station_ids: Option<BTreeSet<StationId>>,
}

impl From<Who> for Me {
    fn from(who: Who) -> Self {
        let (kind, name, operator_id, roles, station_ids) = match who {
            Who::AtHome | Who::Stranger => ("at_home", None, None, None, None),
            Who::Person {
                name,
                operator_id,
                roles,
                ..
            } => ("person", Some(name), Some(operator_id), Some(roles), None),
            Who::Device {
                name, station_ids, ..
            } => ("device", Some(name), None, None, Some(station_ids)),
            Who::Program { name, roles, .. } => ("program", Some(name), None, Some(roles), None),
        };
        Self {
            kind,
            name,
            operator_id,
            roles,
            station_ids,
        }
    }
}

/// `GET /me`
pub(crate) async fn me(who: Who) -> Json<Me> {
    Json(Me::from(who))
}

/// `POST /operators/{id}/password`
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    password: String,
    /// The one before: an admin may do without.
    old_password: Option<String>,
}

/// Whose password was set.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PasswordSet {
    operator_id: OperatorId,
}

/// `POST /operators/{id}/password`: by the person, or by an admin. The person's sessions end.
pub(crate) async fn set_password(
    State(app): State<App>,
    who: Who,
    Id(operator_id): Id<OperatorId>,
    Body(body): Body<NewPassword>,
) -> Result<LetIn<PasswordSet>, Problem> {
    let is_theirs = who.operator_id() == Some(&operator_id);
    if !who.is_admin() && !is_theirs {
        return Err(Problem::takes_an_admin());
    }
    let created_by = who.operator_id().cloned();
    let is_admin = who.is_admin();
    let set = PasswordSet {
        operator_id: operator_id.clone(),
    };
    with(&app, move |keyring| {
        if !keyring.has_admin()? {
            return Err(Denied::NoAdminYet);
        }
        match body.old_password {
            Some(old) => drop(keyring.log_in(&operator_id, &old)?),
            None if is_admin => {}
            None => return Err(Denied::WrongPassword),
        }
        keyring.set_password(&operator_id, &body.password, created_by)
    })
    .await?;
    Ok(LetIn(set))
}

/// `POST /tokens`: for a device, or for a program.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum NewToken {
    /// A scanner or terminal.
    Device {
        name: String,
        /// Where it stands; everywhere where none is named.
        #[serde(default)]
        #[schemars(with = "Vec<StationId>")] // one that is named twice is named once
        station_ids: BTreeSet<StationId>,
        expires_at: Option<Timestamp>,
    },
    /// Another program, which may do what these roles may.
    Program {
        name: String,
        #[schemars(with = "Vec<Role>")]
        roles: BTreeSet<Role>,
        expires_at: Option<Timestamp>,
    },
}

/// A new token. It is not shown again.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct IssuedToken {
    token_id: SmolStr,
    token: String,
}

/// `POST /tokens`
pub(crate) async fn issue_token(
    State(app): State<App>,
    who: Who,
    Body(body): Body<NewToken>,
) -> Result<AdminOnly<IssuedToken>, Problem> {
    must_be_admin(&who)?;
    let created_by = who.operator_id().cloned();
    let (token_id, token) = with(&app, move |keyring| match body {
        NewToken::Device {
            name,
            station_ids,
            expires_at,
        } => keyring.admit_device(name, station_ids, created_by, expires_at),
        NewToken::Program {
            name,
            roles,
            expires_at,
        } => keyring.admit_program(name, roles, created_by, expires_at),
    })
    .await?;
    let issued = IssuedToken {
        token_id,
        token: token.reveal().to_owned(),
    };
    Ok(AdminOnly(issued))
}

/// The tokens that were given out, without what is secret about them.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Tokens {
    tokens: Vec<TokenEntry>,
}

/// A token that was given out.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TokenEntry {
    token_id: SmolStr,
    #[serde(flatten)]
    bearer: Bearer,
    created_at: Timestamp,
    created_by: Option<OperatorId>,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

impl From<Credential> for TokenEntry {
    fn from(credential: Credential) -> Self {
        Self {
            token_id: credential.credential_id,
            bearer: credential.bearer,
            created_at: credential.created_at,
            created_by: credential.created_by,
            expires_at: credential.expires_at,
            revoked_at: credential.revoked_at,
        }
    }
}

/// `GET /tokens`
pub(crate) async fn tokens(State(app): State<App>, who: Who) -> Result<AdminOnly<Tokens>, Problem> {
    must_be_admin(&who)?;
    let tokens = with(&app, |keyring| Ok(keyring.tokens()?)).await?;
    let tokens = tokens.into_iter().map(TokenEntry::from).collect();
    Ok(AdminOnly(Tokens { tokens }))
}

/// A token that lets nobody in any more.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RevokedToken {
    token_id: SmolStr,
}

/// `POST /tokens/{id}/revoke`
pub(crate) async fn revoke_token(
    State(app): State<App>,
    who: Who,
    Text(token_id): Text,
) -> Result<AdminOnly<RevokedToken>, Problem> {
    must_be_admin(&who)?;
    let revoked = RevokedToken {
        token_id: token_id.as_str().into(),
    };
    with(&app, move |keyring| keyring.revoke(&token_id)).await?;
    Ok(AdminOnly(revoked))
}

/// An answer about passwords.
pub(crate) struct LetIn<T>(T);

/// An answer to an admin.
pub(crate) struct AdminOnly<T>(T);

macro_rules! answers {
    ($($name:ident: $problems:expr;)+) => {$(
        impl<T: Serialize> IntoResponse for $name<T> {
            fn into_response(self) -> Response {
                Json(self.0).into_response()
            }
        }

        impl<T: JsonSchema> Answers for $name<T> {
            fn describe(operation: &mut Operation<'_>) {
                Json::<T>::describe(operation);
                operation.may_answer($problems);
            }
        }
    )+};
}

answers! {
    LetIn: &[Border::Password, Border::NotAllowed];
    AdminOnly: &[Border::Admin, Border::Unknown];
}

fn must_be_admin(who: &Who) -> Result<(), Problem> {
    match who.is_admin() {
        true => Ok(()),
        false => Err(Problem::takes_an_admin()),
    }
}

/// Asks the keyring on a thread that may wait: for the database, or for a hash that takes long on purpose.
async fn with<T: Send + 'static>(
    app: &App,
    ask: impl FnOnce(&Keyring) -> Result<T, Denied> + Send + 'static,
) -> Result<T, Problem> {
    let guard = app.guard().ok_or_else(Problem::no_people_here)?;
    let keyring = guard.keyring().clone();
    let turn = guard.hashing_turn().await;
    let asked = tokio::task::spawn_blocking(move || {
        let _turn = turn; // until the hash is done, also where the caller has gone
        ask(&keyring)
    });
    asked
        .await
        .map_err(|_| Problem::bug())?
        .map_err(Problem::denied)
}

#[cfg(test)]
mod tests {
    use super::super::guard::{Guard, HASHED_AT_ONCE_MAX};
    use super::*;
    use crate::app::Clock;
    use crate::at_once::most_at_once;
    use sheetwise_store::ledger::Options;
    use sheetwise_store::{Database, Location};
    use std::sync::Arc;

    /// Also where the callers have gone: nobody makes the server hash more by hanging up.
    #[tokio::test]
    async fn only_so_many_passwords_are_hashed_at_once() {
        let database = Database::open(&Location::Memory).expect("a database");
        let clock: Clock = Arc::new(Timestamp::now);
        let keyring = Keyring::new(database.clone(), Arc::clone(&clock));
        let app = App::new(database, clock, Options::default()).expect("a ledger");
        let app = app.guarded(Guard::new(keyring, None));
        let most = most_at_once(HASHED_AT_ONCE_MAX, |at_once| {
            let app = app.clone();
            async move {
                let hashed = with(&app, move |_| {
                    at_once.work();
                    Ok(())
                });
                hashed.await.is_ok()
            }
        });
        assert_eq!(most.await, HASHED_AT_ONCE_MAX);
    }
}
