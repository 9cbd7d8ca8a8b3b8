//! What the service is told, as TOML.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use leverkit::Roles;
use serde::Deserialize;

use crate::Error;

/// The settings of the service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// A saved ledger, or a Parquet file of order lines; a relative path is one beside the settings.
    pub data: PathBuf,
    /// Which column of the file plays which role; a saved ledger knows its roles.
    #[serde(default)]
    pub roles: Roles,
    /// Days within which a return counts.
    pub horizon: u32,
    /// The chance of return under which a customer is a cold lead.
    pub chance: f64,
    /// What `POST /reload` asks for; needed where others than this machine are listened to.
    #[serde(default)]
    pub secret: Option<String>,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// [`Error::Config`] where the file cannot be read, or holds something else; or it listens to others without a secret.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let wrong = |reason: String| Error::Config { path: path.to_owned(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let mut config: Self = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        if !config.listen.ip().is_loopback() && config.secret.as_ref().is_none_or(String::is_empty) {
            return Err(wrong(format!("listen is {}, which others reach: set a secret for /reload", config.listen)));
        }
        config.data = path.parent().unwrap_or(Path::new(".")).join(config.data);
        Ok(config)
    }
}
