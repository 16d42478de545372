//! What an unquoted scalar stands for, as SOPS reads it: go-yaml v3's `resolve.go`, which takes YAML 1.2's core schema,
//! YAML 1.1's octal and binary numbers, underscores, and dates.
//!
//! **Only what a file's rule leaves unencrypted is read so**: an encrypted value carries its type with it.

use std::borrow::Cow;
use std::fmt::Write as _;

use jiff::civil::Date;

use crate::store::sops::tree::Node;

/// The scalar is a whole number that SOPS itself cannot walk.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// The node that `text`, unquoted and without a tag, stands for.
pub(crate) fn resolve(text: Cow<'_, str>) -> Result<Node<'_>, TooLarge> {
    let counted = match text.as_bytes().first() {
        Some(b'0'..=b'9' | b'+' | b'-') => match special(&text) {
            Some(counted) => Some(counted.to_owned()),
            None => number_or_time(&text)?,
        },
        Some(b'.') => special(&text).map(str::to_owned).or_else(|| float(&text)),
        Some(b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'~') | None => match text.as_ref() {
            "" | "~" | "null" | "Null" | "NULL" => return Ok(Node::Null),
            "true" | "True" | "TRUE" => return Ok(Node::Bool(true)),
            "false" | "False" | "FALSE" => return Ok(Node::Bool(false)),
            _ => None,
        },
        Some(_) => None,
    };
    Ok(match counted {
        Some(counted) => Node::Typed { spelled: text, counted },
        None => Node::Text(text),
    })
}

/// Whether `text`, unquoted, is that text, for SOPS and for readers that still take YAML 1.1's `yes` and `off`.
pub(crate) fn is_text(text: &str) -> bool {
    let old = ["y", "yes", "on", "n", "no", "off"];
    let is_old = || old.iter().any(|word| text.eq_ignore_ascii_case(word));
    matches!(resolve(Cow::Borrowed(text)), Ok(Node::Text(_))) && !is_old()
}

/// The floats that are no numbers, as Go spells them.
fn special(text: &str) -> Option<&'static str> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Some("NaN"),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some("+Inf"),
        "-.inf" | "-.Inf" | "-.INF" => Some("-Inf"),
        _ => None,
    }
}

fn number_or_time(text: &str) -> Result<Option<String>, TooLarge> {
    if let Some(time) = time(text) {
        return Ok(Some(time));
    }
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    Ok(int(&plain)?.or_else(|| float(&plain)))
}

/// A whole number in any base that Go's `ParseInt` takes with base 0.
fn int(plain: &str) -> Result<Option<String>, TooLarge> {
    let (sign, digits) = match plain.as_bytes().first() {
        Some(b'-') => ("-", plain.get(1..).unwrap_or_default()),
        Some(b'+') => ("+", plain.get(1..).unwrap_or_default()),
        _ => ("", plain),
    };
    let prefixed = |radix, lower: &str, upper: &str| {
        let rest = digits.strip_prefix(lower).or_else(|| digits.strip_prefix(upper))?;
        Some((radix, rest))
    };
    let octal = || digits.strip_prefix('0').filter(|rest| !rest.is_empty()).map(|rest| (8, rest));
    let (radix, digits) = prefixed(16, "0x", "0X")
        .or_else(|| prefixed(2, "0b", "0B"))
        .or_else(|| prefixed(8, "0o", "0O"))
        .or_else(octal)
        .unwrap_or((10, digits));
    // Rust would take a second sign here.
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Ok(None);
    }
    match i64::from_str_radix(&format!("{sign}{digits}"), radix) {
        Ok(number) => Ok(Some(number.to_string())),
        Err(_) if sign.is_empty() && u64::from_str_radix(digits, radix).is_ok() => Err(TooLarge),
        Err(_) => Ok(None),
    }
}

/// A decimal float; the exponent's range is Go's.
fn float(plain: &str) -> Option<String> {
    let unsigned = plain.strip_prefix(['-', '+']).unwrap_or(plain);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (unsigned.get(..at)?, Some(unsigned.get(at + 1..)?)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let has_digits = !whole.is_empty() || (!fraction.is_empty() && mantissa.contains('.'));
    let exponent_fits = exponent.is_none_or(|text| {
        let text = text.strip_prefix(['-', '+']).unwrap_or(text);
        !text.is_empty() && digits(text)
    });
    if !has_digits || !digits(whole) || !digits(fraction) || !exponent_fits {
        return None;
    }
    plain.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| number.to_string())
}

