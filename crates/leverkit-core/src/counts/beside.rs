//! Tables that an analysis takes beside what is counted, such as who joined a programme: the same in all parts, they travel with each, and one copy stays.

use arrow_array::RecordBatch;

use super::envelope::Sections;
use crate::{Error, Table};

/// How the names of their sections begin.
const BESIDE: &str = "beside ";

/// Tables by the names of the analysis' parameters.
#[derive(Debug, Clone, Default)]
pub(super) struct Beside(pub(super) Vec<(String, Table)>);

impl Beside {
    pub(super) fn write(&self) -> Result<Vec<(String, RecordBatch)>, Error> {
        self.0.iter().map(|(name, table)| Ok((format!("{BESIDE}{name}"), table.to_batch()?))).collect()
    }

    pub(super) fn read(sections: &Sections) -> Self {
        let of_name = |(name, table): (&str, &Table)| Some((name.strip_prefix(BESIDE)?.to_owned(), table.clone()));
        Self(sections.all().filter_map(of_name).collect())
    }

    pub(super) fn check_same(&self, other: &Self) -> Result<(), Error> {
        let names = |beside: &Self| beside.0.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        let (own, others) = (names(self), names(other));
        if own != others {
            let problem = format!("some counts have the tables {own:?} beside them, others {others:?}");
            return Err(Error::counts(&problem, "give all parts the same tables"));
        }
        for ((name, own), (_, other)) in self.0.iter().zip(&other.0) {
            if own.to_batch()? != other.to_batch()? {
                let problem = format!("{name}: some counts have another table beside them than others");
                return Err(Error::counts(&problem, "give all parts the same table, whole and in one order"));
            }
        }
        Ok(())
    }
}
