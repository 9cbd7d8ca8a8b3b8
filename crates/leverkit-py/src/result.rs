//! Classes of Python over what the engines found: one macro writes what all of them have, another the functions that make them.

use leverkit::core::LeftOut;

/// Rows left out: why, how many, the first of them, and their money.
pub(crate) type RowsLeftOut = (&'static str, u64, u64, Option<f64>);

pub(crate) fn rows_left_out(found: &[LeftOut]) -> Vec<RowsLeftOut> {
    found.iter().map(|left| (left.reason.text(), left.rows, left.first_row, left.money)).collect()
}

/// Writes the class of a result as [`class!`] does, with what all that has `leverkit::core::Tables` can tell.
///
/// ```ignore
/// result! {
///     /// Whom to call in a range of days.
///     Triggers of leverkit::rfm::Triggers {
///         /// The first day of the range.
///         start: String = |found| format_day(found.start);
///     }
/// }
/// ```
macro_rules! result {
    ($(#[$about:meta])* $class:ident of $engine:ty { $($value:tt)* } $(impl { $($method:tt)* })?) => {
        crate::class::class! {
            $(#[$about])*
            $class of $engine { $($value)* }
            impl {
                /// A table by its name.
                fn table(&self, py: pyo3::Python<'_>, name: String) -> pyo3::PyResult<crate::frame::Frame> {
                    crate::call::ask(py, &self.0, move |found| leverkit::core::Tables::table(found, &name))
                }

                /// The names of its tables, the main one first.
                #[getter]
                fn tables(&self) -> Vec<&'static str> {
                    <$engine as leverkit::core::Tables>::TABLES.to_vec()
                }

                /// What to know before using the numbers.
                #[getter]
                fn notes(&self) -> Vec<String> {
                    leverkit::core::Tables::notes(&*self.0).to_vec()
                }

                /// The rows that were left out, by reason.
                #[getter]
                fn left_out(&self) -> Vec<crate::result::RowsLeftOut> {
                    crate::result::rows_left_out(leverkit::core::Tables::left_out(&*self.0))
                }

                $($($method)*)?
            }
        }
    };
}

/// Writes functions that run analyses of a ledger, or of a table with the columns that their parameters name, with keyword arguments;
/// for those of a ledger also `defaults`, which [`crate::defaults`] gathers. An analysis with counts of its own is concluded from them, too.
///
/// ```ignore
/// analyses! {
///     /// Lists triggers.
///     triggers(ledger) -> Triggers = leverkit::rfm::triggers;
///     /// Follows cohorts.
///     cohorts(ledger) -> Cohorts = leverkit::rfm::cohorts, by leverkit::rfm::CohortCounts;
/// }
/// analyses! {
///     /// Where own prices stand.
///     position(table: PositionParams) -> Position = leverkit::pricing::position;
/// }
/// ```
macro_rules! analyses {
    (@function [$($about:tt)*] $name:ident $class:ident $analysis:path) => {
        $($about)*
        #[pyo3::pyfunction]
        #[pyo3(signature = (ledger, **given))]
        pub(crate) fn $name(
            py: pyo3::Python<'_>,
            ledger: &crate::ledger::Ledger,
            given: Option<crate::args::Given<'_, '_>>,
        ) -> pyo3::PyResult<$class> {
            crate::args::analyse(py, &ledger.0, given, $analysis)
        }
    };
    (@function [$($about:tt)*] $name:ident $class:ident $analysis:path, $counts:ty) => { // The analysis is its counts, concluded.
        $($about)*
        #[pyo3::pyfunction]
        #[pyo3(signature = (ledger, **given))]
        pub(crate) fn $name(
            py: pyo3::Python<'_>,
            ledger: crate::counts::Source<'_>,
            given: Option<crate::args::Given<'_, '_>>,
        ) -> pyo3::PyResult<$class> {
            crate::counts::conclude::<$counts, _>(py, &ledger, given)
        }
    };
    ($($(#[$about:meta])* $name:ident(ledger) -> $class:ident = $analysis:path $(, by $counts:ty)?;)+) => {
        $(
            crate::result::analyses! { @function [$(#[$about])*] $name $class $analysis $(, $counts)? }
        )+

        /// The defaults of these analyses.
        pub(crate) fn defaults(py: pyo3::Python<'_>) -> pyo3::PyResult<Vec<crate::args::NamedDefaults<'_>>> {
            Ok(vec![$(crate::args::defaults_of_analysis(py, module_path!(), stringify!($name), $analysis)?),+])
        }
    };
    ($($(#[$about:meta])* $name:ident(table: $params:ty) -> $class:ident = $analysis:path;)+) => {
        $(
            $(#[$about])*
            #[pyo3::pyfunction]
            #[pyo3(signature = (data, **given))]
            pub(crate) fn $name(
                py: pyo3::Python<'_>,
                data: &pyo3::Bound<'_, pyo3::PyAny>,
                given: Option<crate::args::Given<'_, '_>>,
            ) -> pyo3::PyResult<$class> {
                crate::args::analyse_table(py, data, given, <$params>::columns, $analysis)
            }
        )+
    };
}
pub(crate) use {analyses, result};
