#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fault {
    UnknownWord(String),
    TooFewNumbers,
    DividedByZero,
    TooLarge,
    Unfinished(usize),
}

enum Word {
    Number(i64),
    Operator(fn(i128, i128) -> Option<i128>),
}

fn read(word: &str) -> Result<Word, Fault> {
    Ok(match word {
        "+" => Word::Operator(|a, b| Some(a + b)),
        "-" => Word::Operator(|a, b| Some(a - b)),
        "*" => Word::Operator(|a, b| Some(a * b)),
        "/" => Word::Operator(|a, b| (b != 0).then(|| a / b)),
        _ => Word::Number(word.parse().map_err(|_| Fault::UnknownWord(word.to_owned()))?),
    })
}

pub fn evaluate(line: &str) -> Result<i64, Fault> {
    let mut stack: Vec<i64> = vec![];
    for word in line.split_whitespace() {
        match read(word)? {
            Word::Number(number) => stack.push(number),
            Word::Operator(operator) => {
                let at = stack.len().checked_sub(2).ok_or(Fault::TooFewNumbers)?;
                let wide = operator(stack[at].into(), stack[at + 1].into()).ok_or(Fault::DividedByZero)?;
                stack.truncate(at);
                stack.push(i64::try_from(wide).map_err(|_| Fault::TooLarge)?);
            }
        }
    }
    if stack.len() == 1 { Ok(stack[0]) } else { Err(Fault::Unfinished(stack.len())) }
}
