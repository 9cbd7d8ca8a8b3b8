//! Connections: how many there may be, how long each may take, and how they end. What is answered is left to the routes.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::{Shelf, router};

/// What a client may take of the service.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at once; more wait in the system's queue.
    pub connections: usize,
    /// Until the head of a request has come, also of the next one on a connection.
    pub head: Duration,
    /// Of a connection as a whole, with all its requests and answers.
    pub connection: Duration,
    /// After the end was asked for, until what is still under way is cut off.
    pub end: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let [head, connection, end] = [5, 60, 10].map(Duration::from_secs);
        Self { connections: 512, head, connection, end }
    }
}

/// Answers until `end` comes, then finishes the requests that are under way, for as long as the limits allow.
///
/// # Errors
/// The system's, where it has no more time to tell.
pub async fn serve(
    listener: TcpListener,
    shelf: Shelf,
    limits: Limits,
    end: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (app, places) = (router(shelf), Arc::new(Semaphore::new(limits.connections)));
    let (stop, stopped) = watch::channel(false);
    let mut connections = JoinSet::new();
    tokio::pin!(end);
    loop {
        let (stream, place) = tokio::select! {
            next = next(&listener, &places) => next,
            () = &mut end => break,
        };
        connections.spawn(answer(stream, app.clone(), limits, stopped.clone(), place));
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    // Nobody listens where there is no connection.
    let _ = stop.send(true);
    let rest = async { while connections.join_next().await.is_some() {} };
    // What is left is cut off with the set.
    let _ = timeout(limits.end, rest).await;
    Ok(())
}

/// The next connection, as soon as there is a place for it.
async fn next(listener: &TcpListener, places: &Arc<Semaphore>) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            // Too many open files, or a client that left: both pass.
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn answer(
    stream: TcpStream,
    app: Router,
    limits: Limits,
    mut stopped: watch::Receiver<bool>,
    _place: Option<OwnedSemaphorePermit>,
) {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = sleep(limits.connection) => return,
        _ = stopped.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(limits.end, connection).await;
}
