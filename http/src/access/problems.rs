//! What the door says to whom it does not let in.

use super::keyring::Denied;
use crate::problem::Problem;
use axum::http::StatusCode;

impl Problem {
    /// Nobody has said who this is.
    pub(super) fn stranger() -> Self {
        let message = "Say who you are: Authorization: Bearer TOKEN. A person gets a token from POST /sessions, a device \
                       or program from an admin (POST /tokens).";
        Self::no(StatusCode::UNAUTHORIZED, "no_credential", message).asking_for_a_token()
    }

    /// What was shown lets nobody in.
    pub(super) fn bad_token() -> Self {
        let message = "This token lets nobody in: it is unknown, expired or revoked. A person logs in again (POST \
                       /sessions), a device or program needs a new one from an admin.";
        Self::no(StatusCode::UNAUTHORIZED, "unknown_credential", message).asking_for_a_token()
    }

    /// Who else is let in only an admin says.
    pub(super) fn takes_an_admin() -> Self {
        let message = "It takes an admin.";
        Self::no(StatusCode::FORBIDDEN, "not_permitted", message)
    }

    /// The caller has the database itself at hand, and needs no credentials.
    pub(super) fn no_people_here() -> Self {
        let message = "Nobody logs in here: this shop is used without a server.";
        Self::no(StatusCode::CONFLICT, "no_admin_yet", message)
    }

    /// The caller called too often.
    pub(super) fn too_many_calls(wait_seconds: u32) -> Self {
        let message = format!(
            "Too many calls: go on in {wait_seconds} s, or send many scans in one POST /scans."
        );
        Self::no(StatusCode::TOO_MANY_REQUESTS, "too_many_calls", message).after(wait_seconds)
    }

    /// The keyring says no.
    pub(super) fn denied(denied: Denied) -> Self {
        let message = denied.to_string();
        match denied {
            Denied::WrongPassword => {
                Self::no(StatusCode::UNAUTHORIZED, "wrong_password", message).asking_for_a_token()
            }
            Denied::TooManyMistakes { wait_seconds } => {
                let wait_seconds = u32::try_from(wait_seconds).unwrap_or(u32::MAX);
                Self::no(StatusCode::TOO_MANY_REQUESTS, "too_many_mistakes", message)
                    .after(wait_seconds)
            }
            Denied::NobodyOfThatName(_) => {
                Self::no(StatusCode::NOT_FOUND, "operator_unknown", message)
            }
            Denied::PoorPassword => {
                Self::no(StatusCode::UNPROCESSABLE_ENTITY, "poor_password", message)
            }
            Denied::NoAdminYet => Self::no(StatusCode::CONFLICT, "no_admin_yet", message),
            Denied::NoSuchCredential(_) => Self::no(StatusCode::NOT_FOUND, "unknown_id", message),
            Denied::Store(error) => Self::store(error),
        }
    }
}
