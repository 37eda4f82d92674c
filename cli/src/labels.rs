//! `labels`: barcodes to stick on what the shop makes, as a file for a printer. What stands on a label and how it is drawn
//! is the shop's.

use crate::door::{Door, with_query};
use crate::exit;
use crate::output::{Output, counted, write_out};
use clap::{ArgGroup, Args, ValueEnum};
use serde_json::json;
use sheetwise_core::identity::{FailureCode, JobId, SheetId};
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Says how many pages there are; of ZPL, how many labels.
const LABEL_PAGES: &str = "label-pages";

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("wanted").required(true), after_help = "\
Examples:
  sheetwise labels --job J1044 --of sheet -o sheets.pdf         a label for each sheet of a job
  sheetwise labels --sheet J1044-S003 -o s003.pdf               the sheet, its cards and its set
  sheetwise labels J1044-S003-07 J1044-BOX-001 -o two.pdf       these alone
  sheetwise labels FOIL-LOT-88 --format zpl | lp -d zebra -o raw    to a label printer
  sheetwise labels --controls --failure-code F-201,F-310 -o controls.pdf    what hangs at a station")]
pub(crate) struct Labels {
    /// What gets a label: J1044-S003-07, FOIL-LOT-88, '!PASS'
    #[arg(group = "wanted")]
    ids: Vec<String>,
    /// Everything of this job: J1044
    #[arg(long, group = "wanted")]
    job: Option<JobId>,
    /// Everything of this sheet: J1044-S003
    #[arg(long, group = "wanted")]
    sheet: Option<SheetId>,
    /// The control barcodes: !PASS, !UNDO, !CLOSE and the others
    #[arg(long, group = "wanted")]
    controls: bool,
    /// Of a job or sheet, only these kinds: job, sheet, card_unit, assembly, pack
    #[arg(long, value_name = "KINDS", value_delimiter = ',', conflicts_with_all = ["ids", "controls"])]
    of: Vec<String>,
    /// A !FAIL for each of these codes: F-201
    #[arg(
        long = "failure-code",
        value_name = "CODES",
        value_delimiter = ',',
        conflicts_with_all = ["ids", "job", "sheet"]
    )]
    failure_codes: Vec<FailureCode>,
    /// A !HOLD for each of these reasons
    #[arg(
        long = "hold-reason",
        value_name = "REASONS",
        value_delimiter = ',',
        conflicts_with_all = ["ids", "job", "sheet"]
    )]
    hold_reasons: Vec<String>,
    /// For an office printer (pdf), a page to look at (svg), or a label printer (zpl)
    #[arg(long, value_enum, default_value = "pdf")]
    format: Format,
    /// Write to this file instead of the standard output; it must not be there yet
    #[arg(long, short = 'o', value_name = "FILE")]
    output: Option<PathBuf>,
    /// datamatrix, or qr for phones
    #[arg(long, value_name = "KIND")]
    symbology: Option<String>,
    #[command(flatten)]
    layout: Layout,
    #[command(flatten)]
    roll: Roll,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Sheets of labels (pdf, svg)")]
struct Layout {
    /// The labels that are on one: a4-3x7 (where nothing is said), a4-5x13, letter-3x10 or letter-4x20. What follows
    /// changes it
    #[arg(long)]
    stock: Option<String>,
    /// a4 or letter
    #[arg(long)]
    paper: Option<String>,
    /// Labels beside each other
    #[arg(long)]
    columns: Option<u16>,
    /// Labels below each other
    #[arg(long)]
    rows: Option<u16>,
    /// From the paper's left edge to the first label
    #[arg(long)]
    margin_x_mm: Option<f64>,
    /// From the paper's upper edge to the first label
    #[arg(long)]
    margin_y_mm: Option<f64>,
    /// Between two columns
    #[arg(long)]
    gap_x_mm: Option<f64>,
    /// Between two rows
    #[arg(long)]
    gap_y_mm: Option<f64>,
    /// So many labels of the first page are used up
    #[arg(long)]
    skip: Option<usize>,
    /// Of an SVG, this page; the first where nothing is said
    #[arg(long)]
    page: Option<usize>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Rolls of labels (zpl)")]
struct Roll {
    /// A label's width
    #[arg(long)]
    width_mm: Option<f64>,
    /// A label's height
    #[arg(long)]
    height_mm: Option<f64>,
    /// How fine the printer prints: 203, 300 or 600 dots per inch
    #[arg(long)]
    dpi: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Pdf,
    Svg,
    Zpl,
}

impl Format {
    const fn word(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Svg => "svg",
            Self::Zpl => "zpl",
        }
    }
}

