//! The credentials of a shop: who is behind a token, who has which password. Looked up in memory; what other
//! processes change is seen within seconds.

use super::secrets::{self, PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN, Token};
use super::who::Who;
use crate::app::Clock;
use jiff::{SignedDuration, Timestamp};
use sheetwise_core::domain::operator::Operator;
use sheetwise_core::domain::values::Role;
use sheetwise_core::domain::{UnitState, UnitType};
use sheetwise_core::identity::{OperatorId, StationId};
use sheetwise_store::credentials::{Bearer, Credential, Credentials};
use sheetwise_store::questions;
use sheetwise_store::{Database, StoreError};
use smol_str::SmolStr;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What other processes changed is seen after this at the latest.
const STALE_AFTER: Duration = Duration::from_secs(5);

/// A token that is not known may be a new one: the database is asked again, but not more often than this.
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(500);

/// Who logs in stays so for a shift.
const SESSION: SignedDuration = SignedDuration::from_hours(12);

/// So many wrong passwords are forgiven; behind them each doubles the wait, up to a minute.
const MISTAKES_FORGIVEN: u32 = 5;

/// So long after its last wait a mistake is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(24);

/// The mistakes of so many names are kept in mind: of more, the one whose wait ended longest ago is forgotten.
const NAMES_WITH_MISTAKES_MAX: usize = 10_000;

/// The credentials of a shop.
#[derive(Clone)]
pub struct Keyring {
    database: Database,
    clock: Clock,
    known: Arc<Mutex<Arc<Known>>>,
    /// Who reads the database anew; the others wait for it, or go on with what was known.
    reading: Arc<Mutex<()>>,
    mistakes: Arc<Mutex<HashMap<OperatorId, Mistakes>>>,
}

/// What is in the database, as it was read last.
#[derive(Debug, Default)]
struct Known {
    read_at: Option<Instant>,
    by_secret: HashMap<String, Credential>,
    passwords: HashMap<OperatorId, Credential>,
    people: HashMap<OperatorId, Operator>,
}

#[derive(Debug)]
struct Mistakes {
    count: u32,
    wait_until: Instant,
}

/// Why a credential was not made, or nobody let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// No such person, or not this password: which of both is not said.
    WrongPassword,
    /// Too many wrong passwords.
    TooManyMistakes { wait_seconds: u64 },
    /// The person is not registered, or no longer active.
    NobodyOfThatName(OperatorId),
    /// The password is too short, too long, or the person's own id.
    PoorPassword,
    /// Nobody is there to let the others in.
    NoAdminYet,
    /// There is no such credential.
    NoSuchCredential(SmolStr),
    /// The database could not.
    Store(StoreError),
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongPassword => f.write_str("No active person with this id has this password."),
            Self::TooManyMistakes { wait_seconds } => write!(
                f,
                "Too many wrong passwords: try again in {wait_seconds} s."
            ),
            Self::NobodyOfThatName(id) => write!(
                f,
                "{id} is not registered, or not active: register the person first (POST /operators)."
            ),
            Self::PoorPassword => write!(
                f,
                "A password has {PASSWORD_CHARACTERS_MIN} to {PASSWORD_CHARACTERS_MAX} characters, and is not the \
                 person's id."
            ),
            Self::NoAdminYet => f.write_str(
                "No admin has a password yet: run `sheetwise init` where the database is.",
            ),
            Self::NoSuchCredential(id) => write!(f, "There is no credential {id}."),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Denied {}

impl From<StoreError> for Denied {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A person who has logged in.
#[derive(Debug)]
pub struct LoggedIn {
    pub token: Token,
    pub expires_at: Timestamp,
    pub person: Operator,
}

/// All calls hold their thread while the database answers.
impl Keyring {
    #[must_use]
    pub fn new(database: Database, clock: Clock) -> Self {
        Self {
            database,
            clock,
            known: Arc::default(),
            reading: Arc::default(),
            mistakes: Arc::default(),
        }
    }

    /// Whether nobody has a credential yet. Then everybody who can reach the server may do everything, and it
    /// has to be one that only this machine can reach.
    pub fn is_empty(&self) -> Result<bool, StoreError> {
        self.with_known(STALE_AFTER, Known::is_empty)
    }

