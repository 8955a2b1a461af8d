pub fn seconds(text: &str) -> Result<u64, String> {
    let mut sum = 0;
    for part in text.split_whitespace() {
        let mut number = 0u64;
        for c in part.chars() {
            match c.to_digit(10) {
                Some(digit) => number = number * 10 + u64::from(digit),
                None => {
                    sum += number * match c {
                        'd' => 86_400,
                        'h' => 3_600,
                        'm' => 60,
                        's' => 1,
                        _ => panic!("unknown unit {c}"),
                    };
                    number = 0;
                }
            }
        }
    }
    Ok(sum)
}

pub fn spoken(seconds: u64) -> String {
    if seconds == 0 {
        return "0s".to_string();
    }
    [(86_400, 'd', u64::MAX), (3_600, 'h', 24), (60, 'm', 60), (1, 's', 60)]
        .iter()
        .map(|(size, unit, wrap)| (seconds / size % wrap, unit))
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect()
}
