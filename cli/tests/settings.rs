//! Where settings come from, which goes before which, and what is said of mistakes in them.

mod support;

use support::{furnished, run_in, said, sheetwise};

#[test]
fn a_flag_goes_before_the_environment_and_the_environment_before_the_file() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let folder = folder.path();
    let settings =
        "database = \"postgres://shop:secret@db/cards\"\nstation = \"QA-1\"\ntoken = \"hush\"\n";
    std::fs::write(folder.join("sheetwise.toml"), settings).expect("a file");
    let config = |variables: &[(&str, &str)], arguments: &[&str]| {
        let output = sheetwise()
            .current_dir(folder)
            .envs(variables.iter().copied())
            .arg("config")
            .args(arguments)
            .output();
        said(&output.expect("the binary runs"))
    };
    let (code, text, _) = config(&[], &[]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("database  postgres://shop@db:5432/cards   (sheetwise.toml)\n"),
        "{text}"
    );
    assert!(
        text.contains("token     (hidden)   (sheetwise.toml)\n"),
        "{text}"
    );
    assert!(
        text.contains("station   QA-1   (sheetwise.toml)\n"),
        "{text}"
    );
    assert!(
        text.contains("listen    127.0.0.1:7180   (default)\n"),
        "{text}"
    );
    assert!(!text.contains("secret") && !text.contains("hush"), "{text}");
    let environment = [("DATABASE_URL", "env.db"), ("SHEETWISE_STATION", "QA-2")];
    let (_, text, _) = config(&environment, &[]);
    assert!(
        text.contains("database  env.db   ($DATABASE_URL)\n"),
        "{text}"
    );
    assert!(
        text.contains("station   QA-2   ($SHEETWISE_STATION)\n"),
        "{text}"
    );
    let (_, text, _) = config(&environment, &["--database", "flag.db"]);
    assert!(
        text.contains("database  flag.db   (--database)\n"),
        "{text}"
    );
    // A server in the environment is asked before a database in the file, and after one on the line.
    let server = [("SHEETWISE_SERVER", "http://127.0.0.1:9")];
    let (_, text, _) = config(&server, &[]);
    assert!(
        text.contains("in force  the server http://127.0.0.1:9\n"),
        "{text}"
    );
    let (_, text, _) = config(&server, &["-d", "flag.db"]);
    assert!(text.contains("in force  the database flag.db\n"), "{text}");

    let wrong = |text: &str, arguments: &[&str]| {
        std::fs::write(folder.join("wrong.toml"), text).expect("a file");
        let line = [&["--config", "wrong.toml"][..], arguments].concat();
        let (code, _, errors) = said(&run_in(folder, &line));
        assert_eq!(code, 2, "{errors}");
        errors
    };
    let errors = wrong("station = \"QA-1\"\ndatabse = \"x.db\"\n", &["config"]);
    assert!(
        errors.contains("wrong.toml") && errors.contains("line 2") && errors.contains("databse"),
        "{errors}"
    );
    let errors = wrong("listen = \"all\"\n", &["serve"]);
    assert!(
        errors.contains("line 1") && errors.contains("all"),
        "{errors}"
    );
    let (code, _, errors) = said(&run_in(
        folder,
        &["-d", "a.db", "-s", "http://127.0.0.1:9", "job", "list"],
    ));
    assert_eq!(code, 2, "{errors}");
    for line in [
        &["verify", "-s", "http://127.0.0.1:9"][..],
        &["demo", "-d", "a.db"],
    ] {
        let (code, _, errors) = said(&run_in(folder, line));
        assert_eq!(code, 2, "{errors}");
        assert!(errors.contains(line[0]), "{errors}");
    }
    let (code, _, errors) = said(&run_in(
        folder,
        &["-s", "http://127.0.0.1:9", "job", "list"],
    ));
    assert_eq!(code, 1);
    assert!(
        errors.contains("http://127.0.0.1:9 does not answer"),
        "{errors}"
    );
    let (code, _, errors) = said(&run_in(folder, &["-s", "127.0.0.1:9", "job", "list"]));
    assert_eq!(code, 2, "{errors}");
    assert!(errors.contains("http://127.0.0.1:7180"), "{errors}");
}

#[test]
fn a_mistake_in_the_settings_is_told_without_what_stands_there() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let settings = "station = \"FOIL-1\"\ntoken = \"a secret without its end\n";
    std::fs::write(folder.path().join("sheetwise.toml"), settings).expect("a file");
    let (code, text, errors) = said(&run_in(folder.path(), &["config"]));
    assert_ne!(code, 0);
    assert!(errors.contains("sheetwise.toml: line 2: "), "{errors}");
    assert!(!format!("{text}{errors}").contains("secret"), "{errors}");
}

#[test]
fn gs1_element_strings_are_opened_where_the_shop_says_behind_which_identifier() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let folder = folder.path();
    let database = furnished(folder, "shop.db", 1);
    let scan = |more: &[&str]| {
        let line = [
            "scan",
            "]d2010950600013435221J1001-S001",
            "--station",
            "PRESS-1",
        ];
        said(&run_in(folder, &[&line, more].concat()))
    };
    let here = ["-d", &database];
    let (code, _, errors) = scan(&here);
    assert_eq!(code, 4, "nobody said so: {errors}");
    let (code, _, errors) = scan(&["-d", &database, "--gs1", "on"]);
    assert_eq!(code, 2, "{errors}");
    assert!(errors.contains("an application identifier"), "{errors}");
    std::fs::write(folder.join("sheetwise.toml"), "gs1 = \"21\"\n").expect("a file");
    let (code, text, errors) = scan(&here);
    assert_eq!(code, 0, "{errors}");
    assert!(
        text.starts_with("ok  Sheet J1001-S001 is at PRESS-1"),
        "{text}"
    );
    let (code, _, errors) = scan(&["-s", "http://127.0.0.1:9", "--gs1", "21"]);
    assert_eq!(code, 2, "{errors}");
    assert!(errors.contains("serve"), "{errors}");
}
