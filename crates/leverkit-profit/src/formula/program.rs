//! A formula compiled to a flat list of operations, evaluated over stretches of scenarios that stay in the processor's cache,
//! with exact derivatives by forward mode.

use super::expression::Operator;

/// Scenarios that are evaluated at once: a register of this width fits the first-level cache with room for its neighbours.
pub(crate) const WIDTH: usize = 512;

/// One operation; its result is the register of the same number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Operation {
    Parameter(usize),
    Number(f64),
    Binary(Operator, usize, usize),
}

/// Operations in an order in which each needs only earlier ones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Program {
    pub(crate) operations: Vec<Operation>,
}

/// Room for a stretch of every register.
pub(crate) struct Registers {
    values: Vec<f64>,
}

impl Registers {
    /// A register's values after [`Program::run`].
    pub(crate) fn get(&self, register: usize) -> &[f64] {
        &self.values[register * WIDTH..(register + 1) * WIDTH]
    }
}

impl Program {
    pub(crate) fn push(&mut self, operation: Operation) -> usize {
        self.operations.push(operation);
        self.operations.len() - 1
    }

    /// The operations up to a register, which are all that it needs.
    pub(crate) fn up_to(&self, register: usize) -> Self {
        Self { operations: self.operations[..=register].to_vec() }
    }

    /// Registers with numbers in place, which no run changes.
    pub(crate) fn registers(&self) -> Registers {
        let mut values = vec![0.0; self.operations.len() * WIDTH];
        for (operation, register) in self.operations.iter().zip(values.chunks_mut(WIDTH)) {
            if let Operation::Number(number) = operation {
                register.fill(*number);
            }
        }
        Registers { values }
    }

    /// Evaluates up to [`WIDTH`] scenarios; `load` writes a parameter's values.
    pub(crate) fn run(&self, registers: &mut Registers, load: impl Fn(usize, &mut [f64])) {
        for (index, operation) in self.operations.iter().enumerate() {
            let (before, rest) = registers.values.split_at_mut(index * WIDTH);
            let out = &mut rest[..WIDTH];
            match *operation {
                Operation::Parameter(parameter) => load(parameter, out),
                Operation::Number(_) => {}
                Operation::Binary(operator, left, right) => {
                    let (left, right) = (&before[left * WIDTH..][..WIDTH], &before[right * WIDTH..][..WIDTH]);
                    join(operator, left, right, out);
                }
            }
        }
    }

    /// All registers for one scenario.
    pub(crate) fn point(&self, parameters: &[f64]) -> Vec<f64> {
        let mut values: Vec<f64> = Vec::with_capacity(self.operations.len());
        for operation in &self.operations {
            values.push(match *operation {
                Operation::Parameter(parameter) => parameters[parameter],
                Operation::Number(number) => number,
                Operation::Binary(operator, left, right) => apply(operator, values[left], values[right]),
            });
        }
        values
    }

    /// The derivative of every register with respect to one parameter, given all registers of the scenario.
    pub(crate) fn derivative(&self, values: &[f64], parameter: usize) -> Vec<f64> {
        let mut slopes: Vec<f64> = Vec::with_capacity(self.operations.len());
        for operation in &self.operations {
            slopes.push(match *operation {
                Operation::Parameter(other) => f64::from(u8::from(other == parameter)),
                Operation::Number(_) => 0.0,
                Operation::Binary(operator, left, right) => {
                    slope(operator, (values[left], values[right]), (slopes[left], slopes[right]))
                }
            });
        }
        slopes
    }
}

fn join(operator: Operator, left: &[f64], right: &[f64], out: &mut [f64]) {
    let pairs = out.iter_mut().zip(left.iter().zip(right));
    match operator {
        Operator::Add => pairs.for_each(|(out, (a, b))| *out = a + b),
        Operator::Subtract => pairs.for_each(|(out, (a, b))| *out = a - b),
        Operator::Multiply => pairs.for_each(|(out, (a, b))| *out = a * b),
        Operator::Divide => pairs.for_each(|(out, (a, b))| *out = a / b),
        Operator::Min => pairs.for_each(|(out, (a, b))| *out = a.min(*b)),
        Operator::Max => pairs.for_each(|(out, (a, b))| *out = a.max(*b)),
    }
}

pub(crate) fn apply(operator: Operator, a: f64, b: f64) -> f64 {
    match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
        Operator::Min => a.min(b),
        Operator::Max => a.max(b),
    }
}

fn slope(operator: Operator, (a, b): (f64, f64), (da, db): (f64, f64)) -> f64 {
    match operator {
        Operator::Add => da + db,
        Operator::Subtract => da - db,
        Operator::Multiply => da * b + a * db,
        Operator::Divide => (da - a / b * db) / b,
        Operator::Min => {
            if a <= b {
                da
            } else {
                db
            }
        }
        Operator::Max => {
            if a >= b {
                da
            } else {
                db
            }
        }
    }
}
