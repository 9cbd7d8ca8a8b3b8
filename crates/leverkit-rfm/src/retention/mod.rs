//! Keeping customers: how long they may be silent, what keeps them loyal, whom to call, how they move between segments and stay.

mod cohorts;
mod gaps;
mod grouping;
mod limit_day;
mod migration;
mod norms;
mod panel;
mod params;
mod rhythm;
mod table;
mod tenure;
mod tried;
mod triggers;

pub use cohorts::{CohortCell, CohortCounts, Cohorts, cohorts};
pub use limit_day::{CustomerLimit, GroupLimit, LimitDays, limit_day};
pub use migration::{Flow, Migration, migration};
pub use norms::{Norm, Norms, norms};
pub use panel::NormWindow;
pub use params::{CohortParams, LimitDayBy, LimitDayParams, MigrationParams, NormParams, TenureParams, TriggerParams};
pub use rhythm::Rhythm;
pub use tenure::{Tenure, TenureRow, tenure};
pub use triggers::{Trigger, TriggerRow, Triggers, triggers};
