#[dig_service::dig_main]
async fn main() -> u8 {
    1
}
