//! The ids of a ledger's orders, which only few analyses ask for.

use std::fmt::Debug;
use std::panic::RefUnwindSafe;
use std::sync::Arc;

use crate::{Column, Error};

/// Where a column is that is read when somebody asks for it.
pub(crate) trait Filed: Debug + Send + Sync + RefUnwindSafe {
    fn column(&self) -> Result<Column, Error>;
}

/// The ids of the orders: at hand, or in a file.
#[derive(Debug, Clone)]
pub(crate) enum OrderIds {
    Here(Column),
    Filed(Arc<dyn Filed>),
}

impl OrderIds {
    pub(crate) fn column(&self) -> Result<Column, Error> {
        match self {
            Self::Here(column) => Ok(column.clone()),
            Self::Filed(file) => file.column(),
        }
    }
}