impl Labels {
    pub(crate) async fn run(&self, door: &Door, output: &Output) -> Result<ExitCode, String> {
        if self.output.is_none()
            && let Err(problem) =
                may_be_written_out(self.format, io::stdout().is_terminal(), output)
        {
            output.problem(problem);
            return Ok(ExitCode::from(exit::SENSELESS));
        }
        let ids = json!({"ids": self.ids});
        let body = (!self.ids.is_empty()).then_some(&ids);
        let labels = door.fetch(&self.path(), body).await?;
        let pages = labels.headers.get(LABEL_PAGES);
        let pages = pages.and_then(|pages| pages.to_str().ok()?.parse::<u64>().ok());
        let pages = pages.unwrap_or_default();
        let what = match self.format {
            Format::Pdf => format!("Labels on {}", counted(pages, "page")),
            Format::Svg => format!("Page {} of {pages}", self.layout.page.unwrap_or(1)),
            Format::Zpl => counted(pages, "label"),
        };
        let Some(path) = &self.output else {
            write_out(&labels.bytes)?;
            output.aside(&format!("{what}."));
            return Ok(ExitCode::SUCCESS);
        };
        write_file(path, &labels.bytes).map_err(|e| format!("{}: {e}", path.display()))?;
        let path = path.display().to_string();
        output.say(format!("{what}: {path}"), || {
            json!({"file": path, "format": self.format.word(), "pages": pages, "bytes": labels.bytes.len()})
        });
        Ok(ExitCode::SUCCESS)
    }

    /// The call, with everything that was said about it.
    fn path(&self) -> String {
        let path = match (&self.job, &self.sheet) {
            (Some(job_id), _) => format!("/jobs/{job_id}/labels"),
            (_, Some(sheet_id)) => format!("/sheets/{sheet_id}/labels"),
            _ if self.controls => "/labels/controls".to_owned(),
            _ => "/labels".to_owned(),
        };
        let Self { layout, roll, .. } = self;
        let list = |words: Vec<String>| (!words.is_empty()).then(|| words.join(","));
        let codes = self.failure_codes.iter().map(ToString::to_string);
        with_query(
            &path,
            &[
                ("format", Some(self.format.word().to_owned())),
                ("of", list(self.of.clone())),
                ("failure_codes", list(codes.collect())),
                ("hold_reasons", list(self.hold_reasons.clone())),
                ("symbology", self.symbology.clone()),
                ("stock", layout.stock.clone()),
                ("paper", layout.paper.clone()),
                ("columns", text(layout.columns)),
                ("rows", text(layout.rows)),
                ("margin_x_mm", text(layout.margin_x_mm)),
                ("margin_y_mm", text(layout.margin_y_mm)),
                ("gap_x_mm", text(layout.gap_x_mm)),
                ("gap_y_mm", text(layout.gap_y_mm)),
                ("skip", text(layout.skip)),
                ("page", text(layout.page)),
                ("width_mm", text(roll.width_mm)),
                ("height_mm", text(roll.height_mm)),
                ("dpi", text(roll.dpi)),
            ],
        )
    }
}

fn text(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

/// Whether the labels themselves may go to the standard output.
fn may_be_written_out(
    format: Format,
    is_terminal: bool,
    output: &Output,
) -> Result<(), &'static str> {
    if output.is_json() {
        return Err(
            "labels are no JSON: name a file with --output, and what is in it is said in JSON",
        );
    }
    if format == Format::Pdf && is_terminal {
        return Err(
            "a terminal shows no PDF: name a file with --output, or pipe it to a printer (| lp)",
        );
    }
    Ok(())
}

/// A file that is there is somebody's; half a file is nobody's.
fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes).inspect_err(|_| {
        drop(std::fs::remove_file(path));
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pdf_is_not_written_into_a_terminal() {
        let for_people = Output::new(false, false);
        let may = |format, is_terminal| may_be_written_out(format, is_terminal, &for_people);
        assert!(may(Format::Pdf, true).expect_err("no").contains("--output"));
        assert_eq!(may(Format::Pdf, false), Ok(()));
        assert_eq!(may(Format::Zpl, true), Ok(()));
        let for_programs = Output::new(true, false);
        assert!(may_be_written_out(Format::Zpl, false, &for_programs).is_err());
    }
}
