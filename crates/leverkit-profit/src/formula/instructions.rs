//! The compiled program as data, for an interpreter elsewhere: a page computes what the engine computes, operation by operation.

use serde::Serialize;

use super::Formula;
use super::expression::Operator;
use super::program::Operation;

/// One operation, whose result is the register of its position; it needs only earlier ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Instruction {
    /// `["parameter", position]`.
    Parameter(&'static str, usize),
    /// `["number", value]`.
    Number(&'static str, f64),
    /// `["add", left, right]`, and so on: the registers that are joined.
    Join(&'static str, usize, usize),
}

/// A compiled formula as data.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Instructions {
    /// The operations, in an order in which each needs only earlier ones.
    pub operations: Vec<Instruction>,
    /// The names of the parameters, by position.
    pub parameters: Vec<String>,
    /// The expressions with their registers, in the order of the file.
    pub expressions: Vec<(String, usize)>,
    /// The expression that is revenue.
    pub revenue: String,
    /// The expression that is profit.
    pub profit: String,
}

impl Formula {
    /// The compiled program as data: run in order, it gives what [`Formula::point`] gives, to the last bit.
    ///
    /// ```
    /// use leverkit_profit::{Formula, Instruction};
    /// let program = Formula::from_expressions("margin", &[("profit", "(price - 2) * units")])?.instructions();
    /// assert_eq!(program.parameters, ["price", "units"]);
    /// assert_eq!(program.operations[2..], [
    ///     Instruction::Number("number", 2.0),
    ///     Instruction::Join("subtract", 0, 2),
    ///     Instruction::Join("multiply", 3, 1),
    /// ]);
    /// assert_eq!(program.expressions, [("profit".to_owned(), 4)]);
    /// # Ok::<(), leverkit_profit::Error>(())
    /// ```
    pub fn instructions(&self) -> Instructions {
        let names = self.text.expression.iter().map(|node| node.name.clone());
        Instructions {
            operations: self.program.operations.iter().map(instruction).collect(),
            parameters: self.text.parameter.iter().map(|parameter| parameter.name.clone()).collect(),
            expressions: names.zip(self.registers.iter().copied()).collect(),
            revenue: self.text.revenue.clone(),
            profit: self.text.profit.clone(),
        }
    }
}

fn instruction(operation: &Operation) -> Instruction {
    match *operation {
        Operation::Parameter(position) => Instruction::Parameter("parameter", position),
        Operation::Number(value) => Instruction::Number("number", value),
        Operation::Binary(operator, left, right) => Instruction::Join(word(operator), left, right),
    }
}

fn word(operator: Operator) -> &'static str {
    match operator {
        Operator::Add => "add",
        Operator::Subtract => "subtract",
        Operator::Multiply => "multiply",
        Operator::Divide => "divide",
        Operator::Min => "min",
        Operator::Max => "max",
    }
}
