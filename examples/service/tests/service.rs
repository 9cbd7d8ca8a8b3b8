//! The service over a real socket: what it answers, how it refuses, how it loads again and how it ends.

#![allow(clippy::unwrap_used)] // A test may fail.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use leverkit::core::{RecordBatch, batch};
use leverkit::{Ledger, Roles};
use parquet::arrow::ArrowWriter;
use serde_json::Value;
use service::{Config, Error, Limits, Shelf, serve};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_blocking};

/// A place of its own for each test, beside what is built.
fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("service-{name}"))
}

/// A Parquet file there.
fn write(name: &str, batches: &[RecordBatch]) -> PathBuf {
    let path = place(&format!("{name}.parquet"));
    let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), batches[0].schema(), None).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.close().unwrap();
    path
}

fn lines() -> RecordBatch {
    batch!(
        "client" => ["ann", "ann", "ann", "bob", "bob", "eve lee", "kim"],
        "day" => ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-02", "2024-01-09", "2024-01-03", "2024-01-04"],
        "paid" => [Some(10.0), Some(20.0), Some(30.0), Some(5.0), Some(6.0), Some(7.0), None],
    )
    .unwrap()
}

fn config(data: PathBuf) -> Config {
    let roles = Roles::new("client", "day").amount("paid");
    Config { listen: ([127, 0, 0, 1], 0).into(), data, roles, horizon: 7, chance: 0.8, secret: None }
}

struct Running {
    address: SocketAddr,
    end: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

impl Running {
    async fn start(data: PathBuf) -> Self {
        Self::within(config(data), Limits::default()).await
    }

    async fn within(config: Config, limits: Limits) -> Self {
        let shelf = Shelf::open(config).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = oneshot::channel();
        let served = tokio::spawn(serve(listener, shelf, limits, async { ended.await.unwrap_or(()) }));
        Self { address, end, served }
    }

    /// Status and body of a request such as `GET /health`.
    async fn ask(&self, request: &str) -> (u16, Value) {
        let (address, request) = (self.address, request.to_owned());
        spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            write!(stream, "{request} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(head.to_lowercase().contains("content-type: application/json"), "{head}");
            (head[9..12].parse().unwrap(), serde_json::from_str(body).unwrap())
        })
        .await
        .unwrap()
    }

