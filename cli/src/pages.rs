//! `completions` and `man`: pages that follow from the command line itself.

use clap::{Args, Command};
use clap_complete::Shell;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sheetwise completions bash > ~/.local/share/bash-completion/completions/sheetwise
  sheetwise completions zsh  > ~/.zfunc/_sheetwise
  sheetwise completions fish > ~/.config/fish/completions/sheetwise.fish")]
pub(crate) struct Completions {
    /// The shell that completes
    shell: Shell,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  sheetwise man | man -l -
  sheetwise man --directory /usr/local/share/man/man1")]
pub(crate) struct Man {
    /// Write a page for every command into this folder, instead of the first one to the standard output
    #[arg(long, value_name = "FOLDER")]
    directory: Option<PathBuf>,
}

impl Completions {
    pub(crate) fn run(&self, mut command: Command) -> Result<ExitCode, String> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "sheetwise", &mut script);
        write_out(&script)
    }
}

impl Man {
    pub(crate) fn run(&self, command: Command) -> Result<ExitCode, String> {
        if let Some(folder) = &self.directory {
            let failed = |e: io::Error| format!("{}: {e}", folder.display());
            std::fs::create_dir_all(folder).map_err(failed)?;
            clap_mangen::generate_to(command, folder).map_err(failed)?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut page = Vec::new();
        let rendered = clap_mangen::Man::new(command).render(&mut page);
        rendered.map_err(|e| e.to_string())?;
        write_out(&page)
    }
}

/// A closed pipe (`| head`) is no failure of ours.
fn write_out(bytes: &[u8]) -> Result<ExitCode, String> {
    match io::stdout().write_all(bytes) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(format!("standard output: {e}")),
        _ => Ok(ExitCode::SUCCESS),
    }
}
