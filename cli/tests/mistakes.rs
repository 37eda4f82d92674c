//! What people mistype, and what is full or not there: told, and nothing half-done remains.

mod support;

use support::{any_port, furnished, run_in, said, sheetwise};

#[test]
fn a_result_that_cannot_be_written_is_no_success() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let database = furnished(folder.path(), "shop.db", 1);
    for command in [
        &["job", "list"][..],
        &["job", "list", "--json"],
        &["export", "events"],
        &["verify"],
        &["man"],
    ] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
        let output = sheetwise()
            .args(command)
            .args(["-d", &database])
            .stdout(full.expect("the full device"))
            .output()
            .expect("the binary runs");
        let (code, _, errors) = said(&output);
        assert_eq!(code, 1, "{command:?}: {errors}");
        assert!(
            errors.contains("the standard output: No space left"),
            "{command:?}: {errors}"
        );
    }
}

#[test]
fn an_export_that_fails_leaves_no_half_file() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let nobody = std::net::TcpListener::bind(any_port()).and_then(|free| free.local_addr());
    let address = format!("http://{}", nobody.expect("a free port"));
    let export = ["export", "events", "-o", "events.jsonl", "-s", &address];
    let (code, _, errors) = said(&run_in(folder.path(), &export));
    assert_eq!(code, 1, "{errors}");
    assert!(!folder.path().join("events.jsonl").exists());
}

#[test]
fn a_mistyped_database_is_not_made_by_looking_after_it() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    for command in [&["verify"][..], &["rebuild"], &["backup", "shop.backup"]] {
        let line = [command, &["-d", "shoop.db"]].concat();
        let (code, _, errors) = said(&run_in(folder.path(), &line));
        assert_eq!(code, 1, "{command:?}: {errors}");
        assert!(
            errors.contains("shoop.db: there is no database here"),
            "{errors}"
        );
    }
    let left = std::fs::read_dir(folder.path()).expect("the folder");
    assert_eq!(left.count(), 0);
}

#[test]
fn a_backup_that_cannot_be_restored_is_named_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    std::fs::write(folder.path().join("orders.csv"), "order_id,customer\n").expect("a file");
    for (file, problem) in [
        ("nowhere.backup", "nowhere.backup: the backup: No such file"),
        ("orders.csv", "orders.csv: line 1: "),
    ] {
        let line = ["restore", file, "-d", "shop.db"];
        let (code, _, errors) = said(&run_in(folder.path(), &line));
        assert_eq!(code, 1, "{errors}");
        assert!(errors.contains(problem), "{errors}");
    }
}
