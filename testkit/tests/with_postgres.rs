//! What `with-postgres` promises to whoever runs a command through it, accidents included.

use sheetwise_testkit::{SERVER_VARIABLE, psql};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// `with-postgres` as if nobody had given us a server, although somebody may have.
fn with_postgres() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_with-postgres"));
    command.env_remove(SERVER_VARIABLE);
    command
}

fn run(arguments: &[&str]) -> Output {
    with_postgres()
        .args(arguments)
        .output()
        .expect("with-postgres runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A running `with-postgres`, once its command runs: itself, its server's url and folder.
fn started() -> (Child, String, PathBuf) {
    // The command ends when we let go of its input: nothing outlives the test, whatever becomes of it.
    let script = r#"echo "$SHEETWISE_TEST_POSTGRES"; exec cat"#;
    let mut child = with_postgres()
        .args(["--", "sh", "-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("with-postgres runs");
    let mut url = String::new();
    let output = child.stdout.take().expect("it is a pipe");
    BufReader::new(output)
        .read_line(&mut url)
        .expect("the command speaks");
    let url = url.trim().to_owned();
    let data = psql(&url, "show data_directory").expect("the server answers");
    (
        child,
        url,
        Path::new(&data)
            .parent()
            .expect("it lies in a folder")
            .to_owned(),
    )
}

fn send(signal: &str, child: &Child) {
    let kill = format!("kill -s {signal} {}", child.id());
    let status = Command::new("sh")
        .args(["-c", &kill])
        .status()
        .expect("there is a shell");
    assert!(status.success());
}

/// Nobody tells us when a watchdog is done: we look until it is, or give up.
fn assert_removed(folder: &Path) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while folder.exists() {
        assert!(
            Instant::now() < deadline,
            "{} is still there",
            folder.display()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_command_finds_a_server_and_its_output_is_passed_on() {
    let output = run(&[
        "sh",
        "-c",
        r#"echo "$SHEETWISE_TEST_POSTGRES"; echo aloud >&2"#,
    ]);
    assert!(output.status.success());
    let url = stdout(&output);
    assert!(
        url.starts_with("postgres://postgres@127.0.0.1:") && url.ends_with("/postgres\n"),
        "{url}"
    );
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .ends_with("aloud\n")
    );
    // And it is gone with the command.
    assert!(psql(url.trim(), "select 1").is_err());
}

#[test]
fn it_ends_as_the_command_ends() {
    assert_eq!(run(&["--", "sh", "-c", "exit 7"]).status.code(), Some(7));
    assert_eq!(
        run(&["sh", "-c", "kill -KILL $$"]).status.code(),
        Some(128 + 9)
    );
    assert_eq!(run(&["/no/such/command"]).status.code(), Some(1));
}

#[test]
fn a_server_that_is_given_is_used() {
    let output = with_postgres()
        .env(SERVER_VARIABLE, "postgres://somebody@elsewhere/database")
        .args(["sh", "-c", r#"echo "$SHEETWISE_TEST_POSTGRES""#])
        .output()
        .unwrap();
    assert_eq!(stdout(&output), "postgres://somebody@elsewhere/database\n");
}

#[test]
fn durable_means_that_commits_are_kept() {
    for (option, expected) in [("--durable", "on\n"), ("--", "off\n")] {
        // The test itself is the command: it knows where psql is.
        let me = std::env::current_exe().unwrap();
        let output = with_postgres()
            .arg(option)
            .arg(me)
            .args([
                "--exact",
                "shows_fsync_when_asked",
                "--nocapture",
                "--quiet",
            ])
            .env("SHOW_FSYNC", "1")
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(
            stdout(&output).contains(&format!("fsync is {expected}")),
            "{output:?}"
        );
    }
}

/// No claim of its own: the command of the test above.
#[test]
fn shows_fsync_when_asked() {
    if std::env::var_os("SHOW_FSYNC").is_some() {
        let database = sheetwise_testkit::database("fsync");
        println!("fsync is {}", psql(&database, "show fsync").unwrap());
    }
}

#[test]
fn what_is_no_command_is_answered_with_the_usage() {
    for arguments in [&[][..], &["--"], &["--durable"], &["--unknown", "true"]] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            String::from_utf8(output.stderr)
                .unwrap()
                .starts_with("usage:")
        );
    }
}

#[test]
fn told_to_end_it_ends_the_command_and_the_server() {
    for (signal, number) in [("TERM", 15), ("INT", 2), ("HUP", 1)] {
        let (mut child, url, folder) = started();
        send(signal, &child);
        // `wait` would close the command's input, and so end it by itself.
        let input = child.stdin.take();
        assert_eq!(child.wait().unwrap().code(), Some(128 + number));
        drop(input);
        // By the time that it ends, all is gone.
        assert!(!folder.exists());
        assert!(psql(&url, "select 1").is_err());
    }
}

#[test]
fn killed_itself_its_server_does_not_live_on() {
    let (mut child, url, folder) = started();
    send("KILL", &child);
    let input = child.stdin.take();
    child.wait().unwrap();
    assert_removed(&folder);
    drop(input);
    assert!(psql(&url, "select 1").is_err());
}