/// A date or time of the forms that go-yaml takes, as Go writes it: RFC 3339, the fraction without zeros at its end.
fn time(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    if bytes.get(4) != Some(&b'-') || !bytes.get(..4)?.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (date, clock) = match text.find(['T', 't', ' ']) {
        Some(at) => (text.get(..at)?, Some((bytes.get(at)?, text.get(at + 1..)?))),
        None => (text, None),
    };
    let mut parts = date.splitn(3, '-');
    let year = parts.next()?.parse().ok()?;
    let [month, day] = [short(parts.next()?)?, short(parts.next()?)?];
    let date = Date::new(year, month, day).ok()?;
    let Some((separator, clock)) = clock else { return Some(format!("{date}T00:00:00Z")) };
    let (clock, zone) = if *separator == b' ' { (clock, "Z") } else { split_zone(clock)? };
    let (seconds, fraction) = match clock.split_once(['.', ',']) {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (clock, None),
    };
    let mut parts = seconds.splitn(3, ':');
    let [hour, minute, second] = [short(parts.next()?)?, short(parts.next()?)?, short(parts.next()?)?];
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let fraction = match fraction {
        Some(digits) if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) => return None,
        Some(digits) => digits.get(..9).unwrap_or(digits).trim_end_matches('0'),
        None => "",
    };
    let point = if fraction.is_empty() { "" } else { "." };
    let zone = if matches!(zone, "+00:00" | "-00:00") { "Z" } else { zone };
    Some(format!("{date}T{hour:02}:{minute:02}:{second:02}{point}{fraction}{zone}"))
}

/// A number of one or two digits.
fn short(text: &str) -> Option<i8> {
    let fits = matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

/// The clock, and `Z` or `±hh:mm` behind it.
fn split_zone(clock: &str) -> Option<(&str, &str)> {
    if let Some(clock) = clock.strip_suffix('Z') {
        return Some((clock, "Z"));
    }
    let (clock, zone) = clock.split_at_checked(clock.len().checked_sub(6)?)?;
    let (hours, minutes) = zone.strip_prefix(['+', '-'])?.split_once(':')?;
    let fits = hours.len() == 2 && short(hours)? <= 24 && minutes.len() == 2 && short(minutes)? < 60;
    fits.then_some((clock, zone))
}

/// A SOPS value or a public key as it is, as SOPS writes them; everything else in double quotes.
pub(crate) fn plain_or_quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "[]_,:=+/".contains(c);
    let needs_none = text.starts_with("ENC[") && text.ends_with(']') || text.starts_with("age1");
    // A `: ` cannot stand in it, for it has no space.
    if needs_none && text.chars().all(is_plain) { text.to_owned() } else { quoted(text) }
}

/// `text` in double quotes, as every reader of YAML 1.1 and 1.2 reads it back.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            ' '..='~' => quoted.push(c),
            _ if is_printable(c) => quoted.push(c),
            // Writing to a `String` cannot fail.
            _ => drop(write!(quoted, "\\U{:08X}", u32::from(c))),
        }
    }
    quoted.push('"');
    quoted
}

/// Characters beyond ASCII that YAML calls printable, without those that a reader may take for a line's end or a mark.
fn is_printable(c: char) -> bool {
    let is_mark = matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    matches!(c, '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}') && !is_mark
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(text: &str) -> Option<String> {
        match resolve(Cow::Borrowed(text)).unwrap() {
            Node::Typed { counted, .. } => Some(counted),
            _ => None,
        }
    }

    #[test]
    fn numbers_count_as_go_counts_them() {
        let cases = [
            ("12", "12"),
            ("-3", "-3"),
            ("+7", "7"),
            ("-0", "0"),
            ("0x1F", "31"),
            ("0o17", "15"),
            ("017", "15"),
            ("0b101", "5"),
            ("-0b11", "-3"),
            ("1_000", "1000"),
            ("08", "8"),
            ("1.50", "1.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1e3", "1000"),
            ("-1.5E-2", "-0.015"),
            (".inf", "+Inf"),
            ("-.inf", "-Inf"),
            ("99999999999999999999", "100000000000000000000"),
            ("9223372036854775807", "9223372036854775807"),
        ];
        for (text, expected) in cases {
            assert_eq!(counted(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(resolve(Cow::Borrowed("9223372036854775808")).err(), Some(TooLarge));
    }

    #[test]
    fn times_count_as_go_writes_them() {
        let cases = [
            ("2024-01-02", "2024-01-02T00:00:00Z"),
            ("2024-1-2", "2024-01-02T00:00:00Z"),
            ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z"),
            ("2024-01-02t03:04:05.120+02:00", "2024-01-02T03:04:05.12+02:00"),
            ("2024-01-02 03:04:05.5", "2024-01-02T03:04:05.5Z"),
        ];
        for (text, expected) in cases {
            assert_eq!(counted(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn everything_else_is_text() {
        let texts = [
            "yes",
            "on",
            "0x",
            "0b2",
            "1e",
            "--1",
            "+-1",
            "0x-1",
            "1.2.3",
            "2024-13-01",
            "2024-02-30",
            "2024-01-02 3:4",
            "12:30:45",
            "nul",
            "truE",
            "1 2",
            "-",
            "+",
            ".",
            "1__x",
            "ENC[x]",
            "1e999",
            "é",
        ];
        for text in texts {
            assert!(matches!(resolve(Cow::Borrowed(text)), Ok(Node::Text(_))), "{text}");
        }
    }
}
