//! "Did you mean": the known name that is the fewest edits away.

/// The nearest of `known` to `name`, if it is near enough to be meant.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let mut best: Option<&'a str> = None;
    let mut fewest = name.len() / 3 + 2;
    for &candidate in known {
        let edits = edits(name.as_bytes(), candidate.as_bytes());
        if edits < fewest {
            fewest = edits;
            best = Some(candidate);
        }
    }
    best
}

/// How many letters have to be put in, taken out, exchanged or swapped with their neighbour (optimal string alignment),
/// upper and lower case being the same.
fn edits(one: &[u8], other: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    let get = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
    let same =
        |a: Option<&u8>, b: Option<&u8>| a.map(u8::to_ascii_lowercase) == b.map(u8::to_ascii_lowercase) && a.is_some();
    for row in 1..=one.len() {
        let mut current = vec![row];
        for column in 1..=other.len() {
            let exchange = usize::from(!same(one.get(row - 1), other.get(column - 1)));
            let mut least = get(&above, column - 1) + exchange;
            least = least.min(get(&above, column) + 1).min(get(&current, column - 1) + 1);
            let swapped = row > 1
                && column > 1
                && same(one.get(row - 1), other.get(column - 2))
                && same(one.get(row - 2), other.get(column - 1));
            if swapped {
                least = least.min(get(&before, column - 2) + 1);
            }
            current.push(least);
        }
        before = above;
        above = current;
    }
    get(&above, other.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        for (one, other, count) in [("", "", 0), ("", "abc", 3), ("abc", "ABC", 0), ("abcd", "abdc", 1), ("a", "b", 1)]
        {
            assert_eq!(edits(one.as_bytes(), other.as_bytes()), count, "{one} {other}");
            assert_eq!(edits(other.as_bytes(), one.as_bytes()), count, "{other} {one}");
        }
    }

    #[test]
    fn what_is_near_is_meant_and_what_is_far_is_not() {
        let known = ["DATABASE_URL", "STRIPE_API_KEY", "PORT"];
        assert_eq!(nearest("DATABSE_URL", &known), Some("DATABASE_URL"));
        assert_eq!(nearest("stripe_apikey", &known), Some("STRIPE_API_KEY"));
        assert_eq!(nearest("PROT", &known), Some("PORT"));
        assert_eq!(nearest("SENTRY_DSN", &known), None);
        assert_eq!(nearest("X", &[]), None);
    }
}
