//! `setup`: what a shop is made of, from one file. Each entry goes the way that it goes over HTTP, and is what the
//! call of its kind takes.

use crate::demo;
use crate::door::{Door, new_key};
use crate::exit;
use crate::output::Output;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
#[command(after_help = "\
The file is JSON: operators, stations, products and memorabilia, each a list of what POST /operators,
/stations, /products and /memorabilia take. The same file again records nothing twice; a station or a
person that reads otherwise now is changed, and a product that reads otherwise needs a next version.

Examples:
  sheetwise setup --example > shop.json    a small shop, to begin with
  sheetwise setup shop.json                it is there

Exits with 4 if the shop refused an entry; the others stand.")]
pub(crate) struct Setup {
    /// The file
    #[arg(required_unless_present = "example")]
    file: Option<PathBuf>,
    /// Print the file of a small shop
    #[arg(long, conflicts_with = "file")]
    example: bool,
}

/// Such a file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Shop {
    pub(crate) operators: Vec<Value>,
    pub(crate) stations: Vec<Value>,
    pub(crate) products: Vec<Value>,
    pub(crate) memorabilia: Vec<Value>,
}

impl Shop {
    /// Every entry, and the path of the call that takes it.
    pub(crate) fn calls(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        let kinds = [
            ("/operators", &self.operators),
            ("/stations", &self.stations),
            ("/products", &self.products),
            ("/memorabilia", &self.memorabilia),
        ];
        kinds
            .into_iter()
            .flat_map(|(path, entries)| entries.iter().map(move |entry| (path, entry)))
    }
}

impl Setup {
    /// Whether no shop is asked.
    pub(crate) const fn is_example(&self) -> bool {
        self.example
    }

    /// The shop of the demo, as a file.
    pub(crate) fn print_example(output: &Output) -> ExitCode {
        let shop = demo::shop();
        let pretty = serde_json::to_string_pretty(&shop).expect("it is JSON");
        output.say(pretty, || json!(shop));
        ExitCode::SUCCESS
    }

    pub(crate) async fn run(&self, door: &Door, output: &Output) -> Result<ExitCode, String> {
        let file = self.file.as_deref().expect("clap sees to it");
        let wrong = |problem: &dyn std::fmt::Display| format!("{}: {problem}", file.display());
        let text = std::fs::read(file).map_err(|e| wrong(&e))?;
        let shop: Shop = serde_json::from_slice(&text).map_err(|e| wrong(&e))?;
        let (mut recorded, mut before, mut refused) = (0, 0, 0);
        for (path, entry) in shop.calls() {
            let answer = door.say(path, &new_key("setup"), entry).await?;
            if answer.is_refused() {
                refused += 1;
                let what = format!("{}: {}", name(entry), answer.sentence());
                output.say(what, || answer.body.clone());
            } else if answer.body["outcome"] == "already_recorded" {
                before += 1;
            } else {
                recorded += 1;
                output.say(answer.sentence(), || answer.body.clone());
            }
        }
        let mut sentence = format!("{recorded} recorded, {before} there already");
        if refused > 0 {
            sentence += &format!(", {refused} refused");
        }
        output.say(
            format!("{sentence}."),
            || json!({"recorded": recorded, "already_recorded": before, "refused": refused}),
        );
        Ok(exit::unless_refused(refused > 0))
    }
}

/// The entry's own id, for a person who looks for it in the file.
fn name(entry: &Value) -> &str {
    ["station_id", "product_id", "piece_id", "operator_id"]
        .iter()
        .find_map(|field| entry[field].as_str())
        .unwrap_or("an entry without an id")
}
