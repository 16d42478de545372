//! "Did you mean": the known name that is the fewest edits away.

use crate::text::byte;

/// The name that is nearest to the one meant, as long as names are offered.
pub(crate) struct Nearest<'a> {
    meant: &'a str,
    fewest: usize,
    best: String,
}

impl<'a> Nearest<'a> {
    /// For the name `meant`; what is too far away is not near.
    pub(crate) fn to(meant: &'a str) -> Self {
        Self { meant, fewest: meant.len() / 3 + 2, best: String::new() }
    }

    /// Takes a known name into account.
    pub(crate) fn offer(&mut self, known: &str) {
        let edits = edits(self.meant, known);
        if edits < self.fewest {
            self.fewest = edits;
            known.clone_into(&mut self.best);
        }
    }

    /// The nearest; empty if none is near.
    pub(crate) fn found(&self) -> &str {
        &self.best
    }
}

/// How many letters have to be put in, taken out, exchanged or swapped with their neighbour (optimal string alignment),
/// upper and lower case being the same.
fn edits(one: &str, other: &str) -> usize {
    let width = other.len() + 1;
    // All rows one behind the other.
    let mut table = vec![0; width * (one.len() + 1)];
    let mut row = 0;
    while row <= one.len() {
        let mut column = 0;
        while column < width {
            let least = least(&table, row, column, one, other);
            if let Some(cell) = table.get_mut(row * width + column) {
                *cell = least;
            }
            column += 1;
        }
        row += 1;
    }
    cell(&table, width * (one.len() + 1) - 1)
}

fn cell(table: &[usize], index: usize) -> usize {
    match table.get(index) {
        Some(&cell) => cell,
        None => 0,
    }
}

fn least(table: &[usize], row: usize, column: usize, one: &str, other: &str) -> usize {
    if row == 0 || column == 0 {
        return row + column;
    }
    let width = other.len() + 1;
    let at = row * width + column;
    let same =
        |back: usize, back_other: usize| byte(one, row - back).eq_ignore_ascii_case(&byte(other, column - back_other));
    let mut least = cell(table, at - width - 1) + usize::from(!same(1, 1));
    least = least.min(cell(table, at - width) + 1).min(cell(table, at - 1) + 1);
    if row > 1 && column > 1 && same(1, 2) && same(2, 1) {
        least = least.min(cell(table, at - 2 * width - 2) + 1);
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest(name: &str, known: &[&str]) -> String {
        let mut nearest = Nearest::to(name);
        for name in known {
            nearest.offer(name);
        }
        nearest.found().to_owned()
    }

    #[test]
    fn edits_are_counted() {
        for (one, other, count) in [("", "", 0), ("", "abc", 3), ("abc", "ABC", 0), ("abcd", "abdc", 1), ("a", "b", 1)]
        {
            assert_eq!(edits(one, other), count, "{one} {other}");
            assert_eq!(edits(other, one), count, "{other} {one}");
        }
    }

    #[test]
    fn what_is_near_is_meant_and_what_is_far_is_not() {
        let known = ["DATABASE_URL", "STRIPE_API_KEY", "PORT"];
        assert_eq!(nearest("DATABSE_URL", &known), "DATABASE_URL");
        assert_eq!(nearest("stripe_apikey", &known), "STRIPE_API_KEY");
        assert_eq!(nearest("PROT", &known), "PORT");
        assert_eq!(nearest("SENTRY_DSN", &known), "");
        assert_eq!(nearest("X", &[]), "");
    }
}
