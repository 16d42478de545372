use secrets_macros::secret;

fn main() {
    let name = "NAME";
    let _: Result<String, _> = secret!(name);
    let _: Result<String, _> = secret!();
    let _: Result<String, _> = secret!("1ST");
    let _: Result<u16, _> = secret!("PORT", u16);
    let _: Result<u16, _> = secret!("PORT", as);
    let _: Result<Vec<u8>, _> = secret!("PORT", as Vec<u8>);
}
