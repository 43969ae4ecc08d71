#[dig_service::node]
pub(crate) async fn function() {}

#[dig_service::node]
enum Enum {}

#[dig_service::node]
unsafe trait Trait {}

#[dig_service::methods]
struct Struct;

#[dig_service::methods]
mod module {}

fn main() {
    let _ = function();
    let _ = Struct;
}
