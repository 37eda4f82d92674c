//! What a server of one's own promises. These start real ones.

use sheetwise_testkit::{Cluster, Durability, psql};
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt;
use std::process::Command;

fn process_exists(pid: u32) -> bool {
    let kill = format!("kill -0 {pid}");
    let output = Command::new("sh")
        .args(["-c", &kill])
        .output()
        .expect("there is a shell");
    output.status.success()
}

/// `127.0.0.1:port` of a url.
fn address(url: &str) -> &str {
    let mut parts = url.split(['@', '/']);
    parts
        .find(|part| part.starts_with("127.0.0.1:"))
        .expect("our servers are on this machine")
}

#[test]
fn a_started_server_answers_over_the_network_and_over_its_socket() {
    let cluster = Cluster::start(Durability::Off).unwrap();
    assert_eq!(psql(&cluster.url(), "select 1").unwrap(), "1");
    let port = address(&cluster.url())
        .rsplit_once(':')
        .unwrap()
        .1
        .to_owned();
    let folder = cluster.folder().display();
    let over_socket = format!("postgres:///postgres?host={folder}&port={port}&user=postgres");
    assert_eq!(
        psql(&over_socket, "select inet_client_addr() is null").unwrap(),
        "t"
    );
    // UTF-8, and not in a locale of this machine.
    let locale = "select current_setting('server_encoding'), datcollate from pg_database \
                  where datname = current_database()";
    let locale = psql(&cluster.url(), locale).unwrap();
    assert!(
        ["UTF8|C.UTF-8", "UTF8|C"].contains(&locale.as_str()),
        "{locale}"
    );
}

#[test]
fn durability_is_what_was_asked_for() {
    let settings = "select string_agg(name || '=' || setting, ' ' order by name) from pg_settings \
                    where name in ('fsync', 'synchronous_commit', 'full_page_writes')";
    for (durability, expected) in [
        (
            Durability::Off,
            "fsync=off full_page_writes=off synchronous_commit=off",
        ),
        (
            Durability::On,
            "fsync=on full_page_writes=on synchronous_commit=on",
        ),
    ] {
        let cluster = Cluster::start(durability).unwrap();
        assert_eq!(psql(&cluster.url(), settings).unwrap(), expected);
    }
}

#[test]
fn two_databases_of_one_hint_are_two_and_empty() {
    let cluster = Cluster::start(Durability::Off).unwrap();
    let first = cluster.new_database("sheets").unwrap();
    psql(&first, "create table cut (id int)").unwrap();
    let second = cluster.new_database("sheets").unwrap();
    assert_ne!(first, second);
    assert_eq!(
        psql(&second, "select to_regclass('cut') is null").unwrap(),
        "t"
    );
}

#[test]
fn databases_can_be_created_at_the_same_time() {
    let cluster = Cluster::start(Durability::Off).unwrap();
    let urls: std::collections::BTreeSet<String> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| cluster.new_database("crowd").unwrap()))
            .collect();
        asked
            .into_iter()
            .map(|asked| asked.join().unwrap())
            .collect()
    });
    assert_eq!(urls.len(), 8);
}

#[test]
fn a_committed_row_survives_a_kill_and_a_restart() {
    let mut cluster = Cluster::start(Durability::On).unwrap();
    let database = cluster.new_database("survivor").unwrap();
    psql(&database, "create table card (id int)").unwrap();
    psql(&database, "insert into card values (44)").unwrap();
    let first = cluster.pid().unwrap();

    cluster.kill_nine().unwrap();
    assert_eq!(cluster.pid(), None);
    assert!(!process_exists(first));
    assert!(psql(&database, "select 1").is_err());
    cluster.kill_nine().unwrap(); // Said twice, it changes nothing.

    cluster.restart().unwrap();
    assert_ne!(cluster.pid().unwrap(), first);
    assert_eq!(psql(&database, "select id from card").unwrap(), "44");
    let log = std::fs::read_to_string(cluster.folder().join("log")).unwrap();
    assert!(log.contains("was not properly shut down"), "{log}");
}

#[test]
fn a_kill_ends_the_work_of_a_busy_connection() {
    let mut cluster = Cluster::start(Durability::On).unwrap();
    let url = cluster.url();
    // Work that waits for nothing, and so would not notice by itself that the postmaster is gone.
    let work = "do $$ declare stop timestamptz := clock_timestamp() + '20 s'; \
                begin while clock_timestamp() < stop loop null; end loop; end $$";
    let busy = std::thread::spawn(move || psql(&url, work));
    let at_work = "select pid from pg_stat_activity where query like 'do $$%'";
    let backend: u32 = loop {
        let answer = psql(&cluster.url(), at_work).unwrap();
        if let Ok(pid) = answer.parse() {
            break pid;
        }
    };
    cluster.kill_nine().unwrap();
    assert!(busy.join().unwrap().is_err());
    // Gone, or dead and not yet collected by whoever adopted it.
    let state = Command::new("sh")
        .args([
            "-c",
            "ps -o state= -p \"$1\" || sed 's/.*) //' \"/proc/$1/stat\"",
            "sh",
        ])
        .arg(backend.to_string())
        .output()
        .unwrap();
    let state = String::from_utf8(state.stdout).unwrap();
    assert!(
        state.trim().is_empty() || state.trim().starts_with('Z'),
        "{state}"
    );
}

#[test]
fn a_restart_of_a_running_server_stops_it_in_good_order() {
    let mut cluster = Cluster::start(Durability::Off).unwrap();
    let (url, first) = (cluster.url(), cluster.pid().unwrap());
    psql(&url, "create table card as select 44 as id").unwrap();
    cluster.restart().unwrap();
    assert_eq!(cluster.url(), url);
    assert_ne!(cluster.pid().unwrap(), first);
    assert_eq!(psql(&url, "select id from card").unwrap(), "44");
    let log = std::fs::read_to_string(cluster.folder().join("log")).unwrap();
    assert!(!log.contains("was not properly shut down"), "{log}");
}

#[test]
fn dropping_a_server_ends_its_process_and_removes_its_folder() {
    let cluster = Cluster::start(Durability::Off).unwrap();
    let (pid, folder, url) = (
        cluster.pid().unwrap(),
        cluster.folder().to_owned(),
        cluster.url(),
    );
    assert!(process_exists(pid) && folder.exists());
    drop(cluster);
    assert!(!process_exists(pid));
    assert!(!folder.exists());
    assert!(TcpStream::connect(address(&url)).is_err());
}

#[test]
fn dropping_a_server_that_was_killed_removes_its_folder() {
    let mut cluster = Cluster::start(Durability::Off).unwrap();
    let folder = cluster.folder().to_owned();
    cluster.kill_nine().unwrap();
    drop(cluster);
    assert!(!folder.exists());
}

#[test]
fn the_server_does_not_run_as_root() {
    let cluster = Cluster::start(Durability::Off).unwrap();
    // The server itself checks that its data belongs to the user that it runs as.
    assert_ne!(cluster.folder().join("data").metadata().unwrap().uid(), 0);
    let running = std::path::Path::new("/proc").join(cluster.pid().unwrap().to_string());
    if let Ok(about) = running.metadata() {
        assert_ne!(about.uid(), 0);
    }
}
