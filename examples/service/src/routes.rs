//! The service's answers: JSON always, also where something is wrong.

use std::mem;
use std::sync::{Arc, PoisonError, RwLock};

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use crate::{Book, Card, Config, Error};

/// The book in use, and how to load the next.
#[derive(Clone)]
pub struct Shelf(Arc<Inner>);

struct Inner {
    config: Config,
    book: RwLock<Arc<Book>>,
    loading: Mutex<()>,
}

impl Shelf {
    /// A shelf with the book of that file.
    ///
    /// # Errors
    /// As [`Book::open`].
    pub fn open(config: Config) -> Result<Self, Error> {
        let book = RwLock::new(Arc::new(Book::open(&config)?));
        Ok(Self(Arc::new(Inner { config, book, loading: Mutex::new(()) })))
    }

    /// The book in use. Who holds it may go on reading while the next takes its place.
    fn book(&self) -> Arc<Book> {
        self.0.book.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Loads the next book and puts it in the place of the former one, which is taken apart when no request waits for the lock: with many customers that takes
    /// as long as many requests.
    fn load(&self) -> Result<(), Error> {
        let next = Arc::new(Book::open(&self.0.config)?);
        let former = mem::replace(&mut *self.0.book.write().unwrap_or_else(PoisonError::into_inner), next);
        drop(former);
        Ok(())
    }
}

/// What a request can be refused for.
enum Problem {
    UnknownCustomer(String),
    UnreadableId,
    UnknownPath,
    WrongMethod,
    Forbidden,
    Loading,
    NotLoaded(String),
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, message) = match self {
            Self::UnknownCustomer(id) => {
                (StatusCode::NOT_FOUND, "unknown_customer", format!("no order line is of customer {id:?}"))
            }
            Self::UnreadableId => {
                (StatusCode::BAD_REQUEST, "unreadable_id", "the customer's id is no UTF-8, percent-encoded".to_owned())
            }
            Self::Forbidden => {
                let message = "set Authorization: Bearer and the secret of the service's settings".to_owned();
                (StatusCode::FORBIDDEN, "forbidden", message)
            }
            Self::UnknownPath => {
                let paths = "GET /health, GET /segments, GET /customers/{id}, POST /reload";
                (StatusCode::NOT_FOUND, "unknown_path", format!("there are {paths}"))
            }
            Self::WrongMethod => {
                (StatusCode::METHOD_NOT_ALLOWED, "wrong_method", "the path takes another method".to_owned())
            }
            Self::Loading => (StatusCode::CONFLICT, "loading", "the file is being loaded already".to_owned()),
            Self::NotLoaded(reason) => {
                let message = format!("the former book stays in use: {reason}");
                (StatusCode::INTERNAL_SERVER_ERROR, "not_loaded", message)
            }
        };
        (status, Json(json!({ "error": { "code": code, "message": message } }))).into_response()
    }
}

// --8<-- [start:router]
/// The service's paths.
pub fn router(shelf: Shelf) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/segments", get(segments))
        .route("/customers/{id}", get(customer))
        .route("/reload", post(reload))
        .fallback(async || Problem::UnknownPath)
        .method_not_allowed_fallback(async || Problem::WrongMethod)
        .with_state(shelf)
}

async fn customer(State(shelf): State<Shelf>, id: Result<Path<String>, PathRejection>) -> Result<Json<Card>, Problem> {
    let Path(id) = id.map_err(|_| Problem::UnreadableId)?;
    shelf.book().customers.get(&id).cloned().map(Json).ok_or(Problem::UnknownCustomer(id))
}
// --8<-- [end:router]

async fn health(State(shelf): State<Shelf>) -> Json<Value> {
    let book = shelf.book();
    Json(json!({
        "status": "ok",
        "as_of": book.as_of,
        "customers": book.customers.len(),
        "lines": book.lines,
        "rows_set_aside": book.rows_set_aside,
    }))
}

async fn segments(State(shelf): State<Shelf>) -> Json<Value> {
    let book = shelf.book();
    Json(json!({ "as_of": book.as_of, "segments": book.segments, "notes": book.notes }))
}

/// Loads the file again, beside the requests; the former book stays in use until the new one is whole.
async fn reload(State(shelf): State<Shelf>, headers: HeaderMap) -> Result<Json<Value>, Problem> {
    if !may_reload(&shelf.0.config, &headers) {
        return Err(Problem::Forbidden);
    }
    let _one_at_a_time = shelf.0.loading.try_lock().map_err(|_| Problem::Loading)?;
    let own = shelf.clone();
    match spawn_blocking(move || own.load()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(Problem::NotLoaded(error.to_string())),
        Err(error) => return Err(Problem::NotLoaded(error.to_string())),
    }
    Ok(health(State(shelf.clone())).await)
}

/// Whether the request knows the secret, where there is one. All of it is looked at, so that time tells nothing.
fn may_reload(config: &Config, headers: &HeaderMap) -> bool {
    let Some(secret) = &config.secret else { return true };
    let wanted = format!("Bearer {secret}");
    let given = headers.get(header::AUTHORIZATION).map_or(&[][..], |value| value.as_bytes());
    let differences = given.iter().zip(wanted.as_bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
    given.len() == wanted.len() && differences == 0
}
