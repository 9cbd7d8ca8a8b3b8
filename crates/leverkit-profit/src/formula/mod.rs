//! The formula as data: parameters and expressions, read from TOML, checked once and compiled; and what it tells of one scenario.

pub(crate) mod attribution;
mod compile;
mod expression;
pub(crate) mod goal;
mod instructions;
pub(crate) mod lift;
mod logarithm;
mod parameter;
pub(crate) mod program;
pub(crate) mod segments;
mod sides;
pub(crate) mod table;

use leverkit_core::stats::budget::Watched;
use leverkit_core::{nearest, zeros};
use rayon::prelude::*;

use crate::Error;
use compile::{Compiled, Text};
use expression::Expression;
use program::{Program, WIDTH};
use sides::stretches;

pub use compile::NamedExpression;
pub use instructions::{Instruction, Instructions};
pub use parameter::{Direction, Kind, Parameter};

const FULL: &str = include_str!("../../formulas/full.toml");
const MINIMAL: &str = include_str!("../../formulas/minimal.toml");

/// A formula of profit: named parameters, and expressions that are checked and compiled once.
///
/// ```
/// use leverkit_profit::Formula;
/// let formula = Formula::minimal();
/// let values = [1000.0, 0.1, 50.0, 2.0];
/// assert_eq!(formula.profit(&values)?, 10_000.0);
/// assert_eq!(Formula::full().parameters().len(), 22);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Formula {
    text: Text,
    /// The expressions in an order in which each needs only earlier ones.
    order: Vec<usize>,
    /// The register of each expression.
    registers: Vec<usize>,
    program: Program,
}

impl Formula {
    /// The full formula of 22 parameters.
    pub fn full() -> Self {
        // The shipped files are read by a test.
        Self::from_toml(FULL).unwrap_or_else(|error| unreachable!("{error}"))
    }

    /// The minimal formula: leads × conversion × price × quantity.
    pub fn minimal() -> Self {
        Self::from_toml(MINIMAL).unwrap_or_else(|error| unreachable!("{error}"))
    }

