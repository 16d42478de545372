//! SHA-256 (FIPS 180-4), for fingerprints alone.
//!
//! Written out because the crate has no dependency: a fingerprint names a value, nothing is kept safe by it. Tested
//! against the standard's examples.

const ROUND: [u32; 64] = constants();

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes (section 4.2.2).
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks it")]
const fn constants() -> [u32; 64] {
    let mut table = [0; 64];
    let (mut filled, mut candidate) = (0, 2_u64);
    while filled < 64 {
        let mut divisor = 2;
        while divisor * divisor <= candidate && !candidate.is_multiple_of(divisor) {
            divisor += 1;
        }
        if divisor * divisor > candidate {
            table[filled] = cube_root_fraction(candidate);
            filled += 1;
        }
        candidate += 1;
    }
    table
}

/// The low 32 bits of the cube root of `number` in units of 2⁻³².
#[expect(clippy::cast_possible_truncation, reason = "the whole part is what is cut off")]
const fn cube_root_fraction(number: u64) -> u32 {
    // The cube of a 36-bit root has 108 bits.
    let target = (number as u128) << 96;
    let (mut low, mut high) = (0_u128, 1_u128 << 36);
    while high - low > 1 {
        let middle = u128::midpoint(low, high);
        if middle * middle * middle <= target { low = middle } else { high = middle }
    }
    low as u32
}

/// The first 32 bits of the fractional parts of the square roots of the first 8 primes (section 5.3.3).
const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// The hash of `message`.
pub(crate) fn digest(message: &[u8]) -> [u8; 32] {
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64), 0);
    if padded.len() < message.len() + 9 {
        padded.resize(padded.len() + 64, 0);
    }
    let length = padded.len();
    padded.truncate(length - 8);
    padded.extend_from_slice(&(message.len() as u64 * 8).to_be_bytes());
    let mut state = INITIAL;
    for block in padded.as_chunks::<64>().0 {
        compress(&mut state, block);
    }
    let mut output = [0; 32];
    for (bytes, word) in output.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    output
}

/// Section 6.2.2: one block.
#[expect(clippy::indexing_slicing, reason = "round numbers below 64 into 64 words")]
#[expect(clippy::many_single_char_names, reason = "the standard's names")]
fn compress(state: &mut [u32; 8], block: &[u8; 64]) {
    let mut words = [0_u32; 64];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    for t in 16..64 {
        let (x, y) = (words[t - 15], words[t - 2]);
        let low = x.rotate_right(7) ^ x.rotate_right(18) ^ (x >> 3);
        let high = y.rotate_right(17) ^ y.rotate_right(19) ^ (y >> 10);
        words[t] = words[t - 16].wrapping_add(low).wrapping_add(words[t - 7]).wrapping_add(high);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for t in 0..64 {
        let choice = (e & f) ^ (!e & g);
        let sum = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let first = h.wrapping_add(sum).wrapping_add(choice).wrapping_add(ROUND[t]).wrapping_add(words[t]);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        let second = (a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22)).wrapping_add(majority);
        (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(first), c, b, a, first.wrapping_add(second));
    }
    for (word, change) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(change);
    }
}

#[cfg(test)]
mod tests {
    use super::digest;

    fn hex(message: &[u8]) -> String {
        digest(message)
            .as_chunks::<4>()
            .0
            .iter()
            .fold(String::new(), |text, word| format!("{text}{:08x}", u32::from_be_bytes(*word)))
    }

    #[test]
    fn the_examples_of_the_standard_hold() {
        assert_eq!(hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hex(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(
            hex(b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        );
        assert_eq!(hex(&vec![b'a'; 1_000_000]), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
}
