//! A node that `macro_rules!` makes: types come wrapped, and names have two places.
#![deny(warnings)]

use dig_service::RpcApi;

macro_rules! node {
    ($name:ident, $method:ident, $ty:ty, $opt:ty, $lit:literal, $body:block) => {
        struct $name;

        #[dig_service::node(name = $lit)]
        impl $name {
            #[rpc(name = $lit)]
            fn $method(&self, value: $ty, other: $opt) -> $ty {
                let _ = other;
                value
            }

            #[rpc]
            async fn fixed(&self) -> u8 {
                self.helper()
            }

            #[on_stop]
            fn stop(&self) $body

            fn helper(&self) -> u8 {
                1
            }
        }
    };
}

node!(Node, get, u64, Option<u8>, "named", { println!("stopped") });
node!(Borrowing, get, String, Option<&str>, "other", {});

fn main() {
    assert!(!Node::methods()[0].params()[1].is_required());
    assert_eq!(Borrowing::methods()[0].name(), "other");
    let _ = Node.get(1, None);
    let _ = Borrowing.get(String::new(), None);
}