    /// Who is behind a token, if that can be said without asking the database.
    pub(super) fn whose_at_hand(&self, token: &str) -> Option<Who> {
        let known = self.known();
        let who = known.whose(&Token::hash(token), (self.clock)());
        who.filter(|_| known.is_younger_than(STALE_AFTER))
    }

    /// Who is behind a token; `None` where nobody is, or no longer.
    pub(super) fn whose(&self, token: &str) -> Result<Option<Who>, StoreError> {
        let hash = Token::hash(token);
        let now = (self.clock)();
        let look = |known: &Known| known.whose(&hash, now);
        match self.with_known(STALE_AFTER, look)? {
            Some(who) => Ok(Some(who)),
            None => self.with_known(ASK_AGAIN_AFTER, look),
        }
    }

    /// Whether somebody who was let in would be let in again.
    pub(super) fn still_lets_in(&self, who: &Who) -> Result<bool, StoreError> {
        let now = (self.clock)();
        self.with_known(STALE_AFTER, |known| match who.credential_id() {
            None => known.is_empty(),
            Some(id) => {
                let mut all = known.by_secret.iter();
                let theirs = all.find(|(_, credential)| credential.credential_id == *id);
                theirs.is_some_and(|(hash, _)| known.whose(hash, now).is_some())
            }
        })
    }

    /// Opens a session for a person.
    pub fn log_in(&self, operator_id: &OperatorId, password: &str) -> Result<LoggedIn, Denied> {
        self.may_try(operator_id)?;
        let (kept, person) = self.with_known(ASK_AGAIN_AFTER, |known| {
            let kept = known.passwords.get(operator_id);
            let person = known.people.get(operator_id).filter(|who| who.active);
            (kept.map(|c| c.secret_hash.clone()), person.cloned())
        })?;
        // Nobody has so long a password, and nobody makes the server hash a novel.
        let is_right = password.chars().count() <= PASSWORD_CHARACTERS_MAX
            && secrets::is_password(kept.as_deref(), password);
        let Some(person) = person.filter(|_| is_right) else {
            self.note_mistake(operator_id);
            return Err(Denied::WrongPassword);
        };
        self.mistakes().remove(operator_id);
        let expires_at = (self.clock)() + SESSION;
        let bearer = Bearer::Session {
            operator_id: operator_id.clone(),
        };
        let created_by = Some(operator_id.clone());
        let (_, token) = self.issue("session", bearer, created_by, Some(expires_at))?;
        self.forget_expired_sessions()?;
        Ok(LoggedIn {
            token,
            expires_at,
            person,
        })
    }

    /// Gives a person a password, in the place of an earlier one. Their sessions end.
    pub fn set_password(
        &self,
        operator_id: &OperatorId,
        password: &str,
        created_by: Option<OperatorId>,
    ) -> Result<(), Denied> {
        Self::must_be_fit(operator_id, password)?;
        let known = self.with_known(Duration::ZERO, |known| {
            known.people.get(operator_id).is_some_and(|who| who.active)
        })?;
        if !known {
            return Err(Denied::NobodyOfThatName(operator_id.clone()));
        }
        let credential = Credential {
            credential_id: format!("password_{operator_id}").into(),
            bearer: Bearer::Password {
                operator_id: operator_id.clone(),
            },
            secret_hash: secrets::hash_password(password),
            created_at: (self.clock)(),
            created_by,
            expires_at: None,
            revoked_at: None,
        };
        let theirs = |credential: &Credential| matches!(&credential.bearer, Bearer::Session { operator_id: of } if of == operator_id);
        self.change(|door| {
            door.keep_credential(&credential)?;
            forget_where(door, theirs)
        })?;
        Ok(())
    }

    /// Whether this may be the person's password.
    pub fn must_be_fit(operator_id: &OperatorId, password: &str) -> Result<(), Denied> {
        let length = password.chars().count();
        let fits = (PASSWORD_CHARACTERS_MIN..=PASSWORD_CHARACTERS_MAX).contains(&length);
        match fits && !password.eq_ignore_ascii_case(operator_id.as_str()) {
            true => Ok(()),
            false => Err(Denied::PoorPassword),
        }
    }

    /// A token for a scanner or terminal at these stations; at all of them where none is named.
    pub fn admit_device(
        &self,
        name: String,
        station_ids: BTreeSet<StationId>,
        created_by: Option<OperatorId>,
        expires_at: Option<Timestamp>,
    ) -> Result<(SmolStr, Token), Denied> {
        let bearer = Bearer::Device { name, station_ids };
        self.admit(bearer, created_by, expires_at)
    }

