type Chars<'a> = std::iter::Peekable<std::iter::Enumerate<std::str::Chars<'a>>>;

fn partner(c: char) -> Option<char> {
    "()[]{}".find(c).filter(|at| at % 2 == 0).and_then(|at| "()[]{}".chars().nth(at + 1))
}

fn inside(chars: &mut Chars, closing: Option<char>, start: usize) -> Result<(), usize> {
    while let Some((at, c)) = chars.next() {
        if Some(c) == closing {
            return Ok(());
        }
        if let Some(wanted) = partner(c) {
            inside(chars, Some(wanted), at)?;
        } else if ")]}".contains(c) {
            return Err(at);
        }
    }
    if closing.is_some() { Err(start) } else { Ok(()) }
}

pub fn first_fault(text: &str) -> Option<usize> {
    inside(&mut text.chars().enumerate().peekable(), None, 0).err()
}
