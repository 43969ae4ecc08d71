//! What `#[provider(..)]` cannot say.

struct Store;

#[dig_service::provider(nmae = "store", restart = "sometimes", boot_timeout = "10", boot_priority = 300)]
impl Store {}

#[dig_service::provider]
struct OnAStruct;

struct Traited;

#[dig_service::provider]
impl Clone for Traited {
    fn clone(&self) -> Self {
        Traited
    }
}

fn main() {}
