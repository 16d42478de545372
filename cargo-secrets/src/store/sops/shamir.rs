//! Joins the shares of a data key that key groups split (Shamir's scheme, laid out as Vault and so SOPS do).
//!
//! A share is the key's 32 bytes, each a point of its own polynomial over GF(2⁸) (the field of AES), and the x
//! coordinate behind them. Only reading: SOPS makes the shares. No crate lays shares out this way.

use zeroize::Zeroizing;

/// Interpolates the polynomials at 0. `None` when shares differ in length, share an x, or there is none.
pub(crate) fn combine(shares: &[Zeroizing<Vec<u8>>]) -> Option<Zeroizing<Vec<u8>>> {
    let split: Option<Vec<(u8, &[u8])>> =
        shares.iter().map(|share| share.split_last().map(|(x, ys)| (*x, ys))).collect();
    let split = split?;
    let len = split.first()?.1.len();
    if split.iter().any(|(x, ys)| ys.len() != len || *x == 0) {
        return None;
    }
    let mut secret = Zeroizing::new(vec![0; len]);
    for (i, (x, ys)) in split.iter().enumerate() {
        let mut weight = 1;
        for (other, _) in split.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, share)| share) {
            weight = multiply(weight, multiply(*other, invert(*other ^ *x)?));
        }
        for (byte, y) in secret.iter_mut().zip(ys.iter()) {
            *byte ^= multiply(*y, weight);
        }
    }
    Some(secret)
}

/// Multiplies in GF(2⁸) modulo x⁸+x⁴+x³+x+1, in the same time for all inputs.
fn multiply(mut a: u8, mut b: u8) -> u8 {
    let mut product = 0;
    for _ in 0..8 {
        product ^= a & (b & 1).wrapping_neg();
        a = (a << 1) ^ (0x1b & (a >> 7).wrapping_neg());
        b >>= 1;
    }
    product
}

/// The inverse, `a^254`; 0 has none.
fn invert(a: u8) -> Option<u8> {
    let square = |a| multiply(a, a);
    let mut result = 1;
    let mut power = a;
    for _ in 0..7 {
        power = square(power);
        result = multiply(result, power);
    }
    (a != 0).then_some(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_times_its_inverse_is_one() {
        for a in 1..=255 {
            assert_eq!(multiply(a, invert(a).unwrap()), 1);
        }
        assert_eq!(invert(0), None);
    }

    #[test]
    fn two_points_of_a_line_give_its_value_at_zero() {
        // y = 0x2a + 0x53·x
        let share = |x: u8| Zeroizing::new(vec![0x2a ^ multiply(0x53, x), x]);
        assert_eq!(*combine(&[share(3), share(9)]).unwrap(), vec![0x2a]);
        assert!(combine(&[share(3), share(3)]).is_none());
    }
}
