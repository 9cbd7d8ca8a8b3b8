//! The service over a real socket: what it answers, how it refuses, how it loads again and how it ends.

#![allow(clippy::unwrap_used)] // A test may fail.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;

use leverkit::Roles;
use leverkit::core::{RecordBatch, batch};
use parquet::arrow::ArrowWriter;
use serde_json::Value;
use service::{Config, Error, Shelf, serve};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_blocking};

/// A file of its own for each test.
fn write(name: &str, batches: &[RecordBatch]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("leverkit-service-{}-{name}.parquet", std::process::id()));
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
    Config { listen: ([127, 0, 0, 1], 0).into(), data, roles, horizon: 7, chance: 0.8 }
}

struct Running {
    address: SocketAddr,
    end: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

impl Running {
    async fn start(data: PathBuf) -> Self {
        let shelf = Shelf::open(config(data)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = oneshot::channel();
        let served = tokio::spawn(serve(listener, shelf, async { ended.await.unwrap_or(()) }));
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