    /// Reads a formula: `name`, the expressions that are `revenue` and `profit`, `[[parameter]]` and `[[expression]]` tables.
    ///
    /// # Errors
    /// [`Error::Syntax`] for text that is no formula, [`Error::UnknownName`] with the nearest name, [`Error::Circular`] for expressions that
    /// need each other, and [`Error::Syntax`] where money is added to what is no money.
    ///
    /// ```
    /// use leverkit_profit::Formula;
    /// let text = "name = 'x'\nrevenue = 'r'\nprofit = 'r'\n[[parameter]]\nname = 'price'\nkind = 'money'\n[[expression]]\nname = 'r'\nformula = 'prise * 2'";
    /// let error = Formula::from_toml(text).unwrap_err();
    /// assert_eq!(error.to_string(), "r: unknown name \"prise\"; did you mean \"price\"?");
    /// ```
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let text: Text = toml::from_str(text).map_err(|error| Error::syntax("formula", error.message()))?;
        Self::compile(text)
    }

    /// A formula from named expressions alone. Names that are no expression are its parameters, of kind `number`, in order of first use.
    /// Profit is the expression `profit`, or the last; revenue the expression `revenue`, or profit.
    ///
    /// # Errors
    /// As [`Formula::from_toml`].
    ///
    /// ```
    /// use leverkit_profit::Formula;
    /// let formula = Formula::from_expressions("margin", &[("revenue", "price * units"), ("profit", "revenue - cost * units")])?;
    /// assert_eq!(formula.parameters().iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["price", "units", "cost"]);
    /// assert_eq!(formula.profit(&[5.0, 10.0, 3.0])?, 20.0);
    /// # Ok::<(), leverkit_profit::Error>(())
    /// ```
    pub fn from_expressions(name: &str, expressions: &[(&str, &str)]) -> Result<Self, Error> {
        let mut parameter: Vec<Parameter> = Vec::new();
        for (place, formula) in expressions {
            for name in Expression::parse(place, formula)?.names() {
                let known = expressions.iter().any(|(other, _)| *other == name);
                if !known && !parameter.iter().any(|other| other.name == name) {
                    parameter.push(Parameter::number(name));
                }
            }
        }
        let last = expressions.last().map_or("profit", |(name, _)| *name);
        let named = |name: &str, other: &str| {
            if expressions.iter().any(|(known, _)| *known == name) { name.to_owned() } else { other.to_owned() }
        };
        let profit = named("profit", last);
        let revenue = named("revenue", &profit);
        let expression = expressions
            .iter()
            .map(|(name, formula)| NamedExpression {
                name: (*name).into(),
                unit: String::new(),
                formula: (*formula).into(),
            })
            .collect();
        Self::compile(Text { name: name.into(), revenue, profit, parameter, expression })
    }

    /// The values of the parameters in the order of the formula, from named ones.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that is no parameter, [`Error::Missing`] for a parameter without a value.
    ///
    /// ```
    /// use leverkit_profit::Formula;
    /// let formula = Formula::from_expressions("margin", &[("profit", "(price - cost) * units")])?;
    /// let values = formula.values(&[("units".into(), 10.0), ("cost".into(), 3.0), ("price".into(), 5.0)])?;
    /// assert_eq!(values, [5.0, 3.0, 10.0]);
    /// let error = formula.values(&[("unit".into(), 10.0)]).unwrap_err();
    /// assert_eq!(error.to_string(), r#"parameter: unknown name "unit"; did you mean "units"?"#);
    /// # Ok::<(), leverkit_profit::Error>(())
    /// ```
    pub fn values(&self, named: &[(String, f64)]) -> Result<Vec<f64>, Error> {
        named.iter().try_for_each(|(name, _)| self.position(name).map(|_| ()))?;
        self.text.parameter.iter().map(|parameter| self.value_of(parameter, named)).collect()
    }

    fn value_of(&self, parameter: &Parameter, named: &[(String, f64)]) -> Result<f64, Error> {
        let found = named.iter().find(|(name, _)| *name == parameter.name);
        found.map(|(_, value)| *value).ok_or_else(|| self.missing(&parameter.name))
    }

    /// The error of a parameter without a value.
    pub(crate) fn missing(&self, parameter: &str) -> Error {
        let names: Vec<&str> = self.text.parameter.iter().map(|parameter| parameter.name.as_str()).collect();
        Error::Missing { parameter: parameter.into(), needed: names.join(", ") }
    }

    fn compile(text: Text) -> Result<Self, Error> {
        let Compiled { order, registers, program } = text.compile()?;
        Ok(Self { text, order, registers, program })
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.text.name
    }

    /// The parameters.
    pub fn parameters(&self) -> &[Parameter] {
        &self.text.parameter
    }

    /// The expressions, as they stand in the file.
    pub fn expressions(&self) -> &[NamedExpression] {
        &self.text.expression
    }

    /// The expressions' positions in an order in which each needs only earlier ones.
    ///
    /// ```
    /// use leverkit_profit::Formula;
    /// let formula = Formula::from_expressions("margin", &[("profit", "sales - cost"), ("sales", "price * units")])?;
    /// // Sales stand second, and come first.
    /// assert_eq!((formula.order(), formula.profit_name()), (&[1, 0][..], "profit"));
    /// # Ok::<(), leverkit_profit::Error>(())
    /// ```
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// The position of the parameter of this name.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with the nearest name.
    pub fn position(&self, name: &str) -> Result<usize, Error> {
        let names = self.text.parameter.iter().map(|parameter| parameter.name.as_str());
        self.text.parameter.iter().position(|parameter| parameter.name == name).ok_or_else(|| Error::UnknownName {
            place: "parameter".into(),
            name: name.into(),
            nearest: nearest(name, names),
        })
    }

    /// The position of the expression of this name. `profit` and `revenue` are the formula's own where no expression is called so.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with the nearest name.
    ///
    /// ```
    /// use leverkit_profit::Formula;
    /// let formula = Formula::from_expressions("margin", &[("sales", "price * units"), ("profit", "sales - cost")])?;
    /// let values = [5.0, 10.0, 30.0];
    /// assert_eq!((formula.position("cost")?, formula.node("profit")?), (2, 1));
    /// assert_eq!(formula.point(&values)?[formula.node("sales")?], 50.0);
    /// # Ok::<(), leverkit_profit::Error>(())
    /// ```
    pub fn node(&self, name: &str) -> Result<usize, Error> {
        let position = |name: &str| self.text.expression.iter().position(|node| node.name == name);
        let stands_for = match name {
            "profit" => position(&self.text.profit),
            "revenue" => position(&self.text.revenue),
            _ => None,
        };
        position(name).or(stands_for).ok_or_else(|| Error::UnknownName {
            place: "expression".into(),
            name: name.into(),
            nearest: nearest(name, self.text.expression.iter().map(|node| node.name.as_str())),
        })
    }

    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    /// The expression that is profit.
    pub fn profit_name(&self) -> &str {
        &self.text.profit
    }

    pub(crate) fn register(&self, node: usize) -> usize {
        self.registers[node]
    }

    pub(crate) fn revenue_register(&self) -> usize {
        self.register_of(&self.text.revenue)
    }

    pub(crate) fn profit_register(&self) -> usize {
        self.register_of(&self.text.profit)
    }

    fn register_of(&self, name: &str) -> usize {
        // Checked when compiled.
        self.text.expression.iter().position(|node| node.name == name).map_or(0, |node| self.registers[node])
    }

    /// Checks the values of one scenario, in the order of the parameters.
    ///
    /// # Errors
    /// [`Error::Missing`] for too few values, [`Error::Value`] for one out of its bounds.
    ///
    /// ```
    /// use leverkit_profit::Formula;
    /// let formula = Formula::minimal();
    /// let share = formula.position("conversion")?;
    /// let mut values = vec![1000.0, 0.1, 50.0, 2.0];
    /// assert!(formula.check(&values).is_ok());
    /// values[share] = 1.1;
    /// assert!(formula.check(&values).unwrap_err().to_string().starts_with("conversion"));
    /// # Ok::<(), leverkit_profit::Error>(())
    /// ```
    pub fn check(&self, values: &[f64]) -> Result<(), Error> {
        self.check_count(values.len())?;
        self.text.parameter.iter().zip(values).try_for_each(|(parameter, &value)| parameter.check(value, 0))
    }

    /// Checks that there are values for all parameters.
    fn check_count(&self, values: usize) -> Result<(), Error> {
        self.text.parameter.get(values).map_or(Ok(()), |parameter| Err(self.missing(&parameter.name)))
    }

    /// Checks columns of values, one for each parameter.
    pub(crate) fn check_columns(&self, columns: &[&[f64]]) -> Result<(), Error> {
        self.check_count(columns.len())?;
        for (parameter, column) in self.text.parameter.iter().zip(columns) {
            let allows = parameter.allows();
            // Columns are whole as a rule; the row that is not is looked for afterwards.
            let is_odd = |stretch: &[f64]| stretch.iter().fold(false, |wrong, &value| wrong | !allows(value));
            if column.par_chunks(WIDTH).with_min_len(64).any(is_odd) {
                column.iter().enumerate().try_for_each(|(row, &value)| parameter.check(value, row))?;
            }
        }
        Ok(())
    }

    /// All expressions of one scenario, in the order of the file.
    ///
    /// # Errors
    /// As [`Formula::check`], and [`Error::NotFinite`] for a result that is no finite number.
    pub fn point(&self, values: &[f64]) -> Result<Vec<f64>, Error> {
        self.check(values)?;
        let registers = self.program.point(values);
        let results: Vec<f64> = self.registers.iter().map(|&register| registers[register]).collect();
        for (node, &got) in self.text.expression.iter().zip(&results) {
            check_finite(&node.name, 0, got)?;
        }
        Ok(results)
    }

    /// The profit of one scenario.
    ///
    /// # Errors
    /// As [`Formula::point`].
    pub fn profit(&self, values: &[f64]) -> Result<f64, Error> {
        self.point(values)?;
        Ok(self.program.point(values)[self.profit_register()])
    }

    /// The derivatives of profit with respect to each parameter, exact.
    ///
    /// # Errors
    /// As [`Formula::point`].
    ///
    /// ```
    /// use leverkit_profit::Formula;
    /// let formula = Formula::from_expressions("margin", &[("profit", "(price - cost) * units")])?;
    /// // One more in price is worth the units, one more unit the margin.
    /// assert_eq!(formula.gradient(&[5.0, 3.0, 10.0])?, [10.0, -10.0, 2.0]);
    /// # Ok::<(), leverkit_profit::Error>(())
    /// ```
    pub fn gradient(&self, values: &[f64]) -> Result<Vec<f64>, Error> {
        self.point(values)?;
        let registers = self.program.point(values);
        let profit = self.profit_register();
        Ok((0..values.len()).map(|parameter| self.program.derivative(&registers, parameter)[profit]).collect())
    }

    /// All expressions over columns of scenarios: `columns[parameter][row]` in, `results[expression][row]` out.
    ///
    /// # Errors
    /// As [`Formula::point`]; rows are counted from 0.
    ///
    /// ```
    /// use leverkit_profit::Formula;
    /// let formula = Formula::from_expressions("margin", &[("sales", "price * units"), ("profit", "sales - cost")])?;
    /// let results = formula.evaluate(&[&[5.0, 6.0], &[10.0, 9.0], &[30.0, 30.0]])?;
    /// assert_eq!(results, [[50.0, 54.0], [20.0, 24.0]]);
    /// # Ok::<(), leverkit_profit::Error>(())
    /// ```
    pub fn evaluate(&self, columns: &[&[f64]]) -> Result<Vec<Vec<f64>>, Error> {
        self.evaluate_nodes(columns, &(0..self.registers.len()).collect::<Vec<_>>())
    }

    /// Some expressions, by their places.
    pub(crate) fn evaluate_nodes(&self, columns: &[&[f64]], nodes: &[usize]) -> Result<Vec<Vec<f64>>, Error> {
        let rows = columns.first().map_or(0, |column| column.len());
        self.check_columns(columns)?;
        let mut results: Vec<Vec<f64>> = nodes.iter().map(|_| zeros(rows)).collect();
        stretches(&mut results).into_par_iter().watched().enumerate().for_each_init(
            || self.program.registers(),
            |registers, (stretch, mut parts)| {
                let rows = stretch * WIDTH..rows.min((stretch + 1) * WIDTH);
                self.program.run(registers, |parameter, out| {
                    out[..rows.len()].copy_from_slice(&columns[parameter][rows.clone()]);
                });
                for (part, &node) in parts.iter_mut().zip(nodes) {
                    part.copy_from_slice(&registers.get(self.registers[node])[..rows.len()]);
                }
            },
        );
        for (&node, column) in nodes.iter().zip(&results) {
            let is_finite = |stretch: &[f64]| stretch.iter().all(|got| got.is_finite());
            if !column.par_chunks(WIDTH).with_min_len(64).all(is_finite) {
                let name = &self.text.expression[node].name;
                column.iter().enumerate().try_for_each(|(row, &got)| check_finite(name, row, got))?;
            }
        }
        Ok(results)
    }
}

fn check_finite(node: &str, row: usize, got: f64) -> Result<(), Error> {
    if got.is_finite() { Ok(()) } else { Err(Error::NotFinite { node: node.into(), row, got }) }
}
