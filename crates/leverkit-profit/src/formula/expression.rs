//! Expressions of a formula: text → tree. Numbers, names, + − * /, brackets, min(a, b) and max(a, b).

use crate::Error;

/// An expression as a tree.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    Number(f64),
    Name(String),
    Binary(Operator, Box<Expression>, Box<Expression>),
    /// From left to right. A long sum is no deep tree, so that whatever walks over it, or drops it, needs no deep stack.
    Chain(Box<Expression>, Vec<(Operator, Expression)>),
}

/// How deep brackets, functions and signs may lie in each other: more than anyone writes, and within the smallest stack of a thread.
const MOST_LEVELS: usize = 100;

/// What joins two expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Min,
    Max,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(f64),
    Name(String),
    Sign(char),
}

impl Expression {
    /// Reads the text of the expression `name`.
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self, Error> {
        let mut parser = Parser { name, tokens: tokens(name, text)?, next: 0, levels: 0 };
        let expression = parser.sum()?;
        match parser.peek() {
            None => Ok(expression),
            Some(token) => Err(parser.unexpected(&token.clone())),
        }
    }

    /// All names in it, in order.
    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            Self::Number(_) => Vec::new(),
            Self::Name(name) => vec![name],
            Self::Binary(_, left, right) => [left.names(), right.names()].concat(),
            Self::Chain(first, rest) => {
                let mut names = first.names();
                rest.iter().for_each(|(_, term)| names.extend(term.names()));
                names
            }
        }
    }
}

fn tokens(place: &str, text: &str) -> Result<Vec<Token>, Error> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() || first == '.' {
            number_length(rest)
        } else if first.is_alphabetic() || first == '_' {
            rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (word, after) = rest.split_at(length);
        tokens.push(match first {
            '0'..='9' | '.' => Token::Number(
                word.parse().map_err(|_| Error::syntax(place, format!("{word:?} is no number in {text:?}")))?,
            ),
            '+' | '-' | '*' | '/' | '(' | ')' | ',' => Token::Sign(first),
            _ if first.is_alphabetic() || first == '_' => Token::Name(word.into()),
            _ => return Err(Error::syntax(place, format!("{first:?} has no meaning in {text:?}"))),
        });
        rest = after.trim_start();
    }
    Ok(tokens)
}

/// How far a number goes: digits and points, and an exponent such as e-3 where digits follow it.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| {
        let is_part = |c: char| c.is_ascii_digit() || c == '.';
        from + text[from..].find(|c: char| !is_part(c)).unwrap_or(text.len() - from)
    };
    let end = digits(0);
    let Some(exponent) = text[end..].strip_prefix(['e', 'E']) else { return end };
    let power = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if power.starts_with(|c: char| c.is_ascii_digit()) { digits(text.len() - power.len()) } else { end }
}

struct Parser<'a> {
    name: &'a str,
    tokens: Vec<Token>,
    next: usize,
    /// How deep what is read lies.
    levels: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    /// Takes the next token where it is one of these signs.
    fn take(&mut self, signs: &[char]) -> Option<char> {
        match self.peek() {
            Some(&Token::Sign(sign)) if signs.contains(&sign) => {
                self.next += 1;
                Some(sign)
            }
            _ => None,
        }
    }

    fn expect(&mut self, sign: char) -> Result<(), Error> {
        match self.take(&[sign]) {
            Some(_) => Ok(()),
            None => Err(Error::syntax(self.name, format!("expected {sign:?} {}", self.here()))),
        }
    }

    fn here(&self) -> String {
        self.peek().map_or_else(|| "at the end".into(), |token| format!("before {}", word(token)))
    }

    fn unexpected(&self, token: &Token) -> Error {
        Error::syntax(self.name, format!("{} does not fit where it stands", word(token)))
    }

    fn sum(&mut self) -> Result<Expression, Error> {
        self.chain(&[('+', Operator::Add), ('-', Operator::Subtract)], Self::product)
    }

    fn product(&mut self) -> Result<Expression, Error> {
        self.chain(&[('*', Operator::Multiply), ('/', Operator::Divide)], Self::factor)
    }

    fn chain(
        &mut self,
        operators: &[(char, Operator); 2],
        part: fn(&mut Self) -> Result<Expression, Error>,
    ) -> Result<Expression, Error> {
        let first = part(self)?;
        let mut rest = Vec::new();
        while let Some(sign) = self.take(&operators.map(|(sign, _)| sign)) {
            let operator = if sign == operators[0].0 { operators[0].1 } else { operators[1].1 };
            rest.push((operator, part(self)?));
        }
        Ok(if rest.is_empty() { first } else { Expression::Chain(Box::new(first), rest) })
    }

    fn factor(&mut self) -> Result<Expression, Error> {
        self.levels += 1;
        if self.levels > MOST_LEVELS {
            let reason = format!("brackets, functions or signs lie more than {MOST_LEVELS} deep in each other");
            return Err(Error::syntax(self.name, reason));
        }
        let found = self.factor_here();
        self.levels -= 1;
        found
    }

    fn factor_here(&mut self) -> Result<Expression, Error> {
        if self.take(&['-']).is_some() {
            let zero = Box::new(Expression::Number(0.0));
            return Ok(Expression::Binary(Operator::Subtract, zero, Box::new(self.factor()?)));
        }
        if self.take(&['(']).is_some() {
            let inner = self.sum()?;
            self.expect(')')?;
            return Ok(inner);
        }
        let Some(token) = self.peek().cloned() else {
            return Err(Error::syntax(self.name, "ends where a number or a name is missing"));
        };
        self.next += 1;
        match token {
            Token::Number(number) => Ok(Expression::Number(number)),
            Token::Name(name) if self.take(&['(']).is_some() => self.call(&name),
            Token::Name(name) => Ok(Expression::Name(name)),
            Token::Sign(_) => Err(self.unexpected(&token)),
        }
    }

    fn call(&mut self, function: &str) -> Result<Expression, Error> {
        let operator = match function {
            "min" => Operator::Min,
            "max" => Operator::Max,
            _ => return Err(Error::syntax(self.name, format!("{function:?} is no function; there are min and max"))),
        };
        let left = self.sum()?;
        self.expect(',')?;
        let right = self.sum()?;
        self.expect(')')?;
        Ok(Expression::Binary(operator, Box::new(left), Box::new(right)))
    }
}

