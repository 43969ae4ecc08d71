//! What a provider's methods cannot be.

use std::sync::Arc;

struct Store;

#[dig_service::provider]
impl Store {
    #[boot]
    fn open(&self, port: u16) {}

    #[validate]
    async fn check(&self) {}

    #[prepare]
    fn read(&self) {}

    #[shutdown]
    fn close(&mut self) {}
}

struct Unclonable;

#[dig_service::provider]
impl Unclonable {
    #[run]
    async fn work(&self) {}
}

struct NotAProvider;

struct Needy;

#[dig_service::provider]
impl Needy {
    #[boot]
    fn open(&self, other: Arc<NotAProvider>) {}
}

struct WrongState;

#[dig_service::provider(state = u32)]
impl WrongState {
    #[boot]
    fn open(&self, state: &String) {}
}

#[dig_service::boot]
fn outside() {}

fn main() {}
