//! Logging in, passwords, and the tokens of devices and programs.

use super::keyring::{Denied, Keyring};
use super::who::Who;
use crate::app::App;
use crate::extract::{Body, Id, Text};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sheetwise_core::domain::values::Role;
use sheetwise_core::identity::{OperatorId, StationId};
use sheetwise_store::credentials::{Bearer, Credential};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// `POST /sessions`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSession {
    operator_id: OperatorId,
    password: String,
}

/// A session: the token goes into `Authorization: Bearer …` until it expires.
#[derive(Debug, Serialize)]
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
) -> Result<(StatusCode, Json<Session>), Problem> {
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
    Ok((StatusCode::CREATED, Json(session)))
}

/// `DELETE /sessions/current`: the person logs out.
pub(crate) async fn log_out(State(app): State<App>, who: Who) -> Result<StatusCode, Problem> {
    if let Who::Person { credential_id, .. } = who {
        with(&app, move |keyring| keyring.revoke(&credential_id)).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Who is speaking.
#[derive(Debug, Serialize)]
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

/// `GET /me`
pub(crate) async fn me(who: Who) -> Json<Me> {
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
    Json(Me {
        kind,
        name,
        operator_id,
        roles,
        station_ids,
    })
}

/// `POST /operators/{id}/password`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    password: String,
    /// The one before: an admin may do without.
    old_password: Option<String>,
}

/// `POST /operators/{id}/password`: by the person, or by an admin. The person's sessions end.
pub(crate) async fn set_password(
    State(app): State<App>,
    who: Who,
    Id(operator_id): Id<OperatorId>,
    Body(body): Body<NewPassword>,
) -> Result<StatusCode, Problem> {
    let is_theirs = who.operator_id() == Some(&operator_id);
    if !who.is_admin() && !is_theirs {
        return Err(Problem::takes_an_admin());
    }
    let created_by = who.operator_id().cloned();
    let is_admin = who.is_admin();
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
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /tokens`: for a device, or for a program.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum NewToken {
    /// A scanner or terminal.
    Device {
        name: String,
        /// Where it stands; everywhere where none is named.
        #[serde(default)]
        station_ids: BTreeSet<StationId>,
        expires_at: Option<Timestamp>,
    },
    /// Another program, which may do what these roles may.
    Program {
        name: String,
        roles: BTreeSet<Role>,
        expires_at: Option<Timestamp>,
    },
}

/// A new token. It is not shown again.
#[derive(Debug, Serialize)]
pub(crate) struct IssuedToken {
    token_id: SmolStr,
    token: String,
}

/// `POST /tokens`
pub(crate) async fn issue_token(
    State(app): State<App>,
    who: Who,
    Body(body): Body<NewToken>,
) -> Result<(StatusCode, Json<IssuedToken>), Problem> {
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
    Ok((StatusCode::CREATED, Json(issued)))
}

/// The tokens that were given out, without what is secret about them.
#[derive(Debug, Serialize)]
pub(crate) struct Tokens {
    tokens: Vec<TokenEntry>,
}

/// A token that was given out.
#[derive(Debug, Serialize)]
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
pub(crate) async fn tokens(State(app): State<App>, who: Who) -> Result<Json<Tokens>, Problem> {
    must_be_admin(&who)?;
    let tokens = with(&app, |keyring| Ok(keyring.tokens()?)).await?;
    let tokens = tokens.into_iter().map(TokenEntry::from).collect();
    Ok(Json(Tokens { tokens }))
}

/// `POST /tokens/{id}/revoke`
pub(crate) async fn revoke_token(
    State(app): State<App>,
    who: Who,
    Text(token_id): Text,
) -> Result<StatusCode, Problem> {
    must_be_admin(&who)?;
    with(&app, move |keyring| keyring.revoke(&token_id)).await?;
    Ok(StatusCode::NO_CONTENT)
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
    let asked = tokio::task::spawn_blocking(move || ask(&keyring)).await;
    drop(turn);
    asked.map_err(|_| Problem::bug())?.map_err(Problem::denied)
}
