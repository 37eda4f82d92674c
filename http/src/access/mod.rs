//! Who is let in: people by password, devices and programs by token. Where nobody has a credential yet everybody is,
//! and the server listens to this machine alone. What a person may do in the shop is the core's to decide.

mod caller;
mod calls;
mod door;
mod guard;
mod keyring;
mod problems;
mod secrets;
mod who;

pub(crate) use caller::Caller;
pub(crate) use calls::{issue_token, log_in, log_out, me, revoke_token, set_password, tokens};
pub(crate) use door::{door, is_open, still_lets_in};
pub use guard::Guard;
pub use keyring::{Denied, Keyring, LoggedIn};
pub use secrets::{PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN, Token};
pub(crate) use who::Who;
