//! The two halves of a node in modules that cannot see into each other's private items.
#![deny(warnings)]

mod node {
    #[dig_service::node]
    pub(super) struct Node;

    #[dig_service::node]
    struct Hidden;

    mod deeper {
        #[dig_service::methods]
        impl super::Hidden {
            #[rpc]
            fn get(&self) -> u8 {
                1
            }
        }
    }

    pub(super) fn hidden() -> usize {
        let _ = dig_service::Service::for_node(Hidden);
        <Hidden as dig_service::RpcApi>::methods().len()
    }
}

mod methods {
    #[dig_service::methods]
    impl crate::node::Node {
        #[rpc]
        fn get(&self) -> u8 {
            1
        }
    }
}

fn main() {
    assert_eq!(<node::Node as dig_service::RpcApi>::methods().len(), 1);
    assert_eq!(node::hidden(), 1);
}
