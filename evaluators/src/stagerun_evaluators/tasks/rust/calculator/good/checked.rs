#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    UnknownWord(String),
    TooFewNumbers,
    DividedByZero,
    TooLarge,
    Unfinished(usize),
}

fn apply(operator: &str, a: i64, b: i64) -> Result<i64, Fault> {
    let result = match operator {
        "+" => a.checked_add(b),
        "-" => a.checked_sub(b),
        "*" => a.checked_mul(b),
        _ if b == 0 => return Err(Fault::DividedByZero),
        _ => a.checked_div(b),
    };
    result.ok_or(Fault::TooLarge)
}

pub fn evaluate(line: &str) -> Result<i64, Fault> {
    let mut stack = Vec::new();
    for word in line.split_whitespace() {
        let next = match word {
            "+" | "-" | "*" | "/" => match (stack.pop(), stack.pop()) {
                (Some(b), Some(a)) => apply(word, a, b)?,
                _ => return Err(Fault::TooFewNumbers),
            },
            _ => word.parse().map_err(|_| Fault::UnknownWord(word.to_string()))?,
        };
        stack.push(next);
    }
    match stack[..] {
        [result] => Ok(result),
        _ => Err(Fault::Unfinished(stack.len())),
    }
}
