#[dig_service::dig_main]
async fn main(x: u8) {
    let _ = x;
}
