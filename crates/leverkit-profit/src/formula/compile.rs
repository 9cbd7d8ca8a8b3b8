//! The formula's text: what it may say, and how it is compiled to a program.

use leverkit_core::nearest;
use serde::{Deserialize, Serialize};

use super::expression::{Expression, Operator};
use super::parameter::{Kind, Parameter};
use super::program::{Operation, Program};
use crate::Error;

/// How deep expressions may need each other: more than anyone writes, and within the smallest stack of a thread.
const MOST_LEVELS: usize = 100;

/// A named expression over parameters and other expressions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedExpression {
    /// The name.
    pub name: String,
    /// The unit in words.
    #[serde(default)]
    pub unit: String,
    /// The expression as text.
    pub formula: String,
}

/// The formula as it stands in a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    pub(super) name: String,
    pub(super) revenue: String,
    pub(super) profit: String,
    pub(super) parameter: Vec<Parameter>,
    pub(super) expression: Vec<NamedExpression>,
}

/// What a text is compiled to.
pub(super) struct Compiled {
    /// The expressions in an order in which each needs only earlier ones.
    pub(super) order: Vec<usize>,
    /// The register of each expression.
    pub(super) registers: Vec<usize>,
    pub(super) program: Program,
}

impl Text {
    /// Checks the text and compiles it.
    pub(super) fn compile(&self) -> Result<Compiled, Error> {
        check_names(self)?;
        let parse = |node: &NamedExpression| Expression::parse(&node.name, &node.formula);
        let trees: Vec<Expression> = self.expression.iter().map(parse).collect::<Result<_, _>>()?;
        let order = order(self, &trees)?;
        let mut compiler =
            Compiler { text: self, program: Program::default(), known: vec![None; self.expression.len()] };
        let parameters: Vec<usize> =
            (0..self.parameter.len()).map(|index| compiler.program.push(Operation::Parameter(index))).collect();
        for &index in &order {
            let register = compiler.emit(&trees[index], &parameters)?;
            compiler.known[index] = Some(register);
        }
        let registers = compiler.known.iter().map(|register| register.unwrap_or_default()).collect();
        let program = compiler.program;
        check_money(self, &program)?;
        Ok(Compiled { order, registers, program })
    }
}

/// Names are unique and good for expressions, and revenue and profit are expressions.
fn check_names(text: &Text) -> Result<(), Error> {
    let names: Vec<&str> = all_names(text).collect();
    for (index, name) in names.iter().enumerate() {
        if !matches!(Expression::parse("name", name), Ok(Expression::Name(read)) if read == **name) {
            return Err(Error::syntax("formula", format!("{name:?} is no name: letters, digits and _ are")));
        }
        if names[..index].contains(name) {
            return Err(Error::syntax("formula", format!("{name:?} is defined twice")));
        }
    }
    for (place, name) in [("revenue", &text.revenue), ("profit", &text.profit)] {
        if !text.expression.iter().any(|node| node.name == *name) {
            let nearest = nearest(name, text.expression.iter().map(|node| node.name.as_str()));
            return Err(Error::UnknownName { place: place.into(), name: name.clone(), nearest });
        }
    }
    Ok(())
}

fn all_names(text: &Text) -> impl Iterator<Item = &str> {
    let parameters = text.parameter.iter().map(|parameter| parameter.name.as_str());
    parameters.chain(text.expression.iter().map(|node| node.name.as_str()))
}

/// The expressions in an order in which each needs only earlier ones, depth first.
fn order(text: &Text, trees: &[Expression]) -> Result<Vec<usize>, Error> {
    let mut order = Vec::new();
    for index in 0..trees.len() {
        visit(index, text, trees, &mut Vec::new(), &mut order)?;
    }
    Ok(order)
}

fn visit(
    index: usize,
    text: &Text,
    trees: &[Expression],
    path: &mut Vec<usize>,
    order: &mut Vec<usize>,
) -> Result<(), Error> {
    if order.contains(&index) {
        return Ok(());
    }
    let name = |&index: &usize| text.expression[index].name.clone();
    if let Some(start) = path.iter().position(|&other| other == index) {
        return Err(Error::Circular { names: path[start..].iter().chain([&index]).map(name).collect() });
    }
    if path.len() == MOST_LEVELS {
        let reason = format!("expressions need each other more than {MOST_LEVELS} deep");
        return Err(Error::syntax(&text.expression[index].name, reason));
    }
    path.push(index);
    for needed in trees[index].names() {
        if let Some(other) = text.expression.iter().position(|node| node.name == needed) {
            visit(other, text, trees, path, order)?;
        } else if !text.parameter.iter().any(|parameter| parameter.name == needed) {
            return Err(Error::UnknownName {
                place: text.expression[index].name.clone(),
                name: needed.into(),
                nearest: nearest(needed, all_names(text)),
            });
        }
    }
    path.pop();
    order.push(index);
    Ok(())
}

struct Compiler<'a> {
    text: &'a Text,
    program: Program,
    known: Vec<Option<usize>>,
}

impl Compiler<'_> {
    fn emit(&mut self, tree: &Expression, parameters: &[usize]) -> Result<usize, Error> {
        Ok(match tree {
            Expression::Number(number) => self.program.push(Operation::Number(*number)),
            Expression::Name(name) => match self.text.parameter.iter().position(|parameter| parameter.name == *name) {
                Some(parameter) => parameters[parameter],
                None => self
                    .text
                    .expression
                    .iter()
                    .position(|node| node.name == *name)
                    .and_then(|node| self.known[node])
                    .ok_or_else(|| Error::UnknownName { place: "formula".into(), name: name.clone(), nearest: None })?,
            },
            Expression::Binary(operator, left, right) => {
                let (left, right) = (self.emit(left, parameters)?, self.emit(right, parameters)?);
                self.program.push(Operation::Binary(*operator, left, right))
            }
            Expression::Chain(first, rest) => {
                let mut left = self.emit(first, parameters)?;
                for (operator, term) in rest {
                    let right = self.emit(term, parameters)?;
                    left = self.program.push(Operation::Binary(*operator, left, right));
                }
                left
            }
        })
    }
}

/// Checks that money is added to money only: every register has a power of money, and a bare number fits beside any.
fn check_money(text: &Text, program: &Program) -> Result<(), Error> {
    let mut powers: Vec<Option<i32>> = Vec::with_capacity(program.operations.len());
    for operation in &program.operations {
        let power = match *operation {
            Operation::Parameter(parameter) => match text.parameter[parameter].kind {
                Kind::Money => Some(1),
                Kind::Count | Kind::Share | Kind::Ratio => Some(0),
                Kind::Number => None,
            },
            Operation::Number(_) => None,
            Operation::Binary(Operator::Multiply, left, right) => {
                Some(powers[left].unwrap_or(0) + powers[right].unwrap_or(0))
            }
            Operation::Binary(Operator::Divide, left, right) => {
                Some(powers[left].unwrap_or(0) - powers[right].unwrap_or(0))
            }
            Operation::Binary(_, left, right) => match (powers[left], powers[right]) {
                (Some(left), Some(right)) if left != right => {
                    let reason =
                        "adds, subtracts or compares money and what is no money; look at the kinds of its parameters";
                    return Err(Error::syntax("formula", reason));
                }
                (left, right) => left.or(right),
            },
        };
        powers.push(power);
    }
    Ok(())
}
