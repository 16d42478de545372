//! Values that are nowhere else, and the search for them in every form in which they could slip through.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::{feed, shown};

/// A value that is nowhere else: 64 random hexadecimal digits.
pub fn canary() -> String {
    let mut bytes = [0; 32];
    fs::File::open("/dev/urandom").unwrap().read_exact(&mut bytes).unwrap();
    hex(&bytes)
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// A value and every form in which it could slip through: as it is, in base64 at each offset, in hexadecimal.
pub struct Canary {
    /// The value itself.
    pub value: String,
    forms: Vec<Vec<u8>>,
}

impl Canary {
    /// A new one.
    pub fn new() -> Self {
        let value = canary();
        let mut forms = vec![value.clone().into_bytes(), hex(value.as_bytes()).into_bytes()];
        forms.push(hex(value.as_bytes()).to_uppercase().into_bytes());
        for skip in 0..3 {
            // Whole groups of three bytes encode alike, wherever they stand.
            let whole = &value.as_bytes()[skip..skip + (value.len() - skip) / 3 * 3];
            forms.push(STANDARD.encode(whole).into_bytes());
            forms.push(URL_SAFE_NO_PAD.encode(whole).into_bytes());
        }
        // Half of it is too much, too.
        forms.push(value.as_bytes()[..24].to_vec());
        forms.push(value.as_bytes()[value.len() - 24..].to_vec());
        Self { value, forms }
    }

    /// Whether the bytes hold it, in any form.
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        self.forms.iter().any(|form| bytes.windows(form.len()).any(|window| window == form))
    }

    /// The files below `folder` that hold it, in any form.
    pub fn files_below(&self, folder: &Path) -> Vec<String> {
        let mut command = Command::new("grep");
        command.args(["--recursive", "--text", "--fixed-strings", "--files-with-matches", "--file=-"]).arg(folder);
        command.env("LC_ALL", "C");
        let output = feed(command, &self.forms.join(&b'\n'));
        // 1: nothing found; 2: something could not be read, so nothing is known.
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", shown(&output));
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    }
}
