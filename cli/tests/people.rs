//! Who is let in, as whoever runs the shop sets it up: at the database with `init`, `password` and `token`, and then over
//! HTTP, where everybody has to say who they are.

mod support;

use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use support::client::{Answer, Call, Client};
use support::{Server, any_port, furnish, said, sheetwise};
use tempfile::TempDir;

const PASSWORD: &str = "correct horse battery";

/// What is changed at the database, a running server knows after some seconds; where it does not, the test ends.
const PATIENCE: Duration = Duration::from_mins(1);

/// A shop, and a folder to run the binary in.
struct Shop {
    folder: TempDir,
    database: String,
}

impl Shop {
    fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs it at the database, with this on its standard input.
    fn run(&self, input: &str, arguments: &[&str]) -> (i32, String, String) {
        let mut child = sheetwise()
            .current_dir(self.folder())
            .args(["--database", &self.database])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut stdin = child.stdin.take().expect("its input");
        // Whoever refuses early does not read it.
        drop(stdin.write_all(input.as_bytes()));
        drop(stdin);
        said(&child.wait_with_output().expect("it ends"))
    }

    fn done(&self, input: &str, arguments: &[&str]) -> String {
        let (code, text, errors) = self.run(input, arguments);
        assert_eq!(code, 0, "{arguments:?}: {text}{errors}");
        text
    }

    /// What it says why it was not done.
    fn not_done(&self, input: &str, arguments: &[&str]) -> String {
        let (code, text, errors) = self.run(input, arguments);
        assert_eq!((code, text.as_str()), (1, ""), "{arguments:?}: {errors}");
        errors
    }

    fn init(&self) {
        self.done(&format!("{PASSWORD}\n"), &["init", "--name", "Ana Ruiz"]);
    }

    /// The token and its id.
    fn token(&self, arguments: &[&str]) -> (String, String) {
        let text = self.done("", &[&["token", "--json"], arguments].concat());
        let issued: Value = serde_json::from_str(&text).expect("JSON");
        let field = |name: &str| issued[name].as_str().expect("text").to_owned();
        (field("token"), field("token_id"))
    }
}

/// On a new database of each kind.
fn on_both(what_for: &str, test: impl Fn(&Shop)) {
    let folder = || tempfile::tempdir().expect("a folder for temporary files");
    let sqlite = folder();
    let file = sqlite.path().join("shop.db");
    test(&Shop {
        database: file.to_str().expect("UTF-8").to_owned(),
        folder: sqlite,
    });
    test(&Shop {
        database: sheetwise_testkit::database(what_for),
        folder: folder(),
    });
}

fn get(client: &mut Client, path: &str) -> Answer {
    client.ask(&Call::get(path))
}

fn post(client: &mut Client, path: &str, body: Value) -> Answer {
    client.ask(&Call {
        path: path.to_owned(),
        body: Some(body),
        key: None,
    })
}

/// The status, and the code of a refusal.
fn code(answer: &Answer) -> (u16, &str) {
    (
        answer.status,
        answer.body["code"].as_str().unwrap_or_default(),
    )
}

fn log_in(server: &Server, password: &str) -> Answer {
    let who = json!({"operator_id": "OP-1", "password": password});
    post(&mut Client::new(server.address), "/sessions", who)
}

