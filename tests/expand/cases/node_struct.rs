//! A node on a struct, and its methods.

#[dig_service::node(name = "relay", bounds(S: Clone))]
pub struct Relay<S: Send + Sync + 'static = u8>(S);

#[dig_service::methods(rename_all = "camelCase")]
impl<S: Clone + Send + Sync + 'static> Relay<S> {
    #[rpc]
    fn peer_count(&self, #[params] filter: Vec<u8>) -> usize {
        filter.len()
    }

    #[run]
    async fn work(&self) {}
}

fn main() {}
