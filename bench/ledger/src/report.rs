//! What was seen: raw figures as CSV, medians over rounds as tables.

use crate::load::Window;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Every figure of the run, round by round.
#[derive(Debug, Default)]
pub struct Report {
    figures: Vec<Figure>,
}

#[derive(Debug)]
struct Figure {
    section: &'static str,
    variant: String,
    clients: usize,
    round: usize,
    measure: String,
    value: f64,
}

impl Report {
    pub fn add(
        &mut self,
        section: &'static str,
        variant: &str,
        clients: usize,
        round: usize,
        measure: &str,
        value: f64,
    ) {
        self.figures.push(Figure {
            section,
            variant: variant.to_owned(),
            clients,
            round,
            measure: measure.to_owned(),
            value,
        });
    }

    pub fn window(
        &mut self,
        section: &'static str,
        variant: &str,
        clients: usize,
        round: usize,
        window: &Window,
    ) {
        eprintln!(
            "{section}: {variant}, {clients} clients, round {round}: {:.0} scans/s",
            window.scans_per_second
        );
        for (measure, value) in [
            ("scans/s", window.scans_per_second),
            ("program µs", window.program_micros),
            ("database µs", window.database_micros),
            ("p50 ms", window.p50_milliseconds),
            ("p99 ms", window.p99_milliseconds),
            ("retries", window.retries),
        ] {
            self.add(section, variant, clients, round, measure, value);
        }
    }

    /// The median over the rounds; NaN where nothing was measured.
    pub fn median(&self, section: &str, variant: &str, clients: usize, measure: &str) -> f64 {
        let mut values: Vec<f64> = self
            .figures
            .iter()
            .filter(|f| {
                f.section == section
                    && f.variant == variant
                    && f.clients == clients
                    && f.measure == measure
            })
            .map(|f| f.value)
            .collect();
        median(&mut values)
    }

    /// The median of one variant's figures over another's, each quotient within a round.
    pub fn ratio(&self, section: &str, over: (&str, usize), under: (&str, usize)) -> f64 {
        let rounds = |(variant, clients): (&str, usize)| -> BTreeMap<usize, f64> {
            let figures = self.figures.iter();
            let ours = figures.filter(|f| {
                f.section == section
                    && f.variant == variant
                    && f.clients == clients
                    && f.measure == "scans/s"
            });
            ours.map(|f| (f.round, f.value)).collect()
        };
        let (over, under) = (rounds(over), rounds(under));
        let mut ratios: Vec<f64> = over
            .iter()
            .filter_map(|(round, value)| Some(value / under.get(round)?))
            .collect();
        median(&mut ratios)
    }

    /// The variants of a section, in the order in which they were measured, each with its client counts.
    pub fn variants(&self, section: &str) -> Vec<(String, Vec<usize>)> {
        let mut variants: Vec<(String, Vec<usize>)> = Vec::new();
        for figure in self.figures.iter().filter(|f| f.section == section) {
            let known = variants
                .iter_mut()
                .find(|(variant, _)| *variant == figure.variant);
            match known {
                Some((_, clients)) if clients.contains(&figure.clients) => {}
                Some((_, clients)) => clients.push(figure.clients),
                None => variants.push((figure.variant.clone(), vec![figure.clients])),
            }
        }
        variants
    }

    /// What was measured of a variant, in order.
    pub fn measures(&self, section: &str, variant: &str) -> Vec<String> {
        let mut measures: Vec<String> = Vec::new();
        for figure in self
            .figures
            .iter()
            .filter(|f| f.section == section && f.variant == variant)
        {
            if !measures.contains(&figure.measure) {
                measures.push(figure.measure.clone());
            }
        }
        measures
    }

    /// Throughput, processor time and latency of every variant.
    pub fn print_windows(&self, section: &str, title: &str) {
        println!("\n{title}\n");
        println!(
            "{:<36}{:>8}{:>10}{:>12}{:>13}{:>10}{:>10}{:>10}{:>9}",
            "",
            "clients",
            "scans/s",
            "program µs",
            "database µs",
            "both µs",
            "p50 ms",
            "p99 ms",
            "retries"
        );
        for (variant, clients) in self.variants(section) {
            for clients in clients {
                let value = |measure: &str| self.median(section, &variant, clients, measure);
                let (program, database) = (value("program µs"), value("database µs"));
                let both = if database.is_nan() {
                    program
                } else {
                    program + database
                };
                println!(
                    "{variant:<36}{clients:>8}{:>10.0}{:>12}{:>13}{:>10}{:>10.2}{:>10.2}{:>9.0}",
                    value("scans/s"),
                    shown(program),
                    shown(database),
                    shown(both),
                    value("p50 ms"),
                    value("p99 ms"),
                    value("retries"),
                );
            }
        }
    }

    /// `section,variant,clients,round,measure,value`
    pub fn to_csv(&self) -> String {
        let mut csv = "section,variant,clients,round,measure,value\n".to_owned();
        for f in &self.figures {
            writeln!(
                csv,
                "{},\"{}\",{},{},{},{:.3}",
                f.section, f.variant, f.clients, f.round, f.measure, f.value
            )
            .expect("a text takes what is written to it");
        }
        csv
    }
}

fn shown(micros: f64) -> String {
    if micros.is_nan() {
        "-".to_owned()
    } else {
        format!("{micros:.1}")
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values
        .get(values.len().saturating_sub(1) / 2)
        .copied()
        .unwrap_or(f64::NAN)
}

/// A line of the bars: what was wanted, what was seen.
pub fn bar(what: &str, wanted: &str, seen: f64, unit: &str, met: bool) {
    if seen.is_nan() {
        println!("{what:<72}{wanted:>14}{:>14}  not measured", "-");
    } else {
        let seen = format!("{seen:.2}{unit}");
        println!(
            "{what:<72}{wanted:>14}{seen:>14}  {}",
            if met { "met" } else { "NOT MET" }
        );
    }
}
