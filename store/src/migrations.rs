//! Migrations: each adds, none takes away; the binary runs those that are missing, in order, all in one
//! transaction. A database that knows more than this program is refused.

use crate::contract::StoreError;

/// A step of the schema.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migration {
    pub(crate) version: u32,
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
}

/// The steps that are missing, given the version that was found.
pub(crate) fn missing(
    steps: &'static [Migration],
    found: u32,
) -> Result<&'static [Migration], StoreError> {
    let known = steps.last().map_or(0, |step| step.version);
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    let first = steps.iter().position(|step| step.version > found);
    Ok(&steps[first.unwrap_or(steps.len())..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: &[Migration] = &[
        Migration {
            version: 1,
            name: "one",
            sql: "",
        },
        Migration {
            version: 2,
            name: "two",
            sql: "",
        },
    ];

    #[test]
    fn only_what_is_missing_is_run_and_a_newer_database_is_refused() {
        let names = |found| {
            let steps = missing(STEPS, found).expect("known");
            steps.iter().map(|step| step.name).collect::<Vec<_>>()
        };
        assert_eq!(names(0), ["one", "two"]);
        assert_eq!(names(1), ["two"]);
        assert!(names(2).is_empty());
        let refused = missing(STEPS, 3).map(<[Migration]>::len);
        assert_eq!(refused, Err(StoreError::Newer { found: 3, known: 2 }));
    }
}
