//! What a forecast costs as a shop grows: the same kind of jobs, more of them.

use crate::factory::{CARDS_PER_SHEET, DAY, Factory};
use crate::measure::processor_time;
use crate::picture;
use sheetwise_core::scheduling::{ForecastOptions, Input, Model, Pass, forecast};

/// Open jobs, sheets of each.
const SIZES: [(u32, usize); 5] = [(25, 50), (50, 50), (100, 50), (200, 50), (400, 50)];
/// The cards of a sheet in the bar: 18.
const UP: u32 = 18;

/// Prints the table, and writes its figures to a file where one is named.
pub fn measure(csv: Option<&str>) -> Result<(), String> {
    // What is drawn costs time as well: paces, breakdowns and failing cards of a factory that has run.
    let mut learnt = Factory::new(2);
    learnt.run_until(15 * DAY);
    let with_orders = picture::model(&learnt);
    let without_orders = Model {
        arrivals: None,
        ..with_orders.clone()
    };
    let replications = options().replications;
    println!("\nWhat a forecast costs, with {replications} futures of each job, in seconds\n");
    println!("jobs    sheets      cards   open jobs   of 100 jobs   with orders to come");
    let mut rows = Vec::new();
    for (jobs, sheets) in SIZES {
        let input = shop(&learnt, jobs, sheets);
        let alone = seconds(&input, &without_orders, jobs)?;
        rows.push((jobs, sheets, alone, seconds(&input, &with_orders, jobs)?));
    }
    if let Some(path) = csv {
        let mut text = String::from("section,variant,clients,round,measure,value\n");
        for (jobs, _, alone, crowded) in &rows {
            for (variant, seconds) in [("open jobs alone", alone), ("with orders to come", crowded)]
            {
                text.push_str(&format!(
                    "forecast,{variant},{jobs},1,seconds,{seconds:.3}\n"
                ));
            }
        }
        std::fs::write(path, text).map_err(|error| format!("{path}: {error}"))?;
    }
    let of_hundred = rows
        .iter()
        .find(|row| row.0 == 100)
        .map_or(f64::NAN, |row| row.2);
    for (jobs, sheets, alone, crowded) in rows {
        let sheets = jobs as usize * sheets;
        let cards = sheets * UP as usize;
        let times = alone / of_hundred;
        println!(
            "{jobs:>4}  {sheets:>8}  {cards:>9}  {alone:>10.2}  {times:>10.2} ×  {crowded:>20.2}"
        );
    }
    Ok(())
}

fn seconds(input: &Input, model: &Model, jobs: u32) -> Result<f64, String> {
    let (took, made) = processor_time(|| forecast(input, model, &options()));
    let made = made.map_err(|problems| format!("{problems:?}"))?;
    if made.jobs.len() == jobs as usize {
        Ok(took.as_secs_f64())
    } else {
        Err(format!("{} of {jobs} jobs were forecast", made.jobs.len()))
    }
}

fn options() -> ForecastOptions {
    ForecastOptions::default()
}

/// So many fresh jobs of 18-up sheets, due one after the other.
fn shop(learnt: &Factory, jobs: u32, sheets: usize) -> Input {
    let mut factory = Factory::new(1);
    factory.inspected = learnt.inspected;
    factory.take_in(jobs, sheets);
    let mut input = picture::input(&factory);
    let per_sheet = u32::try_from(CARDS_PER_SHEET).expect("few");
    for job in &mut input.jobs {
        for operation in job.lots.iter_mut().flat_map(|lot| &mut lot.operations) {
            let of_cards = operation.units % per_sheet == 0;
            if of_cards {
                operation.units = operation.units / per_sheet * UP;
                if let Pass::Repeat { of_units, .. } = &mut operation.pass {
                    *of_units = *of_units / per_sheet * UP;
                }
            }
        }
    }
    input
}
