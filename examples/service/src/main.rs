//! `leverkit-service service.toml`: loads what the settings name and answers until Ctrl-C or SIGTERM.

use std::path::Path;
use std::process::ExitCode;

use service::{Config, Limits, Shelf, serve};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: leverkit-service SETTINGS.toml");
        return ExitCode::from(2);
    };
    match run(Path::new(&path)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("leverkit-service: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(settings: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::read(settings)?;
    let address = config.listen;
    let shelf = Shelf::open(config)?;
    let listener = TcpListener::bind(address).await?;
    eprintln!("listening on http://{}", listener.local_addr()?);
    let mut terminate = signal(SignalKind::terminate())?;
    let end = async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    };
    serve(listener, shelf, Limits::default(), end).await?;
    Ok(())
}
