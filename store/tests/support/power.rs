//! A disk whose power can fail: an ext4 file system in a file, mounted for the test. When the power fails, every later write
//! fails, and what had not been synced is gone, as if the machine had stood still from then on. What a disk does that lies
//! about a flush, it does not show.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::{NamedTempFile, TempDir};

/// Enough for a PostgreSQL server with its write-ahead log.
const MEGABYTES: u64 = 512;

/// A disk, mounted.
pub struct PowerDisk {
    image: NamedTempFile,
    folder: TempDir,
}

impl PowerDisk {
    /// Nothing where nobody may mount. Whoever holds a disk may rely on its losing what was not synced: that is tried.
    pub fn new() -> Option<Self> {
        let image = NamedTempFile::new().expect("a file for a disk");
        let bytes = MEGABYTES << 20;
        image.as_file().set_len(bytes).expect("a long file");
        let folder = tempfile::tempdir().expect("a folder to mount it at");
        let disk = Self { image, folder };
        let made = run("mkfs.ext4", &["-q", "-F"], &[disk.image.path()]);
        if !(made && disk.mount()) {
            return None;
        }
        disk.forgets_what_was_not_synced();
        Some(disk)
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes everything out: what was made without syncing, such as a new PostgreSQL server, is there to stay.
    pub fn sync(&self) {
        assert!(run("sync", &["--file-system"], &[self.path()]), "sync");
    }

    /// The power fails.
    pub fn cut(&self) {
        assert!(
            run("mount", &["-o", "remount,abort"], &[self.path()]),
            "abort"
        );
    }

    /// The power is back. Nobody may have a file of it open any more.
    pub fn back(&self) {
        assert!(run("umount", &[], &[self.path()]), "umount");
        assert!(self.mount(), "mount");
    }

    fn mount(&self) -> bool {
        run("mount", &["-o", "loop"], &[self.image.path(), self.path()])
    }

    fn forgets_what_was_not_synced(&self) {
        let write = |name: &str, sync: bool| {
            let mut file = std::fs::File::create(self.path().join(name)).expect("a file");
            file.write_all(b"here").expect("room");
            if sync {
                file.sync_all().expect("a sync");
            }
            file
        };
        let (synced, unsynced) = (write("synced", true), write("unsynced", false));
        self.cut();
        assert!(unsynced.sync_all().is_err(), "the power is off");
        drop((synced, unsynced));
        self.back();
        let left = |name: &str| std::fs::read(self.path().join(name)).unwrap_or_default();
        assert_eq!(left("synced"), b"here");
        assert_eq!(left("unsynced"), b"");
    }
}

impl Drop for PowerDisk {
    fn drop(&mut self) {
        run("umount", &["--lazy"], &[self.path()]);
    }
}

fn run(program: &str, options: &[&str], paths: &[&Path]) -> bool {
    let mut command = Command::new(program);
    command.args(options).args(paths).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