    async fn stop(self) {
        self.end.send(()).unwrap();
        self.served.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_customer_is_answered_with_scores_and_the_day_to_call() {
    let service = Running::start(write("customer", &[lines()])).await;
    let (status, ann) = service.ask("GET /customers/ann").await;
    assert_eq!(
        (status, &ann["orders"], &ann["revenue"], &ann["last_order"]),
        (200, &3.into(), &60.0.into(), &"2024-01-15".into())
    );
    assert_eq!(ann["scores"].as_array().unwrap().len(), 3);
    assert!(ann["segment"].is_string() && ann["limit_date"].is_string(), "{ann}");
    // An id with a space stands in the address as it must.
    assert_eq!(service.ask("GET /customers/eve%20lee").await.1["customer"], "eve lee");
    service.stop().await;
}

#[tokio::test]
async fn segments_add_up_to_the_customers_and_rows_set_aside_are_counted() {
    let service = Running::start(write("segments", &[lines()])).await;
    let (_, health) = service.ask("GET /health").await;
    assert_eq!((&health["customers"], &health["lines"], &health["rows_set_aside"]), (&3.into(), &6.into(), &1.into()));
    let (_, found) = service.ask("GET /segments").await;
    let customers: u64 =
        found["segments"].as_array().unwrap().iter().map(|row| row["customers"].as_u64().unwrap()).sum();
    assert_eq!(customers, 3);
    service.stop().await;
}

#[tokio::test]
async fn what_is_wrong_is_json_with_its_status() {
    let service = Running::start(write("wrong", &[lines()])).await;
    for (request, status, code) in [
        ("GET /customers/nobody", 404, "unknown_customer"),
        ("GET /elsewhere", 404, "unknown_path"),
        ("DELETE /segments", 405, "wrong_method"),
        ("GET /customers/%ff", 400, "unreadable_id"),
    ] {
        let (got, body) = service.ask(request).await;
        assert_eq!((got, &body["error"]["code"]), (status, &code.into()), "{request}");
    }
    service.stop().await;
}

#[tokio::test]
async fn a_new_file_is_read_on_reload_and_a_broken_one_leaves_the_book_in_use() {
    let path = write("reload", &[lines()]);
    let service = Running::start(path.clone()).await;
    let zoe = batch!("client" => ["zoe"], "day" => ["2024-01-20"], "paid" => [Some(1.0)]).unwrap();
    write("reload", &[lines(), zoe]);
    assert_eq!(service.ask("POST /reload").await.1["customers"], 4);

    std::fs::write(&path, "no parquet").unwrap();
    let (status, body) = service.ask("POST /reload").await;
    assert_eq!((status, &body["error"]["code"]), (500, &"not_loaded".into()));
    assert_eq!(service.ask("GET /customers/zoe").await.0, 200);
    service.stop().await;
}

#[tokio::test]
async fn a_saved_ledger_is_opened_and_the_newer_one_on_reload() {
    let path = place("saved.ledger");
    let save = |batches: &[RecordBatch]| {
        Ledger::from_batches(batches, &Roles::new("client", "day").amount("paid")).unwrap().save(&path).unwrap();
    };
    save(&[lines()]);
    let service = Running::within(Config { roles: Roles::default(), ..config(path.clone()) }, Limits::default()).await;
    assert_eq!(service.ask("GET /health").await.1["customers"], 3);
    save(&[lines(), batch!("client" => ["zoe"], "day" => ["2024-01-20"], "paid" => [Some(1.0)]).unwrap()]);
    assert_eq!(service.ask("GET /customers/zoe").await.0, 404);
    assert_eq!(service.ask("POST /reload").await.1["customers"], 4);
    service.stop().await;
}

#[test]
fn a_missing_file_and_a_wrong_column_are_named() {
    let missing = Shelf::open(config("nowhere.parquet".into())).err().unwrap();
    assert!(missing.to_string().starts_with("nowhere.parquet: "), "{missing}");
    let mut wrong = config(write("column", &[lines()]));
    wrong.roles = Roles::new("cliemt", "day").amount("paid");
    let error = Shelf::open(wrong).err().unwrap();
    assert!(matches!(error, Error::Ledger(_)) && error.to_string().contains("did you mean \"client\"?"), "{error}");
}

#[test]
fn the_settings_that_come_with_the_example_are_read() {
    let settings = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("service.toml");
    let config = Config::read(&settings).unwrap();
    assert_eq!(config.roles.order.as_deref(), Some("basket_id"));
    assert!(config.data.ends_with("data/complete_journey.parquet"));
}

/// Limits that a test can wait for.
fn short() -> Limits {
    let [head, connection, end] = [400, 3000, 500].map(Duration::from_millis);
    Limits { connections: 300, head, connection, end }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nine_hundred_slow_clients_do_not_keep_others_out() {
    let service = Running::within(config(write("slow", &[lines()])), short()).await;
    let address = service.address;
    let slow = spawn_blocking(move || {
        let open = |_| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(b"GET /health HTTP/1.1\r\nHost: te").unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            stream
        };
        (0..900).map(open).collect::<Vec<_>>()
    });
    let slow = slow.await.unwrap();
    let begun = Instant::now();
    assert_eq!(service.ask("GET /health").await.0, 200);
    assert!(begun.elapsed() < Duration::from_secs(15), "answered after {:?}", begun.elapsed());
    // All of them are turned away; none is left open.
    let ended = spawn_blocking(move || {
        let is_closed = |mut stream: TcpStream| {
            let mut rest = Vec::new();
            // A reset is an end, too; only waiting in vain is none.
            !matches!(stream.read_to_end(&mut rest), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
        };
        slow.into_iter().filter_map(|stream| is_closed(stream).then_some(())).count()
    });
    assert_eq!(ended.await.unwrap(), 900);
    service.stop().await;
}

#[tokio::test]
async fn the_service_ends_though_a_request_is_half_sent() {
    let service = Running::within(config(write("end", &[lines()])), short()).await;
    let mut half = TcpStream::connect(service.address).unwrap();
    half.write_all(b"POST /reload HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\nhalf").unwrap();
    let mut head = TcpStream::connect(service.address).unwrap();
    head.write_all(b"GET /hea").unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let begun = Instant::now();
    service.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(5), "ended after {:?}", begun.elapsed());
}

#[tokio::test]
async fn loading_again_asks_for_the_secret_where_there_is_one() {
    let asked = Config { secret: Some("open sesame".into()), ..config(write("secret", &[lines()])) };
    let service = Running::within(asked, Limits::default()).await;
    for (header, status) in
        [("", 403), ("\r\nAuthorization: Bearer open sesamf", 403), ("\r\nAuthorization: Bearer open sesame", 200)]
    {
        assert_eq!(
            service.ask(&format!("POST /reload HTTP/1.1\r\nX: y{header}\r\nIgnored:")).await.0,
            status,
            "{header}"
        );
    }
    service.stop().await;
}

#[test]
fn others_are_not_listened_to_without_a_secret() {
    let path = place("open.toml");
    let settings = |listen: &str, more: &str| {
        let roles = "[roles]\ncustomer = 'c'\ntime = 't'\namount = 'a'\n";
        let text = format!("listen = '{listen}'\ndata = 'x'\nhorizon = 30\nchance = 0.5\n{more}\n{roles}");
        std::fs::write(&path, text).unwrap();
        Config::read(&path).map(drop).map_err(|error| error.to_string())
    };
    for address in ["0.0.0.0:80", "[::]:80", "192.168.0.1:80"] {
        assert!(settings(address, "").unwrap_err().contains("set a secret for /reload"), "{address}");
        assert!(settings(address, "secret = ''").is_err() && settings(address, "secret = 'x'").is_ok(), "{address}");
    }
    assert!(settings("127.0.0.1:80", "").is_ok());
}
