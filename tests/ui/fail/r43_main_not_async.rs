#[dig_service::dig_main]
fn main() {}
