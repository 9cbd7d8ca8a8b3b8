//! Classes of Python over values of the engines.

/// Writes the Python class of a value of an engine: shared, frozen, with plain values as attributes, and methods.
///
/// ```ignore
/// class! {
///     /// Events of entities.
///     EventLog of leverkit::funnel::EventLog {
///         n_events: usize = |log| log.n_events();
///     }
///     impl {
///         #[staticmethod]
///         fn from_ledger(py: Python<'_>, ledger: &Ledger) -> PyResult<Self> { … }
///     }
/// }
/// ```
macro_rules! class {
    (
        $(#[$about:meta])*
        $class:ident of $engine:ty {
            $($(#[$meaning:meta])* $value:ident: $kind:ty = |$found:ident| $get:expr;)*
        }
        impl { $($method:tt)* }
    ) => {
        $(#[$about])*
        #[pyo3::pyclass(frozen, module = "leverkit._engine")]
        pub(crate) struct $class(pub(crate) std::sync::Arc<$engine>);

        impl From<$engine> for $class {
            fn from(found: $engine) -> Self {
                Self(std::sync::Arc::new(found))
            }
        }

        #[pyo3::pymethods]
        impl $class {
            $(
                $(#[$meaning])*
                #[getter]
                fn $value(&self) -> $kind {
                    let $found = &*self.0;
                    $get
                }
            )*

            $($method)*
        }
    };
}

pub(crate) use class;
