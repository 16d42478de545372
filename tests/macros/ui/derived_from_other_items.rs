#[derive(secrets_macros::Secrets)]
enum Choice {
    One,
}

#[derive(secrets_macros::Secrets)]
struct Tuple<T>(T)
where
    T: Copy;

#[derive(secrets_macros::Secrets)]
struct Unit;

fn main() {
    let _ = (Choice::One, Tuple(1), Unit);
}
