//! Where PostgreSQL's programs are, and getting them where that is ours to do.

use crate::error::ClusterError;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The two programs of a server. `pg_ctl` is not needed: we hold the server as our own child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServerPrograms {
    pub(crate) initdb: PathBuf,
    pub(crate) postgres: PathBuf,
}

/// The programs that are installed, or that we could install.
pub(crate) fn server() -> Result<ServerPrograms, ClusterError> {
    if let Some(found) = server_in(&folders()) {
        return Ok(found);
    }
    if debian::can_install() {
        debian::install()?;
    }
    let looked_in = folders();
    server_in(&looked_in).ok_or(ClusterError::ServerNotInstalled { looked_in })
}

/// The `psql` to use: one that lies beside a server before the one of the PATH. (On Debian the latter is a
/// wrapper that takes its time to choose one of the former.)
pub(crate) fn client() -> Result<PathBuf, ClusterError> {
    let mut looked_in = debian::folders();
    looked_in.extend(folders());
    looked_in
        .iter()
        .map(|folder| folder.join("psql"))
        .find(|psql| is_program(psql))
        .ok_or(ClusterError::ClientNotInstalled { looked_in })
}

/// Where to look, best first.
fn folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .collect();
    folders.extend(debian::folders());
    folders.push(PathBuf::from("/usr/local/bin"));
    let pg_config = Command::new("pg_config")
        .arg("--bindir")
        .stderr(Stdio::null())
        .output();
    if let Ok(output) = pg_config
        && output.status.success()
    {
        folders.push(PathBuf::from(
            String::from_utf8_lossy(&output.stdout).trim(),
        ));
    }
    folders
}

/// The first folder with a whole server. A client alone does not count, nor does a link to nowhere.
fn server_in(folders: &[PathBuf]) -> Option<ServerPrograms> {
    folders.iter().find_map(|folder| {
        // initdb looks for postgres where it lies itself, not where a link to it lies.
        let initdb = folder.join("initdb").canonicalize().ok()?;
        let postgres = initdb.with_file_name("postgres");
        (is_program(&initdb) && is_program(&postgres))
            .then_some(ServerPrograms { initdb, postgres })
    })
}

fn is_program(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

/// Debian and what comes from it.
mod debian {
    use super::*;

    const CONFIGURATION: &str = "/etc/postgresql-common/createcluster.d";

    /// Debian keeps each major version in a folder of its own, outside the PATH. Newest first.
    pub(super) fn folders() -> Vec<PathBuf> {
        let versions = std::fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten();
        let mut versions: Vec<(u32, PathBuf)> = versions
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin")))
            })
            .collect();
        versions.sort_unstable_by(|a, b| b.cmp(a));
        versions.into_iter().map(|(_, folder)| folder).collect()
    }

    pub(super) fn can_install() -> bool {
        let is_root = Command::new("id")
            .arg("-u")
            .output()
            .is_ok_and(|id| id.stdout == b"0\n");
        is_root
            && Path::new("/etc/debian_version").exists()
            && Command::new("apt-get").arg("--version").output().is_ok()
    }

    /// Installs Debian's server, without the cluster that its package would create and start.
    pub(super) fn install() -> Result<(), ClusterError> {
        say("there is no PostgreSQL server here, so Debian's package is being installed");
        let configuration = Path::new(CONFIGURATION);
        // Unique, so that two of us at once do not take each other's away.
        let file = configuration.join(format!("sheetwise-testkit-{}.conf", std::process::id()));
        std::fs::create_dir_all(configuration)
            .and_then(|()| std::fs::write(&file, "create_main_cluster = false\n"))
            .map_err(ClusterError::io("asking Debian for no cluster of its own"))?;
        let installed = apt_get(&["install", "-y", "--no-install-recommends", "postgresql"])
            .or_else(|_| {
                say("that failed, perhaps for want of fresh package lists");
                apt_get(&["update"])?;
                apt_get(&["install", "-y", "--no-install-recommends", "postgresql"])
            });
        std::fs::remove_file(&file)
            .map_err(ClusterError::io(format!("removing {}", file.display())))?;
        installed
    }

    fn apt_get(arguments: &[&str]) -> Result<(), ClusterError> {
        let program = format!("apt-get {}", arguments.join(" "));
        say(&program);
        // Standard output belongs to whatever we were started for.
        let status = Command::new("apt-get")
            .args(["-q", "-o", "DPkg::Lock::Timeout=300"])
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null())
            .stdout(std::io::stderr())
            .status()
            .map_err(ClusterError::io(&program))?;
        if status.success() {
            return Ok(());
        }
        Err(ClusterError::ProgramFailed {
            program,
            said: "(see above)".to_owned(),
        })
    }

    fn say(what: &str) {
        eprintln!("sheetwise-testkit: {what}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A folder with empty programs of these names.
    struct Folder(PathBuf);

    impl Folder {
        fn with(name: &str, programs: &[&str]) -> Self {
            let name = format!("sheetwise-testkit-{}-{name}", std::process::id());
            // Canonical, because what is found will be.
            let path = std::env::temp_dir().canonicalize().unwrap().join(name);
            std::fs::create_dir(&path).unwrap();
            for program in programs {
                std::fs::write(path.join(program), "").unwrap();
                let executable = std::fs::Permissions::from_mode(0o755);
                std::fs::set_permissions(path.join(program), executable).unwrap();
            }
            Self(path)
        }

        fn server(&self) -> Option<ServerPrograms> {
            server_in(std::slice::from_ref(&self.0))
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn a_client_without_a_server_is_no_server() {
        let folder = Folder::with("client", &["psql", "createdb", "pg_isready", "pg_config"]);
        assert_eq!(folder.server(), None);
    }

    #[test]
    fn half_a_server_and_a_link_to_nowhere_are_no_server() {
        let folder = Folder::with("half", &["postgres"]);
        symlink("/nowhere/initdb", folder.0.join("initdb")).unwrap();
        assert_eq!(folder.server(), None);
    }

    #[test]
    fn a_server_that_cannot_be_run_is_no_server() {
        let folder = Folder::with("plain", &["initdb", "postgres"]);
        let plain = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(folder.0.join("postgres"), plain).unwrap();
        assert_eq!(folder.server(), None);
    }

    #[test]
    fn a_server_behind_links_is_found_where_it_lies() {
        let real = Folder::with("real", &["initdb", "postgres"]);
        let links = Folder::with("links", &[]);
        symlink(real.0.join("initdb"), links.0.join("initdb")).unwrap();
        let found = links.server().unwrap();
        assert_eq!(found.initdb, real.0.join("initdb"));
        assert_eq!(found.postgres, real.0.join("postgres"));
    }
}