/// Asks until the server knows what was changed beside it.
fn until<T>(mut ask: impl FnMut() -> T, is_so: impl Fn(&T) -> bool) -> T {
    let begun = Instant::now();
    loop {
        let answer = ask();
        if is_so(&answer) {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "the server never knew");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn without_an_admin_nobody_else_is_let_in_and_the_server_is_for_this_machine_alone() {
    on_both("no_admin", |shop| {
        let from_elsewhere = ["serve", "--listen", "0.0.0.0:0"];
        let refused = shop.not_done("", &from_elsewhere);
        assert!(refused.contains("`sheetwise init`"), "{refused}");
        for token in [
            &["token", "device", "Gun"][..],
            &["token", "program", "Import", "--role", "planner"],
        ] {
            let refused = shop.not_done("", token);
            assert!(refused.contains("`sheetwise init`"), "{refused}");
        }
        let refused = shop.not_done(PASSWORD, &["password", "OP-42"]);
        assert!(refused.contains("OP-42 is not registered"), "{refused}");
        for poor in ["", "\n", "too short\n"] {
            let refused = shop.not_done(poor, &["init", "--name", "Ana Ruiz"]);
            assert!(refused.contains("10 to 256 characters"), "{refused}");
        }
        assert_eq!(
            shop.done("", &["export", "events"]),
            "",
            "nothing is recorded"
        );
        assert_eq!(shop.done("", &["token", "list"]), "");
        shop.not_done("", &from_elsewhere);
    });
}

#[test]
fn init_makes_one_admin_and_from_then_on_strangers_are_asked_who_they_are() {
    on_both("init", |shop| {
        let line = ["init", "--name", "Ana Ruiz", "--operator", "OP-1", "--json"];
        let text = shop.done(&format!("{PASSWORD}\r\n"), &line);
        let made: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(made, json!({"operator_id": "OP-1", "roles": ["admin"]}));
        let again = shop.not_done(PASSWORD, &line);
        let again: Value = serde_json::from_str(&again).expect("JSON");
        let why = again["error"].as_str().expect("a sentence");
        assert!(why.contains("has an admin"), "{why}");

        let server = Server::start(&shop.database, any_port());
        let mut stranger = Client::new(server.address);
        assert_eq!(code(&get(&mut stranger, "/jobs")), (401, "no_credential"));
        assert_eq!(get(&mut stranger, "/healthz").status, 200);
        let wrong = log_in(&server, "correct horse battrey");
        assert_eq!(code(&wrong), (401, "wrong_password"));
        let session = log_in(&server, PASSWORD);
        let session = session.body["token"].as_str().expect("a token");
        let mut ana = Client::with_token(server.address, session);
        assert_eq!(get(&mut ana, "/me").body["name"], "Ana Ruiz");
        assert_eq!(get(&mut ana, "/jobs").status, 200);

        // A new password ends whatever the old one had opened.
        let refused = shop.not_done("short\n", &["password", "OP-1"]);
        assert!(refused.contains("10 to 256 characters"), "{refused}");
        let text = shop.done("another horse battery\n", &["password", "OP-1"]);
        assert_eq!(text, "OP-1 has a new password.\n");
        let ended = until(|| get(&mut ana, "/jobs"), |answer| answer.status != 200);
        assert_eq!(code(&ended), (401, "unknown_credential"));
        assert_eq!(code(&log_in(&server, PASSWORD)), (401, "wrong_password"));
        assert_eq!(log_in(&server, "another horse battery").status, 200);
    });
}

#[test]
fn a_token_lets_a_device_or_program_do_its_work_and_no_more_until_it_is_revoked() {
    on_both("tokens", |shop| {
        let server = Server::start(&shop.database, any_port());
        furnish(server.address, 2);
        drop(server);
        shop.init();
        let (gun, gun_id) = shop.token(&["device", "Gun of the press", "--station", "PRESS-1"]);
        let (import, _) = shop.token(&["program", "Import", "--role", "planner"]);
        let listed = shop.done("", &["token", "list"]);
        assert!(
            listed.contains(&format!("{gun_id}  device Gun of the press, at PRESS-1\n")),
            "{listed}"
        );
        assert!(listed.contains("program Import, as planner\n"), "{listed}");
        assert!(
            !listed.contains(&gun) && !listed.contains(&import),
            "{listed}"
        );

        let server = Server::start(&shop.database, any_port());
        let address = server.address;
        let scan = |station_id: &str| json!({"barcode": "J1001-S001", "station_id": station_id});
        let mut gun_client = Client::with_token(address, &gun);
        let scanned = post(&mut gun_client, "/scan", scan("PRESS-1"));
        assert_eq!(scanned.body["outcome"], "recorded", "{scanned:?}");
        let elsewhere = post(&mut gun_client, "/scan", scan("CUT-1"));
        assert_eq!(code(&elsewhere), (403, "not_your_station"));
        let order = json!({
            "order_id": "PO-7", "customer": "Acme Cards", "product_id": "PLAIN-2026", "quantity": 2,
            "due_date": "2026-05-01",
        });
        let refused = post(&mut gun_client, "/orders", order.clone());
        assert_eq!(code(&refused), (403, "not_permitted"));
        let mut import_client = Client::with_token(address, &import);
        let placed = post(&mut import_client, "/orders", order);
        assert_eq!(placed.body["outcome"], "recorded", "{placed:?}");
        let device = json!({"kind": "device", "name": "Another gun"});
        let refused = post(&mut import_client, "/tokens", device);
        assert_eq!(code(&refused), (403, "not_permitted"));

        the_tools_show_it(shop, &format!("http://{address}"), &gun, &import);

        let text = shop.done("", &["token", "revoke", &gun_id]);
        assert_eq!(text, format!("{gun_id} lets nobody in any more.\n"));
        let ask = || post(&mut gun_client, "/scan", scan("PRESS-1"));
        let ended = until(ask, |answer| answer.status != 200);
        assert_eq!(code(&ended), (401, "unknown_credential"));
        let listed = shop.done("", &["token", "list"]);
        assert!(listed.contains("at PRESS-1, revoked 2"), "{listed}");
        let refused = shop.not_done("", &["token", "revoke", "token_unheard_of"]);
        assert!(refused.contains("token_unheard_of"), "{refused}");
    });
}

/// `--token`, the variable and the settings file, at a server that asks for it.
fn the_tools_show_it(shop: &Shop, address: &str, gun: &str, import: &str) {
    let run = |arguments: &[&str], token: Option<&str>| {
        let mut command = sheetwise();
        command
            .current_dir(shop.folder())
            .args(["--server", address]);
        if let Some(token) = token {
            command.env("SHEETWISE_TOKEN", token);
        }
        said(&command.args(arguments).output().expect("the binary runs"))
    };
    let scan = ["scan", "J1001-S002", "--station", "PRESS-1"];
    let (code, text, _) = run(&scan, None);
    assert_eq!(code, 4, "{text}");
    assert!(text.starts_with("NO  refused (no_credential)"), "{text}");
    assert!(text.contains("--token TOKEN"), "{text}");
    let (code, text, errors) = run(&["job", "list"], None);
    assert_eq!((code, text.as_str()), (1, ""));
    assert!(errors.contains("SHEETWISE_TOKEN"), "{errors}");
    let (code, text, _) = run(&[&scan[..], &["--token", gun]].concat(), None);
    assert_eq!(code, 0, "{text}");
    let (code, text, _) = run(&["job", "list"], Some(import));
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("J1001"), "{text}");
    let orders = "order_id,customer,product,quantity,due_date,priority\nPO-8,Acme Cards,PLAIN-2026,2,2026-05-01,\n";
    std::fs::write(shop.folder().join("orders.csv"), orders).expect("a file");
    let (code, text, errors) = run(&["import", "orders.csv"], Some(gun));
    assert_eq!(code, 4, "{text}{errors}");
    assert!(errors.contains("not_permitted"), "{errors}");
    let settings = format!("token = \"{import}\"\n");
    std::fs::write(shop.folder().join("sheetwise.toml"), settings).expect("a file");
    let (code, text, errors) = run(&["import", "orders.csv"], None);
    assert_eq!(code, 0, "{text}{errors}");
    std::fs::remove_file(shop.folder().join("sheetwise.toml")).expect("it is there");
}

#[test]
fn what_would_lock_nobody_in_or_out_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let shop = Shop {
        database: folder
            .path()
            .join("shop.db")
            .to_str()
            .expect("UTF-8")
            .to_owned(),
        folder,
    };
    shop.init();
    let past = "2020-01-01T00:00:00Z";
    let refused = shop.not_done("", &["token", "device", "Gun", "--expires-at", past]);
    assert!(refused.contains("is over already"), "{refused}");
    let (code, _, errors) = shop.run("", &["token", "program", "Import", "--role", "boss"]);
    assert_eq!(code, 2, "{errors}");
    assert!(
        errors.contains("boss") && errors.contains("planner"),
        "{errors}"
    );
    assert_eq!(shop.done("", &["token", "list"]), "");
    // For a person, the token stands alone on the standard output.
    let (code, text, errors) = shop.run("", &["token", "device", "Gun"]);
    assert_eq!(code, 0, "{errors}");
    assert!(
        text.starts_with("sheetwise_") && text.lines().count() == 1,
        "{text}"
    );
    assert!(errors.contains("not shown again"), "{errors}");
    // They change the database itself: a server that was named would not be asked.
    for line in [
        &["token", "list"][..],
        &["init", "--name", "Ana"],
        &["password", "OP-1"],
    ] {
        let mut command = sheetwise();
        command
            .current_dir(shop.folder())
            .args(["--server", "http://127.0.0.1:9"]);
        let (code, _, errors) = said(&command.args(line).output().expect("the binary runs"));
        assert_eq!(code, 2, "{errors}");
        assert!(errors.contains("--server"), "{errors}");
    }
}