    /// A token for a program, which may do what these roles may.
    pub fn admit_program(
        &self,
        name: String,
        roles: BTreeSet<Role>,
        created_by: Option<OperatorId>,
        expires_at: Option<Timestamp>,
    ) -> Result<(SmolStr, Token), Denied> {
        let bearer = Bearer::Program { name, roles };
        self.admit(bearer, created_by, expires_at)
    }

    fn admit(
        &self,
        bearer: Bearer,
        created_by: Option<OperatorId>,
        expires_at: Option<Timestamp>,
    ) -> Result<(SmolStr, Token), Denied> {
        // The first credential locks the door: somebody has to be inside.
        if !self.has_admin()? {
            return Err(Denied::NoAdminYet);
        }
        Ok(self.issue("token", bearer, created_by, expires_at)?)
    }

    /// Whether some active admin has a password.
    pub fn has_admin(&self) -> Result<bool, StoreError> {
        self.with_known(Duration::ZERO, |known| {
            let mut people = known.passwords.keys().filter_map(|id| known.people.get(id));
            people.any(|person| person.may_act_as(&[Role::Admin]))
        })
    }

    /// Ends a token or a session for good. A password is no token: it is replaced, or its person is no longer active.
    pub fn revoke(&self, credential_id: &str) -> Result<(), Denied> {
        let now = (self.clock)();
        let revoked = self.change(|door| {
            let is_it = |c: &Credential| {
                c.credential_id == credential_id && !matches!(c.bearer, Bearer::Password { .. })
            };
            let Some(mut credential) = door.credentials()?.into_iter().find(is_it) else {
                return Ok(false);
            };
            credential.revoked_at.get_or_insert(now);
            door.keep_credential(&credential)?;
            Ok(true)
        })?;
        if revoked {
            Ok(())
        } else {
            Err(Denied::NoSuchCredential(credential_id.into()))
        }
    }

    /// All tokens of devices and programs, ended ones too, by their ids.
    pub fn tokens(&self) -> Result<Vec<Credential>, StoreError> {
        let all = self.database.with_credentials(|door| door.credentials())?;
        let is_token = |c: &Credential| match c.bearer {
            Bearer::Device { .. } | Bearer::Program { .. } => true,
            Bearer::Password { .. } | Bearer::Session { .. } => false,
        };
        Ok(all.into_iter().filter(is_token).collect())
    }

    fn issue(
        &self,
        kind: &str,
        bearer: Bearer,
        created_by: Option<OperatorId>,
        expires_at: Option<Timestamp>,
    ) -> Result<(SmolStr, Token), StoreError> {
        let token = Token::new();
        let credential = Credential {
            credential_id: format!("{kind}_{}", secrets::random_name()).into(),
            bearer,
            secret_hash: Token::hash(token.reveal()),
            created_at: (self.clock)(),
            created_by,
            expires_at,
            revoked_at: None,
        };
        self.change(|door| door.keep_credential(&credential))?;
        Ok((credential.credential_id, token))
    }

    fn forget_expired_sessions(&self) -> Result<(), StoreError> {
        let now = (self.clock)();
        self.change(|door| {
            forget_where(door, |credential| match credential.bearer {
                Bearer::Session { .. } => !credential.is_valid_at(now),
                Bearer::Password { .. } | Bearer::Device { .. } | Bearer::Program { .. } => false,
            })
        })
    }

    /// Changes the credentials, and looks at them anew at the next call.
    fn change<T>(
        &self,
        act: impl FnOnce(&mut dyn Credentials) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let done = self.database.with_credentials(act);
        // Who reads now may have begun before the change: he ends first, and what he read is forgotten too.
        let _turn = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        self.know(Arc::default());
        done
    }

    /// Looks at what is known, having read it again if it is older than this. It is what was found fresh that is looked
    /// at, whatever becomes of it meanwhile: to somebody else's change everything looks as if nobody had a credential.
    fn with_known<T>(
        &self,
        stale_after: Duration,
        look: impl FnOnce(&Known) -> T,
    ) -> Result<T, StoreError> {
        let mut known = self.known();
        if !known.is_younger_than(stale_after) {
            let asked_at = Instant::now();
            let _turn = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
            known = self.known();
            // Whoever waited for his turn need not read again what was read meanwhile.
            if known.read_at.is_none_or(|at| at <= asked_at) {
                known = Arc::new(Known::read(&self.database)?);
                self.know(Arc::clone(&known));
            }
        }
        Ok(look(&known))
    }

