//! Passwords and tokens: made, hashed, compared. What is kept of them is of no use to whoever reads it.

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use sha2::{Digest, Sha256};
use sheetwise_store::record::hex;
use std::fmt;

/// What a password has to have, in characters. (NIST SP 800-63B: length, and no rules about what is in it.)
pub const PASSWORD_CHARACTERS_MIN: usize = 10;
/// Longer ones are refused, so that nobody makes the server hash a novel.
pub const PASSWORD_CHARACTERS_MAX: usize = 256;

/// So that a token that was left somewhere is recognized for what it is.
const TOKEN_PREFIX: &str = "sheetwise_";

/// A token, as its bearer keeps it: shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A new one, of 256 bits of the system's chance.
    pub(super) fn new() -> Self {
        Self(format!("{TOKEN_PREFIX}{}", hex(&random::<32>())))
    }

    /// The text to show once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it. A token is as long as its hash, so a fast hash will do.
    pub(super) fn hash(text: &str) -> String {
        hex(&Sha256::digest(text))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A name that no other credential has.
pub(super) fn random_name() -> String {
    hex(&random::<6>())
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has a source of chance");
    bytes
}

/// What is kept of a password: argon2id with the parameters that RFC 9106 and OWASP call enough, as a PHC string.
/// Takes tens of milliseconds of a processor on purpose.
pub(super) fn hash_password(password: &str) -> String {
    let hashed: PasswordHash = Argon2::default()
        .hash_password(password.as_bytes())
        .expect("any text can be hashed");
    hashed.to_string()
}

/// Whether this is the password. Takes as long as [`hash_password`], also where there is none to compare with: how
/// long a refusal takes must not tell who has one.
pub(super) fn is_password(kept: Option<&str>, password: &str) -> bool {
    match kept {
        Some(kept) => Argon2::default()
            .verify_password(password.as_bytes(), kept)
            .is_ok(),
        None => {
            hash_password(password);
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_no_other_is() {
        let kept = hash_password("correct horse battery");
        assert!(kept.starts_with("$argon2id$"), "{kept}");
        assert!(is_password(Some(&kept), "correct horse battery"));
        assert!(!is_password(Some(&kept), "correct horse batterz"));
        assert!(!is_password(None, "correct horse battery"));
        assert_ne!(kept, hash_password("correct horse battery"), "salted");
    }

    #[test]
    fn no_two_tokens_are_alike_and_none_shows_in_a_log() {
        let (one, other) = (Token::new(), Token::new());
        assert_ne!(one, other);
        assert_eq!(one.reveal().len(), TOKEN_PREFIX.len() + 64);
        assert_eq!(format!("{one:?}"), "Token(…)");
        assert_ne!(Token::hash(one.reveal()), Token::hash(other.reveal()));
    }
}
