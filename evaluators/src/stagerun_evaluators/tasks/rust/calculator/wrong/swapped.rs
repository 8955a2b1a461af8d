#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    UnknownWord(String),
    TooFewNumbers,
    DividedByZero,
    TooLarge,
    Unfinished(usize),
}

pub fn evaluate(line: &str) -> Result<i64, Fault> {
    let mut stack: Vec<i64> = Vec::new();
    for word in line.split_whitespace() {
        if let "+" | "-" | "*" | "/" = word {
            let (Some(a), Some(b)) = (stack.pop(), stack.pop()) else { return Err(Fault::TooFewNumbers) };
            if word == "/" && b == 0 {
                return Err(Fault::DividedByZero);
            }
            let result = match word {
                "+" => a.checked_add(b),
                "-" => a.checked_sub(b),
                "*" => a.checked_mul(b),
                _ => a.checked_div(b),
            };
            stack.push(result.ok_or(Fault::TooLarge)?);
        } else {
            stack.push(word.parse().map_err(|_| Fault::UnknownWord(word.to_string()))?);
        }
    }
    if stack.len() == 1 { Ok(stack[0]) } else { Err(Fault::Unfinished(stack.len())) }
}