    fn known(&self) -> Arc<Known> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&known)
    }

    fn know(&self, known: Arc<Known>) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }

    fn mistakes(&self) -> MutexGuard<'_, HashMap<OperatorId, Mistakes>> {
        self.mistakes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn may_try(&self, operator_id: &OperatorId) -> Result<(), Denied> {
        let now = Instant::now();
        let mut mistakes = self.mistakes();
        // A day later nobody remembers.
        if (mistakes.get(operator_id))
            .is_some_and(|m| now.duration_since(m.wait_until) >= FORGOTTEN_AFTER)
        {
            mistakes.remove(operator_id);
        }
        match mistakes.get(operator_id) {
            Some(m) if m.wait_until > now => Err(Denied::TooManyMistakes {
                wait_seconds: (m.wait_until - now).as_secs() + 1,
            }),
            _ => Ok(()),
        }
    }

    fn note_mistake(&self, operator_id: &OperatorId) {
        let now = Instant::now();
        let mut mistakes = self.mistakes();
        if mistakes.len() >= NAMES_WITH_MISTAKES_MAX && !mistakes.contains_key(operator_id) {
            mistakes.retain(|_, m| now.duration_since(m.wait_until) < FORGOTTEN_AFTER);
            let oldest = mistakes.iter().min_by_key(|(_, m)| m.wait_until);
            if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                mistakes.remove(&oldest);
            }
        }
        let noted = mistakes.entry(operator_id.clone()).or_insert(Mistakes {
            count: 0,
            wait_until: now,
        });
        noted.count += 1;
        if let Some(beyond) = noted.count.checked_sub(MISTAKES_FORGIVEN) {
            noted.wait_until = now + Duration::from_secs(60.min(1 << beyond.min(6)));
        }
    }
}

fn forget_where(
    door: &mut dyn Credentials,
    which: impl Fn(&Credential) -> bool,
) -> Result<(), StoreError> {
    for credential in door.credentials()?.iter().filter(|c| which(c)) {
        door.forget_credential(&credential.credential_id)?;
    }
    Ok(())
}

impl Known {
    fn read(database: &Database) -> Result<Self, StoreError> {
        let mut known = Self {
            read_at: Some(Instant::now()),
            ..Self::default()
        };
        for credential in database.with_credentials(|door| door.credentials())? {
            if let Bearer::Password { operator_id } = &credential.bearer {
                known.passwords.insert(operator_id.clone(), credential);
            } else {
                let hash = credential.secret_hash.clone();
                known.by_secret.insert(hash, credential);
            }
        }
        let people = database
            .read(|reading| questions::all_of(reading, UnitType::Operator, "", usize::MAX))?;
        known.people = people
            .into_iter()
            .filter_map(|(_, state)| match state {
                UnitState::Operator(person) => Some((person.operator_id.clone(), person)),
                _ => None,
            })
            .collect();
        Ok(known)
    }

    fn is_empty(&self) -> bool {
        self.by_secret.is_empty() && self.passwords.is_empty()
    }

    fn is_younger_than(&self, age: Duration) -> bool {
        self.read_at.is_some_and(|at| at.elapsed() < age)
    }

    fn whose(&self, hash: &str, now: Timestamp) -> Option<Who> {
        let credential = self.by_secret.get(hash).filter(|c| c.is_valid_at(now))?;
        let credential_id = credential.credential_id.clone();
        match &credential.bearer {
            // It lets nobody in by itself.
            Bearer::Password { .. } => None,
            Bearer::Session { operator_id } => {
                let person = self
                    .people
                    .get(operator_id)
                    .filter(|person| person.active)?;
                Some(Who::Person {
                    credential_id,
                    operator_id: operator_id.clone(),
                    name: person.name.clone(),
                    roles: person.roles.clone(),
                })
            }
            Bearer::Device { name, station_ids } => Some(Who::Device {
                credential_id,
                name: name.clone(),
                station_ids: station_ids.clone(),
            }),
            Bearer::Program { name, roles } => Some(Who::Program {
                credential_id,
                name: name.clone(),
                roles: roles.clone(),
            }),
        }
    }
}
