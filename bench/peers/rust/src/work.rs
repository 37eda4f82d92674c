//! The file of work: what every scan appends, and what it writes into the read models.

use serde::Deserialize;
use serde_json::Value;
use sqlx::postgres::PgArguments;
use sqlx::{PgConnection, Postgres, query::Query};
use std::io::{BufRead, BufReader};
use std::ops::Range;

#[derive(Deserialize)]
struct Head {
    statements: Vec<String>,
}

/// An event, as our log has it.
#[derive(Debug, Clone, Deserialize)]
pub struct Event {
    #[serde(rename = "type")]
    pub event_type: String,
    pub data: Value,
    pub occurred_at: String,
    pub station_id: Option<String>,
    pub operator_id: Option<String>,
    pub correlation_id: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Scan {
    /// The card.
    pub stream: String,
    pub events: Vec<Event>,
    /// Statements, and what goes into them.
    pub writes: Vec<(usize, Vec<Option<String>>)>,
}

pub struct Work {
    pub statements: Vec<String>,
    pub scans: Vec<Scan>,
    /// Scans that belong to one client.
    pub units: Vec<Range<usize>>,
}

impl Work {
    pub fn read(path: &str) -> Self {
        let mut lines = BufReader::new(std::fs::File::open(path).expect("a file of work")).lines();
        let head = lines.next().expect("a first line").expect("text");
        let head: Head = serde_json::from_str(&head).expect("the statements");
        let mut work = Self {
            statements: head.statements,
            scans: Vec::new(),
            units: Vec::new(),
        };
        for line in lines {
            let scans: Vec<Scan> = serde_json::from_str(&line.expect("text")).expect("scans");
            let first = work.scans.len();
            work.scans.extend(scans);
            work.units.push(first..work.scans.len());
        }
        work
    }

    /// Writes a scan into the read models.
    pub async fn project(
        &self,
        scan: usize,
        connection: &mut PgConnection,
    ) -> Result<(), sqlx::Error> {
        for (statement, values) in &self.scans[scan].writes {
            let mut query: Query<'_, Postgres, PgArguments> =
                sqlx::query(&self.statements[*statement]);
            for value in values {
                query = query.bind(value.as_deref());
            }
            query.execute(&mut *connection).await?;
        }
        Ok(())
    }
}