fn word(token: &Token) -> String {
    match token {
        Token::Number(number) => number.to_string(),
        Token::Name(name) => format!("{name:?}"),
        Token::Sign(sign) => format!("{sign:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_bind_closer_than_sums_and_both_go_from_left_to_right() {
        let tree = |text| Expression::parse("x", text).unwrap();
        let (a, b) = (Expression::Name("a".into()), Expression::Name("b".into()));
        let chain = |first: Expression, operator, second| Expression::Chain(Box::new(first), vec![(operator, second)]);
        let product = chain(a.clone(), Operator::Multiply, b.clone());
        assert_eq!(tree("b + a * b"), chain(b.clone(), Operator::Add, product));
        let both = vec![(Operator::Subtract, b.clone()), (Operator::Add, a.clone())];
        assert_eq!(tree("a - b + a"), Expression::Chain(Box::new(a.clone()), both));
        let minus = Expression::Binary(Operator::Subtract, Box::new(Expression::Number(0.0)), Box::new(a));
        assert_eq!(tree("-a * b"), chain(minus, Operator::Multiply, b));
        assert_eq!(tree("max(a, 1)").names(), ["a"]);
    }

    #[test]
    fn numbers_may_have_an_exponent() {
        let tree = |text| Expression::parse("x", text).unwrap();
        assert_eq!(tree("1e-3*b"), tree("0.001 * b"));
        assert_eq!(tree("2.5E+2 - e1"), tree("250 - e1"));
        assert!(Expression::parse("x", "2e * b").is_err(), "an exponent without digits is a name beside a number");
    }

    #[test]
    fn text_of_any_length_and_depth_is_read_or_refused_on_a_small_stack() {
        let deep = |open: &str, close: &str, n: usize| [&open.repeat(n), "1", &close.repeat(n)].concat();
        let texts = [deep("(", ")", 10_000), deep("min(", ",2)", 10_000), deep("-", "", 100_000)];
        let long = deep("", " + a", 40_000);
        let small = std::thread::Builder::new().stack_size(256 << 10);
        let read = small.spawn(move || {
            for text in texts {
                let error = Expression::parse("x", &text).unwrap_err().to_string();
                assert_eq!(error, "x: brackets, functions or signs lie more than 100 deep in each other");
            }
            assert_eq!(Expression::parse("x", &long).unwrap().names().len(), 40_000);
            assert!(Expression::parse("x", &deep("(", ")", 99)).is_ok());
        });
        read.unwrap().join().unwrap();
    }

    #[test]
    fn what_is_no_expression_says_where() {
        let error = |text| Expression::parse("profit", text).unwrap_err().to_string();
        assert_eq!(error("a +"), "profit: ends where a number or a name is missing");
        assert_eq!(error("(a + b"), "profit: expected ')' at the end");
        assert_eq!(error("a b"), "profit: \"b\" does not fit where it stands");
        assert_eq!(error("a ^ 2"), "profit: '^' has no meaning in \"a ^ 2\"");
        assert_eq!(error("sqrt(a)"), "profit: \"sqrt\" is no function; there are min and max");
    }
}
